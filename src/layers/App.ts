/**
 * The whole program, as layers: the pool, with as much of it as a command needs. Both surfaces stand on this file.
 */
import { Effect, type FileSystem, Layer, Option, Path } from "effect"
import type { Digest, SecureRandom } from "effect/crypto"
import type { ChildProcessSpawner } from "effect/process"
import { NoPool, StoreUnusable } from "../domain/EnvironmentFailure.ts"
import type { Failure, Reason } from "../domain/Failure.ts"
import { hostName } from "../domain/HostNote.ts"
import { needsHost, ownModeOf, type PoolMode } from "../domain/PoolMode.ts"
import type { Settings } from "../domain/Settings.ts"
import type { Clients } from "../services/Clients.ts"
import { Configuration } from "../services/Configuration.ts"
import { Machine } from "../services/Machine.ts"
import { Plans } from "../services/Plans.ts"
import { Pool } from "../services/Pool.ts"
import { elsewhere, refusalOf } from "./Elsewhere.ts"
import { userDirectory } from "./settings/UserDirectory.ts"
import { storeFiles } from "./store/StoreFiles.ts"
import { ownerOf } from "./store/StoreOwner.ts"
import * as StoreDirectory from "./StoreDirectory.ts"

/** What of the machine a pool stands on. */
export type Platform =
  | FileSystem.FileSystem
  | Path.Path
  | ChildProcessSpawner.ChildProcessSpawner
  | SecureRandom.SecureRandom
  | Digest.Digest

/** Loaded only where there is to be one: it is a third of the program. */
const ownPool = Effect.promise(() => import("./OwnPool.ts"))

const commandOf = (mode: PoolMode): string => {
  if (mode === "host") return hostName
  return `claude-pool ${mode === "coordinator" ? "mcp" : mode === "accept" ? "intake" : mode}`
}

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
        Effect.flatMap(ownPool, ({ owner }) =>
          Effect.flatMap(Pool, call).pipe(
            Effect.provide(owner("intake", settings, machine, name)),
            Effect.provideService(Machine, machine),
            Effect.provideContext(platform)
          ))
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
    const { owner, shared } = yield* ownPool
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
    const { shared } = yield* ownPool
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
