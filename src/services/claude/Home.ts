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

export interface Directories {
  /** Where the slots' configuration directories are. */
  readonly slots: string
  /** Where the transcripts of all sessions are kept. */
  readonly sessions: string
  /** Where the slots' temporary directories are: short, for the CLI makes sockets there. */
  readonly temporary: string
}

/** The note is a file in the user's project: only what a pool could have written there is swept. */
const isMarker = /^[0-9a-f]{32}$/

const hex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")

export const openHome = Effect.fn("ClaudeCli.home")(function*(directories: Directories, slot: SlotId) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const containment = yield* Containment
  const random = yield* SecureRandom.SecureRandom

  const own = path.join(directories.slots, formatSlotId(slot))
  const home: SlotHome = {
    config: path.join(own, "config"),
    temporary: path.join(directories.temporary, formatSlotId(slot)),
    marker: hex(yield* random.randomBytes(16))
  }
  const make = (directory: string) => fs.makeDirectory(directory, { recursive: true, mode: 0o700 })
  const clear = (directory: string) => fs.remove(directory, { recursive: true, force: true })
  const emptied = Effect.forEach([own, home.temporary], clear, { discard: true })

  const note = path.join(own, "marker")
  const sweepLeftover = Effect.flatMap(
    fs.readFileString(note),
    (marker) => isMarker.test(marker) ? containment.sweep(marker) : Effect.void
  )

  const open = Effect.gen(function*() {
    // What a killed pool has left behind is ended and not taken over.
    yield* Effect.ignore(sweepLeftover)
    yield* emptied
    yield* Effect.forEach([directories.sessions, home.config, home.temporary], make, { discard: true })
    yield* fs.writeFileString(note, home.marker, { mode: 0o600 })
    yield* fs.symlink(directories.sessions, path.join(home.config, "projects"))
  }).pipe(
    Effect.mapError((error) =>
      new Failure({ reason: new StoreUnusable({ directory: directories.slots, problem: "io", detail: error.message }) })
    )
  )
  const close = Effect.andThen(containment.sweep(home.marker), Effect.ignore(emptied))
  yield* Effect.acquireRelease(open, () => close)
  return home
})
