/**
 * Pools in other processes: how this one can be reached by them, and how they are reached from here. What that takes is
 * loaded where it is needed, for many commands never speak to another process.
 */
import { Effect, FileSystem, Layer, Option } from "effect"
import type { Settings } from "../domain/Settings.ts"
import type { Configuration } from "../services/Configuration.ts"
import type { Machine } from "../services/Machine.ts"
import { storeFiles } from "./store/StoreFiles.ts"
import { saidOf } from "./TaskDefaults.ts"

const poolSocket = Effect.promise(() => import("./PoolSocket.ts"))

/** Other processes can speak to the pool of this one. */
export const reachable = ({ simulate, store }: Settings, { pid, temporary }: Machine["Service"]) =>
  Layer.unwrap(Effect.map(poolSocket, (socket) => socket.serve({ store, temporary, pid, simulate })))

/** The pool that owns the store, in its own process, where it can be spoken to; `cwd` is where its tasks work. */
export const elsewhere = Effect.fnUntraced(function*(configuration: Configuration["Service"], cwd: string) {
  const { settings } = configuration
  const fs = yield* FileSystem.FileSystem
  const files = yield* storeFiles(settings.store)
  if (!(yield* Effect.orElseSucceed(fs.exists(files.socket), () => false))) return Option.none()
  const socket = yield* poolSocket
  const found = yield* socket.find(settings.store, settings.simulate)
  return Option.map(found, (it) => socket.connect(it, saidOf(configuration, cwd)))
})
