/**
 * A whole pool over scripted workers and a store in memory: all of the program but the machine.
 */
import * as NodeCrypto from "@effect/platform-node/NodeCrypto"
import { Duration, Effect, Layer, Path } from "effect"
import { SecureRandom } from "effect/crypto"
import type { Failure } from "../../src/domain/Failure.ts"
import { launchOf } from "../../src/domain/Launch.ts"
import { fromUsd, type MicroUsd } from "../../src/domain/MicroUsd.ts"
import type { Permissions } from "../../src/domain/Permissions.ts"
import { SlotId } from "../../src/domain/SlotId.ts"
import { identitiesOf, rolesOf, type SlotProfile } from "../../src/domain/SlotProfile.ts"
import type { TaskDefaults } from "../../src/domain/TaskRequest.ts"
import * as StoreDirectory from "../../src/layers/StoreDirectory.ts"
import { Budget } from "../../src/services/Budget.ts"
import { Chains } from "../../src/services/Chains.ts"
import { type CheckCommand, type CheckEnd, Checks } from "../../src/services/Checks.ts"
import { Dispatcher } from "../../src/services/Dispatcher.ts"
import { Events } from "../../src/services/Events.ts"
import { FanOut } from "../../src/services/FanOut.ts"
import { Messages } from "../../src/services/Messages.ts"
import { Pool } from "../../src/services/Pool.ts"
import { Router } from "../../src/services/Router.ts"
import { SharedContext } from "../../src/services/SharedContext.ts"
import { Slots } from "../../src/services/Slots.ts"
import type { Store } from "../../src/services/Store.ts"
import { Tasks } from "../../src/services/Tasks.ts"
import { type MemoryFiles, memoryFiles } from "./MemoryFiles.ts"
import { type Script, scriptedClaude } from "./ScriptedClaude.ts"

export const defaults: TaskDefaults = {
  permissions: "edit",
  cwd: "/",
  inherit: "none",
  budget: fromUsd(1),
  timeout: Duration.minutes(10)
}

export interface TestPoolOptions {
  readonly script?: Script
  readonly slots?: number
  readonly profiles?: ReadonlyArray<SlotProfile>
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
  /** In the place of the pool's own shared context, or its messages. */
  readonly told?: Layer.Layer<SharedContext> | Layer.Layer<Messages>
  /** Is told which paths were looked at. */
  readonly look?: (path: string) => void
  readonly files?: MemoryFiles
  /** The commands of chains. */
  readonly check?: CheckScript
}

export type CheckScript = (check: CheckCommand) => Effect.Effect<CheckEnd, Failure>

export const testPool = (options: TestPoolOptions = {}) => {
  const {
    cap = null,
    maxAttempts = 3,
    maxPermissions = "full",
    profiles = [],
    queueLimit = 1000,
    script = {},
    slots = 2,
    spares = false
  } = options
  const files = options.files ?? memoryFiles(options.look)
  const machine = Layer.mergeAll(files.layer, Path.layer, SecureRandom.layerWebCrypto, NodeCrypto.layerDigest)
  const run = options.dispatch !== false
  const resume = options.resume ?? true
  const addresses = identitiesOf(profiles, slots).map((identity, index) => ({
    slot: SlotId.make(index + 1),
    role: identity === null ? null : identity.role
  }))

  const record = Layer.mergeAll(Budget.layer({ cap, settled: options.settled ?? fromUsd(0) }), Events.layer).pipe(
    Layer.provideMerge(options.store ?? StoreDirectory.layerMemory)
  )
  const told = Layer.mergeAll(
    SharedContext.layer,
    Messages.layer({ slots: addresses }),
    options.told ?? Layer.empty
  ).pipe(Layer.provideMerge(record))
  const tasks = Tasks.layer({
    defaults,
    maxPermissions,
    maxAttempts,
    queueLimit,
    roles: run ? rolesOf(profiles) : null,
    resume
  }).pipe(Layer.provideMerge(told))
  const wholes = Chains.layer({ run, resume: run && resume, maxPermissions, defaults }).pipe(
    Layer.provideMerge(FanOut.layer({ resume })),
    Layer.provide(
      Layer.succeed(Checks, Checks.of({ run: options.check ?? (() => Effect.die("no command is scripted")) }))
    ),
    Layer.provideMerge(tasks)
  )
  const accepting = Router.layer({ model: "haiku", budget: fromUsd(0.05) }).pipe(
    Layer.provideMerge(wholes),
    Layer.provide(machine)
  )
  const working = Slots.layer({
    size: slots,
    profiles,
    spare: spares ? launchOf(defaults, defaults.budget) : null,
    startConcurrency: 2
  }).pipe(Layer.provideMerge(scriptedClaude(script)))
  // In the order of the program itself: slots are opened after the tasks are there, and so they are closed before them.
  const surface = run ? Layer.mergeAll(Pool.layer, Dispatcher.layer) : Pool.layer
  return surface.pipe(
    Layer.provideMerge(working.pipe(Layer.provideMerge(accepting)))
  )
}
