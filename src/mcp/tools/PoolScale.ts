/**
 * `pool_scale`: how many workers there are at once.
 */
import { Effect, Schema } from "effect"
import { fail } from "../../domain/Failure.ts"
import { ScaleReply } from "../../domain/PoolView.ts"
import { InvalidRequest } from "../../domain/RequestFailure.ts"
import { mostSlots } from "../../domain/SlotProfile.ts"
import { Pool } from "../../services/Pool.ts"
import { replyOf, structuredTool } from "../Tool.ts"

export const PoolScale = structuredTool({
  name: "pool_scale",
  title: "Scale the pool",
  description:
    "Use when the queue is long, or workers are idle: sets how many slots there are, or changes it by so many. " +
    "Busy slots finish their task first.",
  hints: { readOnly: false, destructive: false, idempotent: false, openWorld: false },
  input: Schema.Struct({
    slots: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: mostSlots }))),
    by: Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: -mostSlots, maximum: mostSlots })))
  }),
  output: replyOf(ScaleReply.fields),
  handler: Effect.fnUntraced(function*({ by, slots }) {
    const pool = yield* Pool
    if (slots !== undefined && by === undefined) return yield* pool.setTargetSlots(slots)
    if (by === undefined || by === 0 || slots !== undefined) {
      return yield* fail(
        new InvalidRequest({
          issues: ["give slots or by, and not both"],
          hint: "slots says how many there are to be, by how many more or less"
        })
      )
    }
    return yield* by > 0 ? pool.scaleUp(by) : pool.scaleDown(-by)
  })
})
