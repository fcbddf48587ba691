/**
 * The whole program with real processes of the simulator, watched over or not as its setting says.
 */
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Layer } from "effect"
import { HealthBounds, healthBounds } from "../src/domain/HealthBounds.ts"
import type { Settings } from "../src/domain/Settings.ts"
import { Pool } from "../src/services/Pool.ts"
import { Pace } from "../src/services/supervisor/Pace.ts"
import { impatient } from "./support/SupervisedSlot.ts"
import { wholeProgram } from "./support/WholeProgram.ts"

/** Why a task fails that is tried once. */
const failureOf = (prompt: string, settings: Partial<Settings>, bounds: HealthBounds = impatient) =>
  Effect.scoped(Effect.gen(function*() {
    const { layer } = yield* wholeProgram("supervised-app-")
    const hasty = layer("host", { slots: 1, maxAttempts: 1, ...settings }).pipe(
      Layer.provide(Layer.succeed(HealthBounds, bounds)),
      Layer.provide(Layer.succeed(Pace, { busy: Duration.millis(100), idle: Duration.millis(100) }))
    )
    const { error } = yield* Effect.flatMap(Pool, (pool) => pool.run({ prompt })).pipe(Effect.provide(hasty))
    return error
  }))

describe("the program", () => {
  it.live("finds a worker that hangs, long before the user's own bound", () =>
    Effect.gen(function*() {
      const error = yield* failureOf("[[tool:Read]] [[stall]]", {})
      assert.strictEqual(error?.code, "Stalled")
      assert.match(error?.message ?? "", /\(waiting-model, stream-stalled\): its processes used \d+ms of CPU/)
    }))

  it.live("ends a worker that uses more memory than a slot may", () =>
    Effect.gen(function*() {
      // Its silence counts from its last work on: between two looks of a slow machine it would be too long as well.
      const error = yield* failureOf("[[balloon:500]] [[await:never]]", { slotMemory: 400 * 2 ** 20 }, healthBounds)
      assert.strictEqual(error?.code, "MemoryExceeded")
    }))

  it.live("has only the user's own bound where nobody watches", () =>
    Effect.gen(function*() {
      const error = yield* failureOf("[[balloon:500]] [[tool:Read]] [[stall]]", {
        supervise: false,
        slotMemory: 400 * 2 ** 20,
        stallAfter: Duration.seconds(2)
      })
      assert.strictEqual(error?.code, "Stalled")
      assert.match(error?.message ?? "", /\(waiting-model, stream-stalled\); the worker was stopped/)
    }))
})
