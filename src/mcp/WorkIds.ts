/**
 * The tasks, groups and chains that a call is about.
 */
import { Schema } from "effect"
import { WorkId } from "../domain/WorkId.ts"

export const WorkIds = Schema.Array(
  Schema.String.annotate({ description: "t_, g_ or c_" }).pipe(Schema.decodeTo(WorkId))
).check(Schema.isMinLength(1), Schema.isMaxLength(50))
