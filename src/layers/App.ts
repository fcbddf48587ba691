/**
 * The whole program, as layers: the pool, with as much of it as a command needs. Both surfaces stand on this file.
 */
import { Effect, type FileSystem, Layer, Option, Path } from "effect"
import type { Digest, SecureRandom } from "effect/crypto"
import type { ChildProcessSpawner } from "effect/process"
import { fileURLToPath } from "node:url"
import { StoreOwned, StoreUnusable } from "../domain/EnvironmentFailure.ts"
import type { Failure, Reason } from "../domain/Failure.ts"
import { launchOf } from "../domain/Launch.ts"
import type { PoolMode } from "../domain/PoolMode.ts"
import type { Settings } from "../domain/Settings.ts"
import { SlotId } from "../domain/SlotId.ts"
import { identitiesOf, rolesOf } from "../domain/SlotProfile.ts"
import type { TaskDefaults } from "../domain/TaskRequest.ts"
import { Budget } from "../services/Budget.ts"
import { Chains } from "../services/Chains.ts"
import { Checks } from "../services/Checks.ts"
import { ClaudeCli } from "../services/ClaudeCli.ts"
import { Configuration } from "../services/Configuration.ts"
import { Containment } from "../services/Containment.ts"
import { Dispatcher } from "../services/Dispatcher.ts"
import { Doctor } from "../services/Doctor.ts"
import { Events } from "../services/Events.ts"
import { FanOut } from "../services/FanOut.ts"
import { Machine } from "../services/Machine.ts"
import { Messages } from "../services/Messages.ts"
import type { SlotAddress } from "../services/messages/Addressing.ts"
import { Plans } from "../services/Plans.ts"
import { Pool } from "../services/Pool.ts"
import { Router } from "../services/Router.ts"
import { SharedContext } from "../services/SharedContext.ts"
import { Slots, type SlotsOptions } from "../services/Slots.ts"
import { Store } from "../services/Store.ts"
import { Tasks } from "../services/Tasks.ts"
import { userDirectory } from "./settings/UserDirectory.ts"
import { storeFiles } from "./store/StoreFiles.ts"
import { ownerOf } from "./store/StoreOwner.ts"
import * as StoreDirectory from "./StoreDirectory.ts"
import { temporaryDirectory } from "./TemporaryDirectory.ts"

type Platform =
  | FileSystem.FileSystem
  | Path.Path
  | ChildProcessSpawner.ChildProcessSpawner
  | SecureRandom.SecureRandom
  | Digest.Digest

/** The simulator lies beside the bundle, and one folder up from this source. */
const simulator = fileURLToPath(
  new URL(import.meta.url.endsWith(".ts") ? "../simulator.ts" : "./simulator.js", import.meta.url)
)

const definedIn = (env: Machine["Service"]["env"]): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(env).flatMap(([name, value]) => value === undefined ? [] : [[name, value]]))

/** `temporary` is where the slots' temporary directories are. */
const claudeCli = (settings: Settings, temporary: string) =>
  Layer.unwrap(Effect.gen(function*() {
    const machine = yield* Machine
    const path = yield* Path.Path
    const env = settings.simulate
      ? { CLAUDE_POOL_SIMULATOR_STATE: path.join(temporary, "simulator-state"), ...definedIn(machine.env) }
      : definedIn(machine.env)
    return ClaudeCli.layer({
      named: settings.claude,
      standIn: settings.simulate ? [machine.node, simulator] : null,
      env,
      home: machine.home,
      platform: machine.platform,
      passEnv: settings.simulate ? [...settings.passEnv, ...simulatorVariables(env)] : settings.passEnv,
      directories: {
        slots: path.join(settings.store, "slots"),
        sessions: path.join(settings.store, "sessions"),
        temporary
      },
      stallAfter: settings.stallAfter,
      figuresWithin: settings.shutdownGrace
    }).pipe(Layer.provide(Containment.layer))
  }))

const simulatorVariables = (env: Readonly<Record<string, string>>): ReadonlyArray<string> =>
  Object.keys(env).filter((name) => name.startsWith("CLAUDE_POOL_SIMULATOR"))

const defaultsOf = (settings: Settings, cwd: string): TaskDefaults => ({
  permissions: settings.permissions,
  cwd,
  inherit: settings.inherit,
  budget: settings.taskBudgetUsd,
  timeout: settings.timeout,
  ...(settings.model === null ? {} : { model: settings.model }),
  ...(settings.effort === null ? {} : { effort: settings.effort }),
  ...(settings.fallbackModel === null ? {} : { fallbackModel: settings.fallbackModel }),
  ...(settings.maxTurns === null ? {} : { maxTurns: settings.maxTurns })
})

const commandOf = (mode: PoolMode): string => `claude-pool ${mode === "host" ? "mcp" : mode}`

/** How many slots, and who they are: who runs one task needs one slot that may take it, whichever role it asks for. */
const crew = (mode: PoolMode, { slotProfiles, slots }: Settings): Pick<SlotsOptions, "size" | "profiles"> => {
  if (mode !== "run") return { size: slots, profiles: slotProfiles }
  const profiles = rolesOf(slotProfiles).map((role) => ({ role }))
  return { size: profiles.length + 1, profiles }
}

