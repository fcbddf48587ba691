/**
 * The whole program with real processes of the simulator, watched over or not as its setting says.
 */
import * as NodeCrypto from "@effect/platform-node/NodeCrypto"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Layer } from "effect"
import { mkdirSync } from "node:fs"
import { join } from "node:path"
import { HealthBounds } from "../src/domain/HealthBounds.ts"
import type { Settings } from "../src/domain/Settings.ts"
import * as App from "../src/layers/App.ts"
import { Configuration } from "../src/services/Configuration.ts"
import { Machine } from "../src/services/Machine.ts"
import { Pool } from "../src/services/Pool.ts"
import { Pace } from "../src/services/supervisor/Pace.ts"
import { Census } from "./support/Census.ts"
import { impatient } from "./support/SupervisedSlot.ts"
import { testMachine } from "./support/TestMachine.ts"

/** Why a task fails that is tried once. */
const failureOf = (prompt: string, settings: Partial<Settings>) =>
  Effect.scoped(Effect.gen(function*() {
    const directory = yield* Census.directory("supervised-app-")
    const project = join(directory, "project")
    mkdirSync(project)
    const common = { simulate: true, store: join(directory, "store"), slots: 1, hotSpares: false, maxAttempts: 1 }
    const layer = App.layer("host").pipe(
      Layer.provide([
        Configuration.layer({ ...common, ...settings }, project),
        Machine.layer({
          ...testMachine,
          env: { PATH: "/usr/local/bin:/usr/bin:/bin" },
          home: directory,
          cwd: project,
          temporary: join(directory, "tmp"),
          node: process.execPath
        }),
        NodeServices.layer,
        NodeCrypto.layerSecureRandom,
        NodeCrypto.layerDigest
      ]),
      Layer.provide(Layer.succeed(HealthBounds, impatient)),
      Layer.provide(Layer.succeed(Pace, { busy: Duration.millis(100), idle: Duration.millis(100) }))
    )
    mkdirSync(join(directory, "tmp"))
    const { error } = yield* Effect.flatMap(Pool, (pool) => pool.run({ prompt })).pipe(Effect.provide(layer))
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
      const error = yield* failureOf("[[balloon:500]] [[await:never]]", { slotMemory: 400 * 2 ** 20 })
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
