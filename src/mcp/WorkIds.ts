/**
 * The tasks, groups and chains that a call is about.
 */
import { Schema } from "effect"
import { WorkId } from "../domain/WorkId.ts"

export const WorkIds = Schema.Array(
  Schema.String.annotate({ description: "t_, g_ or c_" }).pipe(Schema.decodeTo(WorkId))
).check(Schema.makeFilter((ids) => (ids.length >= 1 && ids.length <= 50) || "must be 1 to 50 ids"))