/** Where messages can be sent: every slot that there will be. */
const addressesOf = ({ profiles, size }: ReturnType<typeof crew>): ReadonlyArray<SlotAddress> =>
  identitiesOf(profiles, size).map((identity, index) => ({
    slot: SlotId.make(index + 1),
    role: identity === null ? null : identity.role
  }))

/** The commands of chains: they see no more of the user's environment than a shell needs. */
const checks = ({ passEnv }: Settings, { env }: Machine["Service"]) =>
  Checks.layer({ env: definedIn(env), passEnv }).pipe(Layer.provide(Containment.layer))

/** A pool that owns its store. */
const owner = (mode: PoolMode, settings: Settings, machine: Machine["Service"], name: string) => {
  const defaults = defaultsOf(settings, machine.cwd)
  const isIntake = mode === "intake"
  // Who runs work of his own does not want to wait, or to pay, for what others have left in the queue.
  const resume = mode === "host" || mode === "wait"
  const slotsOf = crew(mode, settings)

  const store = StoreDirectory.layer({ directory: settings.store, owner: name })
  const budget = Layer.unwrap(Effect.gen(function*() {
    const { cost } = yield* (yield* Store).spent
    return Budget.layer({ cap: settings.poolBudgetUsd, settled: cost })
  }))
  const record = Layer.mergeAll(budget, Events.layer).pipe(Layer.provideMerge(store))
  const told = Layer.mergeAll(SharedContext.layer, Messages.layer({ slots: addressesOf(slotsOf) })).pipe(
    Layer.provideMerge(record)
  )
  const tasks = Tasks.layer({
    defaults,
    maxPermissions: settings.maxPermissions,
    maxAttempts: settings.maxAttempts,
    queueLimit: settings.queueLimit,
    roles: isIntake ? null : rolesOf(settings.slotProfiles),
    resume: resume || isIntake
  }).pipe(Layer.provideMerge(told))
  const wholes = Chains.layer({ run: !isIntake, resume, maxPermissions: settings.maxPermissions, defaults }).pipe(
    Layer.provideMerge(FanOut.layer({ resume: resume || isIntake })),
    Layer.provide(checks(settings, machine)),
    Layer.provideMerge(tasks)
  )
  const router = Router.layer({ model: settings.routerModel, budget: settings.routerBudgetUsd })
  const accepting = router.pipe(Layer.provideMerge(wholes))
  if (isIntake) return Pool.layer.pipe(Layer.provide(accepting))

  const slots = Slots.layer({
    ...slotsOf,
    spare: mode === "host" && settings.hotSpares ? launchOf(defaults, defaults.budget) : null,
    startConcurrency: settings.startConcurrency ?? machine.cores
  })
  const claude = Layer.unwrap(Effect.gen(function*() {
    const { directory } = yield* Store
    return claudeCli(settings, yield* temporaryDirectory(directory, machine.temporary))
  }))
  return Layer.mergeAll(Pool.layer, Dispatcher.layer).pipe(
    Layer.provide(slots),
    Layer.provide(claude),
    Layer.provide(accepting)
  )
}

/** A pool that reads the store, whoever owns it. */
const reader = (settings: Settings) =>
  Layer.unwrap(Effect.gen(function*() {
    const directory = settings.store
    const found = yield* Effect.flatMap(storeFiles(directory), ownerOf)
    const refusal: Reason = Option.match(found, {
      onNone: () => new StoreUnusable({ directory, problem: "read-only", detail: "it was opened for reading" }),
      onSome: ({ owner, pid }) => new StoreOwned({ directory, pid, owner })
    })
    return Pool.layerReader({ refusal, owned: Option.isSome(found), taskBudget: settings.taskBudgetUsd })
  })).pipe(Layer.provide(StoreDirectory.layerReader({ directory: settings.store })))

/** `name` is what others are told who find the store in use. */
export const layer = (
  mode: PoolMode,
  name = commandOf(mode)
): Layer.Layer<Pool, Failure, Configuration | Machine | Platform> =>
  Layer.unwrap(Effect.gen(function*() {
    const { settings } = yield* Configuration
    const machine = yield* Machine
    if (mode === "reader") return reader(settings)
    const own = owner(mode, settings, machine, name)
    return mode === "wait"
      ? Layer.catchTag(
        own,
        "Failure",
        (failure) => failure.reason._tag === "StoreOwned" ? reader(settings) : Layer.effect(Pool, failure)
      )
      : own
  }))

/** The plans that there are here: the project's, the user's, and those that come with the program. */
export const plans: Layer.Layer<Plans, never, Configuration | Machine | FileSystem.FileSystem | Path.Path> = Layer
  .unwrap(Effect.gen(function*() {
    const path = yield* Path.Path
    const { project } = yield* Configuration
    return Plans.layer([
      { origin: "project", path: path.join(project, ".claude-pool", "plans") },
      { origin: "user", path: path.join(userDirectory(path, yield* Machine), "plans") }
    ])
  }))

export const doctor: Layer.Layer<Doctor, Failure, Configuration | Machine | Platform> = Layer.unwrap(
  Effect.gen(function*() {
    const { settings } = yield* Configuration
    const machine = yield* Machine
    const context = yield* Effect.context<FileSystem.FileSystem | Path.Path>()
    const inspectStore = (directory: string) => Effect.provideContext(StoreDirectory.inspect(directory), context)
    return Doctor.layer({ inspectStore }).pipe(Layer.provide(claudeCli(settings, machine.temporary)))
  })
)
