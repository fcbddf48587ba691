/**
 * The whole program, as layers: the pool, with as much of it as a command needs. Both surfaces stand on this file.
 */
import { Duration, Effect, type FileSystem, Layer, Option, Path } from "effect"
import type { Digest, SecureRandom } from "effect/crypto"
import type { ChildProcessSpawner } from "effect/process"
import { NoPool, StoreUnusable } from "../domain/EnvironmentFailure.ts"
import type { Failure, Reason } from "../domain/Failure.ts"
import { hostName } from "../domain/HostNote.ts"
import { needsHost, ownModeOf, type OwnPoolMode, type PoolMode } from "../domain/PoolMode.ts"
import type { Settings } from "../domain/Settings.ts"
import { oneOfEach, rolesOf, type Seat, seatsOf } from "../domain/SlotProfile.ts"
import { Budget } from "../services/Budget.ts"
import { Chains } from "../services/Chains.ts"
import { tracesItself } from "../services/claude/Environment.ts"
import type { Clients } from "../services/Clients.ts"
import { Configuration } from "../services/Configuration.ts"
import { sweepLeftovers } from "../services/containment/Leftovers.ts"
import { Dispatcher } from "../services/Dispatcher.ts"
import { Events } from "../services/Events.ts"
import { FanOut } from "../services/FanOut.ts"
import { Holds } from "../services/Holds.ts"
import { Inspector } from "../services/Inspector.ts"
import { Machine } from "../services/Machine.ts"
import { MergeDesk } from "../services/MergeDesk.ts"
import { Messages } from "../services/Messages.ts"
import { Plans } from "../services/Plans.ts"
import { Pool } from "../services/Pool.ts"
import { Radar } from "../services/Radar.ts"
import { Restarts } from "../services/Restarts.ts"
import { Roster } from "../services/Roster.ts"
import { Router } from "../services/Router.ts"
import { SharedContext } from "../services/SharedContext.ts"
import { Slots, type SlotsOptions } from "../services/Slots.ts"
import { Store } from "../services/Store.ts"
import * as StoreHold from "../services/store/StoreHold.ts"
import { Tasks } from "../services/Tasks.ts"
import { elsewhere, reachable, refusalOf } from "./Elsewhere.ts"
import * as MachineProcesses from "./MachineProcesses.ts"
import * as RepositoryWorkspaces from "./RepositoryWorkspaces.ts"
import { userDirectory } from "./settings/UserDirectory.ts"
import { storeFiles } from "./store/StoreFiles.ts"
import { ownerOf } from "./store/StoreOwner.ts"
import * as StoreDirectory from "./StoreDirectory.ts"
import { supervisor } from "./Supervision.ts"
import { defaultsOf, spareOf } from "./TaskDefaults.ts"
import { temporaryDirectory } from "./TemporaryDirectory.ts"
import { checks, claudeCli, slotsIn, transcripts } from "./Workers.ts"

/** What of the machine a pool stands on. */
export type Platform =
  | FileSystem.FileSystem
  | Path.Path
  | ChildProcessSpawner.ChildProcessSpawner
  | SecureRandom.SecureRandom
  | Digest.Digest

const commandOf = (mode: PoolMode): string => {
  if (mode === "host") return hostName
  return `claude-pool ${mode === "coordinator" ? "mcp" : mode === "accept" ? "intake" : mode}`
}

/** How many slots, and who they are: who runs one task needs one slot that may take it, whichever role it asks for. */
const crew = (
  mode: OwnPoolMode,
  { maxSlots, minSlots, slotProfiles, slots }: Settings
): Pick<SlotsOptions, "profiles" | "min" | "max"> & { readonly seats: ReadonlyArray<Seat> } => {
  if (mode !== "run") {
    return { seats: seatsOf(slotProfiles, slots), profiles: slotProfiles, min: minSlots, max: maxSlots }
  }
  const profiles = oneOfEach(slotProfiles)
  return { seats: seatsOf(profiles, profiles.length), profiles, min: 1, max: profiles.length }
}

/** The store, once what a killed pool has left behind is gone. */
const ownStore = (directory: string, owner: string) =>
  Layer.effectDiscard(Effect.flatMap(Path.Path, (path) => sweepLeftovers(slotsIn(path, directory)))).pipe(
    Layer.provide(MachineProcesses.layer),
    Layer.provideMerge(StoreDirectory.layer({ directory, owner }))
  )

/** Where the pool has what git is to go by in its place of a repository's configuration. */
const seatsIn = (path: Path.Path, store: string): string => path.join(store, "git")

/** Worktrees, and what workers have done in them. */
const workspaces = (mode: OwnPoolMode, settings: Settings, machine: Machine["Service"]) =>
  Layer.unwrap(Effect.gen(function*() {
    const path = yield* Path.Path
    const { directory } = yield* Store
    const hasMany = mode === "host" || mode === "wait" || mode === "batch"
    return Inspector.layer({ own: [directory] }).pipe(
      Layer.provideMerge(RepositoryWorkspaces.workspaces(settings, machine, { hasMany, isIntake: mode === "intake" })),
      Layer.provideMerge(RepositoryWorkspaces.git(seatsIn(path, directory), machine))
    )
  }))

