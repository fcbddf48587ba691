/**
 * What lies in a workspace and cannot be put into a reference: the workspace is kept for it.
 */
import { Schema } from "effect"

export class Unsavable extends Schema.TaggedError<Unsavable>()("Unsavable", {
  why: Schema.String
}) {
  override get message(): string {
    return this.why
  }
}
