/**
 * A whole pool over scripted workers and a store in memory: all of the program but the machine.
 */
import { Duration, Effect, FileSystem, Layer, Path } from "effect"
import { SecureRandom } from "effect/crypto"
import type { Failure } from "../../src/domain/Failure.ts"
import { launchOf } from "../../src/domain/Launch.ts"
import { fromUsd, type MicroUsd } from "../../src/domain/MicroUsd.ts"
import type { Permissions } from "../../src/domain/Permissions.ts"
import type { TaskDefaults } from "../../src/domain/TaskRequest.ts"
import * as StoreDirectory from "../../src/layers/StoreDirectory.ts"
import { Budget } from "../../src/services/Budget.ts"
import { Dispatcher } from "../../src/services/Dispatcher.ts"
import { Events } from "../../src/services/Events.ts"
import { Pool } from "../../src/services/Pool.ts"
import { Slots } from "../../src/services/Slots.ts"
import type { Store } from "../../src/services/Store.ts"
import { Tasks } from "../../src/services/Tasks.ts"
import { type Script, scriptedClaude } from "./ScriptedClaude.ts"

export const defaults: TaskDefaults = {
  permissions: "edit",
  cwd: "/",
  inherit: "none",
  budget: fromUsd(1),
  timeout: Duration.minutes(10)
}

/** Every path but `those under `/no` is a directory. Nothing here waits for a disk, so that time stands still with the clock. */
const directories = FileSystem.layerNoop({
  stat: (path) => Effect.succeed({ type: path.startsWith("/no/") ? "File" : "Directory" } as FileSystem.File.Info)
})

export interface TestPoolOptions {
  readonly script?: Script
  readonly slots?: number
  readonly spares?: boolean
  readonly cap?: MicroUsd | null
  readonly settled?: MicroUsd
  readonly maxAttempts?: number
  readonly queueLimit?: number
  readonly resume?: boolean
  readonly maxPermissions?: Permissions
  /** False: tasks are accepted, and none is run. */
  readonly dispatch?: boolean
  readonly store?: Layer.Layer<Store, Failure>
}

export const testPool = (options: TestPoolOptions = {}) => {
  const {
    cap = null,
    maxAttempts = 3,
    maxPermissions = "full",
    queueLimit = 1000,
    script = {},
    slots = 2,
    spares = false
  } = options
  const accepting = Tasks.layer({ defaults, maxPermissions, maxAttempts, queueLimit, resume: options.resume ?? true })
    .pipe(
      Layer.provide([directories, Path.layer, SecureRandom.layerWebCrypto]),
      Layer.provideMerge([
        Budget.layer({ cap, settled: options.settled ?? fromUsd(0) }),
        Events.layer
      ]),
      Layer.provideMerge(options.store ?? StoreDirectory.layerMemory)
    )
  const working = Slots.layer({
    size: slots,
    spare: spares ? launchOf(defaults, defaults.budget) : null,
    startConcurrency: 2
  }).pipe(Layer.provideMerge(scriptedClaude(script)))
  // In the order of the program itself: slots are opened after the tasks are there, and so they are closed before them.
  const surface = options.dispatch === false ? Pool.layer : Layer.mergeAll(Pool.layer, Dispatcher.layer)
  return surface.pipe(
    Layer.provideMerge(working.pipe(Layer.provideMerge(accepting)))
  )
}
