/**
 * The directories of a slot: a configuration directory of its own, so that workers do not share state, with the sessions
 * of all slots linked into it, so that any slot can go on with any session.
 */
import { Effect, FileSystem, Path } from "effect"
import { SecureRandom } from "effect/crypto"
import { StoreUnusable } from "../../domain/EnvironmentFailure.ts"
import { Failure } from "../../domain/Failure.ts"
import { formatSlotId, type SlotId } from "../../domain/SlotId.ts"
import type { SlotHome } from "../ClaudeCli.ts"
import { Containment } from "../Containment.ts"
import { isMarker, noteName, openMarker } from "../containment/Marker.ts"

export interface Directories {
  /** Where the slots' configuration directories are. */
  readonly slots: string
  /** Where the transcripts of all sessions are kept. */
  readonly sessions: string
  /** Where the slots' temporary directories are: short, for the CLI makes sockets there. */
  readonly temporary: string
}

export const openHome = Effect.fn("ClaudeCli.home")(
  function*(directories: Directories, slot: SlotId) {
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const containment = yield* Containment

    const own = path.join(directories.slots, formatSlotId(slot))
    const config = path.join(own, "config")
    const temporary = path.join(directories.temporary, formatSlotId(slot))
    const make = (directory: string) => fs.makeDirectory(directory, { recursive: true, mode: 0o700 })
    const clear = (directory: string) => fs.remove(directory, { recursive: true, force: true })

    // What was left behind here is ended and not taken over.
    yield* fs.readFileString(path.join(own, noteName)).pipe(
      Effect.flatMap((marker) => isMarker(marker) ? containment.sweep(marker) : Effect.void),
      Effect.ignore
    )
    yield* Effect.forEach([own, temporary], clear, { discard: true })
    // Made before the mark, and so removed after every process that may be at work in it has been ended.
    yield* Effect.acquireRelease(make(temporary), () => Effect.ignore(clear(temporary)))
    const marker = yield* openMarker(own)
    yield* Effect.forEach([directories.sessions, config], make, { discard: true })
    yield* fs.symlink(directories.sessions, path.join(config, "projects"))
    return { config, temporary, marker } satisfies SlotHome as SlotHome
  },
  (open, directories) =>
    Effect.mapError(
      open,
      ({ message }) =>
        new Failure({ reason: new StoreUnusable({ directory: directories.slots, problem: "io", detail: message }) })
    )
)

/**
 * A temporary directory of one worker, in that of its slot: the CLI leaves files in there that nobody would remove as long
 * as the slot is open. Removed after the worker, in whose scope this is to be made before it is started.
 */
export const openTemporary = Effect.fnUntraced(function*(home: SlotHome) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const name = (yield* (yield* SecureRandom.SecureRandom).uuidV4()).slice(0, 8)
  const temporary = path.join(home.temporary, name)
  yield* Effect.acquireRelease(
    fs.makeDirectory(temporary, { mode: 0o700 }),
    () => Effect.ignore(fs.remove(temporary, { recursive: true, force: true }))
  ).pipe(
    Effect.mapError(({ message }) =>
      new Failure({ reason: new StoreUnusable({ directory: home.temporary, problem: "io", detail: message }) })
    )
  )
  return temporary
})
