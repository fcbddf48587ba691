/**
 * Draining the pool, and taking work in again: its tasks by themselves, and whoever else starts work by a hold.
 */
import { Effect } from "effect"
import type { DrainOptions } from "../../domain/CallOptions.ts"
import { Holds } from "../Holds.ts"
import { Tasks } from "../Tasks.ts"

const howOn = "`claude-pool resume` takes work in again, and starts what waits; so does the next start of the pool"

export const makeDrainCalls = Effect.gen(function*() {
  const tasks = yield* Tasks
  const { lift, place } = yield* Holds

  const close = place({ cause: "drain", detail: "somebody has drained the pool", hint: howOn, probeAfter: null })

  return {
    drain: Effect.fn("Pool.drain")((options: DrainOptions = {}) => Effect.andThen(close, tasks.drain(options))),
    resume: Effect.withSpan(Effect.andThen(lift("drain"), tasks.resume), "Pool.resume")
  }
})
