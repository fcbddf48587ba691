/**
 * A store in a directory. One process at a time owns it and writes; others may read beside it.
 *
 * Opening is quick, however much is in it. Where the last owner did not leave in good order, the file is looked through: a
 * small one first, a large one while it is already at work; from the moment that damage is found, every call fails. What is
 * found damaged is left as it is.
 */
import { Effect, FileSystem, Layer, Option, type Path, Ref } from "effect"
import { versions } from "node:process"
import { StoreUnusable } from "../domain/EnvironmentFailure.ts"
import { fail, type Failure } from "../domain/Failure.ts"
import { Store } from "../services/Store.ts"
import { currentVersion } from "../services/store/Migrations.ts"
import { questions } from "../services/store/Verify.ts"
import { checkInBackground } from "./store/BackgroundCheck.ts"
import { sharedFileSystem } from "./store/FileSystemKind.ts"
import { folderFiles } from "./store/FolderFiles.ts"
import { backUp, dropBackups } from "./store/StoreBackup.ts"
import { corrupt, examine, inMemory, readable, type Thoroughness, writable } from "./store/StoreDatabase.ts"
import { createStoreFiles, mustBePrivate, type StoreFiles, storeFiles } from "./store/StoreFiles.ts"
import { own, owned, ownerOf, type StoreOwner } from "./store/StoreOwner.ts"

type FileServices = FileSystem.FileSystem | Path.Path

export interface OwnerOptions {
  readonly directory: string
  /** What others are told about this process, such as `claude-pool serve`. */
  readonly owner: string
  /** Checks the whole file and every row, also where the last owner left in good order, before anything else. */
  readonly check?: boolean
  /** Up to which size, in bytes, a database is looked through before it is opened. */
  readonly checkFirst?: number
}

/** As much as can be looked through within about a tenth of a second. */
const checkedFirst = 48 * 2 ** 20

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
  /** The name of the file system, where it is one that a store is not safe on; else null. */
  readonly sharedFileSystem: string | null
  /** Bytes of the database's journal: it grows for as long as somebody reads in it. */
  readonly journalBytes: number
  readonly counts: Effect.Success<Store["Service"]["counts"]>
}

/** Owns the store, and makes it if there is none. Fails with `StoreOwned` while another process owns it. */
export const layer = (options: OwnerOptions): Layer.Layer<Store, Failure, FileServices> =>
  Layer.unwrap(Effect.gen(function*() {
    const { check = false, checkFirst = checkedFirst, directory, owner } = options
    const files = yield* storeFiles(directory)
    yield* createStoreFiles(files)
    const { isClean } = yield* own(files, owner)
    const isLarge = (yield* sizeOf(files)) > checkFirst
    const version = yield* examine(files, { check: thoroughness({ check, isClean, isLarge }) })
    yield* mustBePrivate(files)
    if (version > 0 && version < currentVersion) yield* backUp(files, version)
    const context = yield* Effect.context<FileServices>()
    // A backup goes with an end in good order, and stays where its store could not be brought up.
    const isUp = yield* Ref.make(false)
    const drop = Effect.when(dropBackups(files), Ref.get(isUp))
    yield* Effect.addFinalizer(() => Effect.provideContext(drop, context))
    const store = Store.layerNoDeps({
      directory,
      folder: yield* folderFiles(files),
      ...(!check && !isClean && isLarge ? { sound: yield* soundness(files) } : {})
    })
    return Layer.tap(Layer.provide(store, writable(files)), () => Ref.set(isUp, true))
  }))

const sizeOf = Effect.fnUntraced(function*({ database }: StoreFiles) {
  const fs = yield* FileSystem.FileSystem
  return yield* Effect.orElseSucceed(Effect.map(fs.stat(database), ({ size }) => Number(size)), () => 0)
})

const thoroughness = (
  { check, isClean, isLarge }: { readonly check: boolean; readonly isClean: boolean; readonly isLarge: boolean }
): Thoroughness => check ? "whole" : isClean || isLarge ? "none" : "quick"

/** Looks through a large database while it is at work. Succeeds until damage has been found. */
const soundness = Effect.fnUntraced(function*(files: StoreFiles) {
  const sound = yield* Ref.make<Effect.Effect<void, Failure>>(Effect.void)
  yield* checkInBackground({ file: files.database, questions: questions("quick_check", currentVersion) }).pipe(
    Effect.flatMap((found) => {
      if (found === null) return Effect.void
      const failure = corrupt(files, found)
      return Effect.andThen(Ref.set(sound, failure), Effect.ignore(Effect.tapError(failure, Effect.logError)))
    }),
    Effect.forkScoped
  )
  return Effect.flatten(Ref.get(sound))
})

/**
 * Reads the store, whether it is owned or not; every write is refused. A store that does not exist when this is opened is
 * an empty one, and stays so.
 */
export const layerReader = (options: ReaderOptions): Layer.Layer<Store, Failure, FileServices> =>
  Layer.unwrap(Effect.gen(function*() {
    const { directory } = options
    const context = yield* Effect.context<FileServices>()
    const files = yield* storeFiles(directory)
    const version = yield* examine(files, { check: "none" })
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
        messages: { ...store.messages, send: refused, settle: refused },
        turns: { ...store.turns, append: refused },
        readers: { ...store.readers, acknowledge: refused },
        prune: refused
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

/** Looks at a store, for `doctor`: nothing is created, and nobody is kept waiting. With `check`, at every row of it. */
export const inspect = Effect.fn("StoreDirectory.inspect")(
  function*(
    directory: string,
    { check = false }: { readonly check?: boolean } = {}
  ): Effect.fn.Return<Inspection, Failure, FileServices> {
    const files = yield* storeFiles(directory)
    const version = yield* examine(files, { check: check ? "whole" : "none" })
    const { otherBytes } = yield* folderFiles(files)
    const owner = yield* ownerOf(files)
    const counts = yield* Effect.flatMap(Store, (store) => store.counts).pipe(
      Effect.provide(layerReader({ directory }))
    )
    return {
      exists: version > 0,
      owner: Option.getOrNull(owner),
      sqliteVersion: versions.sqlite ?? "unknown",
      schemaVersion: version,
      sharedFileSystem: yield* sharedFileSystem(directory),
      journalBytes: (yield* otherBytes).journal,
      counts
    }
  }
)

const readOnly = (directory: string, detail: string) =>
  fail(new StoreUnusable({ directory, problem: "read-only", detail }))
