/**
 * A store in a directory. One process at a time owns it and writes; others may read beside it.
 *
 * Opening is quick, however much is in it. Only where the last owner did not leave in good order, or on demand, is the
 * whole file checked first, which takes about a second for each gigabyte. What is found damaged is left as it is.
 */
import { Effect, type FileSystem, Layer, Option, type Path } from "effect"
import { versions } from "node:process"
import { StoreUnusable } from "../domain/EnvironmentFailure.ts"
import { fail, type Failure } from "../domain/Failure.ts"
import { Store } from "../services/Store.ts"
import { currentVersion } from "../services/store/Migrations.ts"
import { examine, inMemory, readable, writable } from "./store/StoreDatabase.ts"
import { createStoreFiles, mustBePrivate, storeFiles } from "./store/StoreFiles.ts"
import { own, owned, ownerOf, type StoreOwner } from "./store/StoreOwner.ts"

type FileServices = FileSystem.FileSystem | Path.Path

export interface OwnerOptions {
  readonly directory: string
  /** What others are told about this process, such as `claude-pool mcp`. */
  readonly owner: string
  /** Checks the whole file, also where the last owner left in good order. */
  readonly check?: boolean
}

export interface ReaderOptions {
  readonly directory: string
}

/** What can be told of a store without owning it. */
export interface Inspection {
  readonly exists: boolean
  readonly owner: StoreOwner | null
  readonly sqliteVersion: string
  /** 0 where nothing has been stored yet. */
  readonly schemaVersion: number
  readonly counts: Effect.Success<Store["Service"]["counts"]>
}

/** Owns the store, and makes it if there is none. Fails with `StoreOwned` while another process owns it. */
export const layer = (options: OwnerOptions): Layer.Layer<Store, Failure, FileServices> =>
  Layer.unwrap(Effect.gen(function*() {
    const { check = false, directory, owner } = options
    const files = yield* storeFiles(directory)
    yield* createStoreFiles(files)
    const { isClean } = yield* own(files, owner)
    yield* examine(files, { check: check || !isClean })
    yield* mustBePrivate(files)
    return Store.layerNoDeps({ directory }).pipe(Layer.provide(writable(files)))
  }))

/**
 * Reads the store, whether it is owned or not; every write is refused. A store that does not exist when this is opened is
 * an empty one, and stays so.
 */
export const layerReader = (options: ReaderOptions): Layer.Layer<Store, Failure, FileServices> =>
  Layer.unwrap(Effect.gen(function*() {
    const { directory } = options
    const context = yield* Effect.context<FileServices>()
    const files = yield* storeFiles(directory)
    const version = yield* examine(files, { check: false })
    if (version > 0 && version < currentVersion) {
      return yield* readOnly(directory, "it was written by an older claude-pool: a pool has to open it once")
    }

    const refuse = Effect.flatMap(
      Effect.provideContext(ownerOf(files), context),
      Option.match({
        onNone: () => readOnly(directory, "it was opened for reading"),
        onSome: (owner) => owned(directory, owner)
      })
    )
    const refused = () => refuse
    const reader = Effect.map(Store, (store) =>
      Store.of({
        ...store,
        accept: refused,
        commit: refused,
        groups: { ...store.groups, accept: refused, commit: refused },
        chains: { ...store.chains, accept: refused, commit: refused, record: refused, forget: refused },
        context: { ...store.context, set: refused, delete: refused },
        messages: { ...store.messages, send: refused, settle: refused }
      }))

    return Layer.effect(Store, reader).pipe(
      Layer.provide(Store.layerNoDeps({ directory })),
      Layer.provide(version === 0 ? inMemory(directory) : readable(files))
    )
  }))

/** Kept for as long as the layer is. */
export const layerMemory: Layer.Layer<Store, Failure> = Store.layerNoDeps({ directory: ":memory:" }).pipe(
  Layer.provide(inMemory(":memory:"))
)

/** Looks at a store, for `doctor`: nothing is created, and nobody is kept waiting. */
export const inspect = Effect.fn("StoreDirectory.inspect")(
  function*(directory: string): Effect.fn.Return<Inspection, Failure, FileServices> {
    const files = yield* storeFiles(directory)
    const version = yield* examine(files, { check: false })
    const owner = yield* ownerOf(files)
    const counts = yield* Effect.flatMap(Store, (store) => store.counts).pipe(
      Effect.provide(layerReader({ directory }))
    )
    return {
      exists: version > 0,
      owner: Option.getOrNull(owner),
      sqliteVersion: versions.sqlite ?? "unknown",
      schemaVersion: version,
      counts
    }
  }
)

const readOnly = (directory: string, detail: string) =>
  fail(new StoreUnusable({ directory, problem: "read-only", detail }))