/** Loaded only where it is on: the exporter takes time to load. */
const telemetry = (url: string, env: Machine["Service"]["env"], workersTrace: boolean) =>
  Layer.unwrap(Effect.map(
    Effect.promise(() => import("./OtlpTelemetry.ts")),
    (exporter) => exporter.layer({ url, env, workersTrace })
  ))

/** The longest that a check of a landing may take. */
const landingCheck = Duration.minutes(30)

const mergeDesk = Layer.unwrap(Effect.map(Tasks, (tasks) =>
  MergeDesk.layer({
    checkTimeout: landingCheck,
    submit: (request) => Effect.map(tasks.submit(request), ({ id }) => id)
  })))

/** A pool that owns its store. */
const owner = (mode: OwnPoolMode, settings: Settings, machine: Machine["Service"], name: string) => {
  const defaults = defaultsOf(settings, machine.cwd)
  const commands = checks(settings, machine)
  const isIntake = mode === "intake"
  // Who runs work of his own does not want to wait, or to pay, for what others have left in the queue.
  const resume = mode === "host" || mode === "wait"
  const workersTrace = settings.otlp !== null && tracesItself(machine.env)
  const { seats, ...sizes } = crew(mode, settings)

  const store = ownStore(settings.store, name)
  const budget = Layer.unwrap(Effect.gen(function*() {
    const { cost } = yield* (yield* Store).spent
    return Budget.layer({ cap: settings.poolBudgetUsd, settled: cost })
  }))
  const record = Layer.mergeAll(budget, Events.layer).pipe(Layer.provideMerge(store))
  // A person who waits for a command does not wait for a login.
  const whenHeld = mode === "run" || mode === "batch" ? "fail" : "wait"
  const holding = Restarts.layer({ whenHeld }).pipe(Layer.provideMerge(Holds.layer), Layer.provideMerge(record))
  const traced = settings.otlp === null || isIntake
    ? holding
    : telemetry(settings.otlp, machine.env, workersTrace).pipe(Layer.provideMerge(holding))
  const told = Layer.mergeAll(SharedContext.layer, Messages.layer, StoreHold.layer).pipe(
    Layer.provideMerge(Layer.mergeAll(traced, Roster.layer(seats)))
  )
  const placed = workspaces(mode, settings, machine).pipe(Layer.provide(commands), Layer.provideMerge(told))
  const tasks = Layer.unwrap(Effect.map(Roster, (roster) =>
    Tasks.layer({
      defaults,
      maxPermissions: settings.maxPermissions,
      maxAttempts: settings.maxAttempts,
      queueLimit: settings.queueLimit,
      roles: isIntake ? null : () => rolesOf(roster.now().map((seat) => seat.settings)),
      resume: resume || isIntake,
      drainGrace: settings.drainGrace,
      shutdownGrace: settings.shutdownGrace
    }))).pipe(Layer.provideMerge(placed), Layer.provide(transcripts(settings)))
  const wholes = Chains.layer({ run: !isIntake, resume, maxPermissions: settings.maxPermissions, defaults }).pipe(
    Layer.provideMerge(FanOut.layer({ resume: resume || isIntake })),
    Layer.provide(commands),
    Layer.provideMerge(tasks)
  )
  const desk = mergeDesk.pipe(Layer.provide(commands), Layer.provideMerge(wholes))
  const router = Router.layer({ model: settings.routerModel, budget: settings.routerBudgetUsd })
  const accepting = router.pipe(Layer.provideMerge(desk))
  if (isIntake) return Pool.layer.pipe(Layer.provide(accepting))

  const slots = Slots.layer({
    ...sizes,
    maxPermissions: settings.maxPermissions,
    spare: mode === "host" ? spareOf(settings, defaults, workersTrace) : null,
    startConcurrency: settings.startConcurrency ?? machine.cores
  })
  const claude = Layer.unwrap(Effect.gen(function*() {
    const { directory } = yield* Store
    return claudeCli(settings, yield* temporaryDirectory(directory, machine.temporary))
  }))
  return Layer.mergeAll(Pool.layer, Dispatcher.layer).pipe(
    Layer.provide(Radar.layer()),
    Layer.provide(supervisor(settings, resume)),
    Layer.provide(slots),
    Layer.provide(claude),
    Layer.provide(accepting)
  )
}

/** The same, and other processes reach it. */
const shared = (mode: OwnPoolMode, settings: Settings, machine: Machine["Service"], name: string) =>
  Layer.provideMerge(reachable(settings, machine, name === hostName), owner(mode, settings, machine, name))

