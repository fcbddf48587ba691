/**
 * What a task is a part of, where it is not submitted for its own sake.
 */
import { Schema } from "effect"
import { ChainId } from "./ChainId.ts"
import { GroupId } from "./GroupId.ts"

export const Parent = Schema.TaggedUnion({
  /** One of a group's items; `content` is the hash of all that goes into it, by which finished work is found again. */
  Item: { id: GroupId, index: Schema.Int, content: Schema.String },
  /** The task that makes one answer of a group's. */
  Reducer: { id: GroupId },
  /** A run of a step: the first is round 1, and a loop or a recovery has more. */
  Step: { id: ChainId, step: Schema.String, round: Schema.Int }
})
export type Parent = typeof Parent.Type
