/**
 * Pools in other processes: how this one can be reached by them, and how they are reached from here. What that takes is
 * loaded where it is needed, for many commands never speak to another process.
 */
import { Effect, FileSystem, Layer, Option, Schema } from "effect"
import metadata from "../../package.json" with { type: "json" }
import { OtherVersion, OtherWorkers, StoreOwned } from "../domain/EnvironmentFailure.ts"
import { HostNoteText } from "../domain/HostNote.ts"
import type { Settings } from "../domain/Settings.ts"
import type { Configuration } from "../services/Configuration.ts"
import type { Machine } from "../services/Machine.ts"
import * as HostLog from "./HostLog.ts"
import { poolTexts } from "./HostSettings.ts"
import { storeFiles } from "./store/StoreFiles.ts"
import type { StoreOwner } from "./store/StoreOwner.ts"
import { saidOf } from "./TaskDefaults.ts"

const { version } = metadata

const poolSocket = Effect.promise(() => import("./PoolSocket.ts"))

/** Other processes can speak to the pool of this one; `host`: it is there for nothing else. */
export const reachable = (settings: Settings, { pid, temporary }: Machine["Service"], host: boolean) =>
  Layer.unwrap(Effect.gen(function*() {
    const { serve } = yield* poolSocket
    const { simulate, store } = settings
    const { log } = yield* storeFiles(store)
    const served = serve({ store, temporary, pid, simulate, host, settings: poolTexts(settings) })
    return host ? Layer.merge(served, HostLog.layer(log)) : served
  }))

/**
 * The pool that owns the store, in its own process, where it can be spoken to; `cwd` is where its tasks work. Whoever hands
 * in no work there has no use for workers of one kind only.
 */
export const elsewhere = Effect.fnUntraced(function*(
  configuration: Configuration["Service"],
  cwd: string,
  workers: "ours" | "any" = "ours"
) {
  const { settings } = configuration
  const fs = yield* FileSystem.FileSystem
  const files = yield* storeFiles(settings.store)
  if (!(yield* Effect.orElseSucceed(fs.exists(files.socket), () => false))) return Option.none()
  const socket = yield* poolSocket
  const found = yield* socket.find(settings.store, workers === "any" ? null : settings.simulate)
  return Option.map(found, (it) => socket.connect(it, saidOf(configuration, cwd)))
})

/** Why the pool of that owner cannot be spoken to from here: it is of another kind, or nobody's but its own. */
export const refusalOf = Effect.fnUntraced(function*({ simulate, store }: Settings, { owner, pid }: StoreOwner) {
  const fs = yield* FileSystem.FileSystem
  const { socket } = yield* storeFiles(store)
  const note = yield* fs.readFileString(socket).pipe(
    Effect.flatMap(Schema.decodeEffect(HostNoteText)),
    Effect.orElseSucceed(() => null)
  )
  if (note !== null && note.pid === pid) {
    if (note.simulate !== simulate) return new OtherWorkers({ directory: store, pid, simulate: note.simulate })
    if (note.version !== version) {
      return new OtherVersion({ directory: store, pid, theirs: note.version, ours: version })
    }
  }
  return new StoreOwned({ directory: store, pid, owner })
})