/** A pool that reads the store, whoever owns it; what it refuses where nobody does, it refuses with `unowned`. */
const reader = (settings: Settings, unowned?: Reason) =>
  Layer.unwrap(Effect.gen(function*() {
    const directory = settings.store
    const found = yield* Effect.flatMap(storeFiles(directory), ownerOf)
    const refusal: Reason = Option.isSome(found)
      ? yield* refusalOf(settings, found.value)
      : unowned ?? new StoreUnusable({ directory, problem: "read-only", detail: "it was opened for reading" })
    return Pool.layerReader({ refusal, owned: Option.isSome(found), taskBudget: settings.taskBudgetUsd })
  })).pipe(Layer.provide(StoreDirectory.layerReader({ directory: settings.store })))

/** The say over the pool that runs. Where none does there is nothing to say, but the store itself can still be pruned. */
const control = (configuration: Configuration["Service"], machine: Machine["Service"], name: string) => {
  const { settings } = configuration
  const directory = settings.store
  const idle = Layer.effect(
    Pool,
    Effect.gen(function*() {
      const looking = yield* Pool
      const platform = yield* Effect.context<Platform>()
      /** For one call, a pool of its own that runs nothing. */
      const asOwner = <A>(call: (pool: Pool["Service"]) => Effect.Effect<A, Failure>): Effect.Effect<A, Failure> =>
        Effect.flatMap(Pool, call).pipe(
          Effect.provide(owner("intake", settings, machine, name)),
          Effect.provideService(Machine, machine),
          Effect.provideContext(platform)
        )
      return Pool.of({
        ...looking,
        prune: (options) => asOwner((pool) => pool.prune(options)),
        worktree: (id) => asOwner((pool) => pool.worktree(id)),
        rescueWorktree: (id) => asOwner((pool) => pool.rescueWorktree(id)),
        pruneWorktrees: (options) => asOwner((pool) => pool.pruneWorktrees(options)),
        mergeForecast: (request) => asOwner((pool) => pool.mergeForecast(request)),
        merge: (request) => asOwner((pool) => pool.merge(request)),
        undoMerge: (id) => asOwner((pool) => pool.undoMerge(id)),
        publication: (id) => asOwner((pool) => pool.publication(id))
      })
    })
  ).pipe(Layer.provide(reader(settings, new NoPool({ directory }))))
  return Layer.unwrap(Effect.gen(function*() {
    const there = yield* elsewhere(configuration, machine.cwd, "any")
    if (Option.isSome(there)) return there.value
    const found = yield* Effect.flatMap(storeFiles(directory), ownerOf)
    return Option.isNone(found) ? idle : reader(settings)
  }))
}

/** The pool of the host; what that takes is loaded where it is needed. */
const hosted = (configuration: Configuration["Service"], machine: Machine["Service"], mode: PoolMode) =>
  Layer.unwrap(
    Effect.map(
      Effect.promise(() => import("./HostPool.ts")),
      ({ layer, layerForPerson }) =>
        mode === "run" || mode === "batch"
          ? layerForPerson(configuration, machine)
          : layer(configuration, machine, mode !== "accept")
    )
  )

/** `name` is what others are told who find the store in use. */
export const layer = (
  mode: PoolMode,
  name = commandOf(mode)
): Layer.Layer<Pool, Failure, Configuration | Machine | Platform> =>
  Layer.unwrap(Effect.gen(function*() {
    const configuration = yield* Configuration
    const { settings } = configuration
    const machine = yield* Machine
    const ownMode = ownModeOf(mode)
    if (mode === "control") return control(configuration, machine, "claude-pool")
    if (ownMode === null) return reader(settings)
    // A worker must not start what outlives it.
    if (needsHost(mode) && !settings.inProcess && !machine.isWorker) {
      const all = hosted(configuration, machine, mode)
      return mode === "wait" ? insteadOf(all, Effect.succeed(reader(settings))) : all
    }
    // Who runs work of his own is gone as soon as that is done: nobody else is to rely on him.
    if (ownMode === "host") return shared(ownMode, settings, machine, name)
    if (mode === "wait") return insteadOf(shared(mode, settings, machine, name), Effect.succeed(reader(settings)))
    const own = owner(ownMode, settings, machine, name)
    const there = elsewhere(configuration, machine.cwd)
    const found = yield* there
    return Option.isSome(found) ? found.value : insteadOf(own, Effect.flatMap(there, Effect.fromOption))
  }))

/** The pool of the process that has it for all, and who is connected to it. */
export const host: Layer.Layer<Pool | Clients, Failure, Configuration | Machine | Platform> = Layer.unwrap(
  Effect.gen(function*() {
    const { settings } = yield* Configuration
    return shared("host", settings, yield* Machine, hostName)
  })
)

/** Another layer, where the store is in use; where there is no other one, the failure says by whom. */
const insteadOf = <R, R2, E2, R3>(
  own: Layer.Layer<Pool, Failure, R>,
  other: Effect.Effect<Layer.Layer<Pool, Failure, R2>, E2, R3>
) =>
  Layer.catchTag(own, "Failure", (failure) =>
    failure.reason._tag === "StoreOwned"
      ? Layer.unwrap(Effect.orElseSucceed(other, () => Layer.effect(Pool, failure)))
      : Layer.effect(Pool, failure))

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
