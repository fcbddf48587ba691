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
import { rolesOf, seatsOf, type SlotProfile } from "../../src/domain/SlotProfile.ts"
import type { TaskDefaults } from "../../src/domain/TaskRequest.ts"
import * as StoreDirectory from "../../src/layers/StoreDirectory.ts"
import { Budget } from "../../src/services/Budget.ts"
import { Chains } from "../../src/services/Chains.ts"
import { type CheckCommand, type CheckEnd, Checks } from "../../src/services/Checks.ts"
import { Transcripts } from "../../src/services/claude/Transcripts.ts"
import type { ClaudeCli } from "../../src/services/ClaudeCli.ts"
import { Dispatcher } from "../../src/services/Dispatcher.ts"
import { Events } from "../../src/services/Events.ts"
import { FanOut } from "../../src/services/FanOut.ts"
import { Holds } from "../../src/services/Holds.ts"
import type { Inspector } from "../../src/services/Inspector.ts"
import { Messages } from "../../src/services/Messages.ts"
import { Pool } from "../../src/services/Pool.ts"
import { Restarts, type RestartsOptions } from "../../src/services/Restarts.ts"
import { Roster } from "../../src/services/Roster.ts"
import { Router } from "../../src/services/Router.ts"
import { SharedContext } from "../../src/services/SharedContext.ts"
import { Slots } from "../../src/services/Slots.ts"
import type { Store } from "../../src/services/Store.ts"
import * as StoreHold from "../../src/services/store/StoreHold.ts"
import type { Supervisor } from "../../src/services/Supervisor.ts"
import { Tasks } from "../../src/services/Tasks.ts"
import type { Telemetry } from "../../src/services/Telemetry.ts"
import type { Workspaces } from "../../src/services/Workspaces.ts"
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
  readonly minSlots?: number
  readonly maxSlots?: number
  readonly profiles?: ReadonlyArray<SlotProfile>
  readonly spares?: boolean
  readonly cap?: MicroUsd | null
  readonly settled?: MicroUsd
  readonly maxAttempts?: number
  readonly queueLimit?: number
  readonly resume?: boolean
  readonly maxPermissions?: Permissions
  readonly whenHeld?: RestartsOptions["whenHeld"]
  /** False: tasks are accepted, and none is run. */
  readonly dispatch?: boolean
  readonly store?: Layer.Layer<Store, Failure>
  /** In the place of the pool's own shared context, or its messages. */
  readonly told?: Layer.Layer<SharedContext> | Layer.Layer<Messages>
  /** Where tasks work apart from each other, and who looks at what they did; if nothing is said, there is none of it. */
  readonly workspaces?: Layer.Layer<Workspaces | Inspector>
  /** Is told which paths were looked at. */
  readonly look?: (path: string) => void
  readonly files?: MemoryFiles
  /** The commands of chains. */
  readonly check?: CheckScript
  /** Traces what it does; if nothing is said, nobody does. */
  readonly telemetry?: Layer.Layer<Telemetry, Failure, Store | Events>
  /** Watches over its workers; if nothing is said, nobody does. */
  readonly supervisor?: Layer.Layer<Supervisor, never, Slots | ClaudeCli | Events>
}

export type CheckScript = (check: CheckCommand) => Effect.Effect<CheckEnd, Failure>

const transcripts = ({ transcript = () => Effect.succeed(null) }: Script) =>
  Layer.succeed(Transcripts, Transcripts.of({ read: transcript, size: transcript }))

export const testPool = (options: TestPoolOptions = {}) => {
  const {
    cap = null,
    maxAttempts = 3,
    maxPermissions = "full",
    profiles = [],
    queueLimit = 1000,
    script = {},
    slots = 2,
    spares = false,
    whenHeld = "wait"
  } = options
  const files = options.files ?? memoryFiles(options.look)
  const machine = Layer.mergeAll(files.layer, Path.layer, SecureRandom.layerWebCrypto, NodeCrypto.layerDigest)
  const run = options.dispatch !== false
  const resume = options.resume ?? true

  const record = Layer.mergeAll(Budget.layer({ cap, settled: options.settled ?? fromUsd(0) }), Events.layer).pipe(
    Layer.provideMerge(Layer.mergeAll(
      options.store ?? StoreDirectory.layerMemory,
      Roster.layer(seatsOf(profiles, slots))
    ))
  )
  const holding = Restarts.layer({ whenHeld }).pipe(Layer.provideMerge(Holds.layer), Layer.provideMerge(record))
  const told = Layer.mergeAll(
    SharedContext.layer,
    Layer.fresh(Messages.layer),
    StoreHold.layer,
    options.told ?? Layer.empty,
    options.workspaces ?? Layer.empty,
    options.telemetry ?? Layer.empty
  ).pipe(Layer.provideMerge(holding))
  const tasks = Layer.unwrap(Effect.map(Roster, (roster) =>
    Tasks.layer({
      defaults,
      maxPermissions,
      maxAttempts,
      queueLimit,
      roles: run ? () => rolesOf(roster.now().map(({ settings }) => settings)) : null,
      resume,
      drainGrace: Duration.seconds(30),
      shutdownGrace: Duration.zero
    }))).pipe(Layer.provideMerge(told), Layer.provide(transcripts(script)))
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
    profiles,
    min: options.minSlots ?? 1,
    max: options.maxSlots ?? Math.max(16, slots),
    maxPermissions,
    spare: spares ? launchOf(defaults, defaults.budget) : null,
    startConcurrency: 2
  }).pipe(Layer.provideMerge(scriptedClaude(script)), Layer.provide(machine))
  // In the order of the program itself: slots are opened after the tasks are there, and so they are closed before them.
  const surface = run ? Layer.mergeAll(Pool.layer, Dispatcher.layer) : Pool.layer
  return surface.pipe(
    Layer.provideMerge(options.supervisor ?? Layer.empty),
    Layer.provideMerge(working.pipe(Layer.provideMerge(accepting)))
  )
}
