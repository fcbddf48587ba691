/**
 * The host of this store, as another process sees it and ends it.
 */
import { Effect, type FileSystem, Layer, type Path } from "effect"
import metadata from "../../package.json" with { type: "json" }
import type { DrainOptions } from "../domain/CallOptions.ts"
import type { HostNote } from "../domain/HostNote.ts"
import { Configuration } from "../services/Configuration.ts"
import { Host } from "../services/Host.ts"
import { endHost, graceOf } from "./HostEnding.ts"
import { settledWhereabouts } from "./HostPool.ts"
import * as PoolSocket from "./PoolSocket.ts"
import { storeFiles } from "./store/StoreFiles.ts"
import { owned } from "./store/StoreOwner.ts"

/** By its own words, where they are understood; one that ends meanwhile has nothing to tell. */
const drained = (note: HostNote, options: DrainOptions) =>
  note.version !== metadata.version
    ? Effect.succeed(null)
    : Effect.scoped(Effect.flatMap(PoolSocket.connection(note, {}), ({ pool }) => pool.drain(options))).pipe(
      Effect.orElseSucceed(() => null)
    )

export const layer = Layer.effect(
  Host,
  Effect.gen(function*() {
    const { settings: { drainGrace, store } } = yield* Configuration
    const context = yield* Effect.context<FileSystem.FileSystem | Path.Path>()
    const files = yield* storeFiles(store)
    return {
      stop: Effect.fn("Host.stop")(function*(options: DrainOptions) {
        const { note, owner } = yield* settledWhereabouts(files)
        if (owner === null) return null
        // Somebody's own process is theirs to end.
        if (note?.host !== true) return yield* owned(store, owner)
        const report = yield* drained(note, options)
        yield* endHost(files, note.pid, graceOf(note, drainGrace))
        return { pid: note.pid, version: note.version, report }
      }, Effect.provideContext(context))
    }
  })
)
