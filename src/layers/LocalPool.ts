/**
 * A pool in this process, on this machine, in one layer: for programs that compose it.
 */
import { Effect, Layer, Path } from "effect"
import type { Failure } from "../domain/Failure.ts"
import { defaultSettings, type Settings } from "../domain/Settings.ts"
import { Configuration } from "../services/Configuration.ts"
import { Machine } from "../services/Machine.ts"
import type { Pool } from "../services/Pool.ts"
import * as App from "./App.ts"
import * as ThisMachine from "./ThisMachine.ts"

/** Paths are absolute here, and were meant from the directory of this process. */
const configuration = (settings: Partial<Settings>) =>
  Layer.unwrap(Effect.gen(function*() {
    const { cwd } = yield* Machine
    const path = yield* Path.Path
    const store = path.resolve(cwd, settings.store ?? defaultSettings.store)
    return Configuration.layer({ ...settings, store }, cwd)
  }))

/**
 * The defaults, but for `settings`: neither variables nor settings files are read. While the layer lives it owns its store
 * and runs what is in it, and commands beside it are done by it. When it closes, it drains: tasks that run have
 * `shutdownGrace` to finish, what has not finished waits again, uncharged, for the next pool, and every worker ends.
 */
export const layer = (settings: Partial<Settings> = {}): Layer.Layer<Pool, Failure> =>
  App.layer("host", "claude-pool, as a library").pipe(
    Layer.provide(configuration(settings)),
    Layer.provide(ThisMachine.layer)
  )
