/**
 * The mark of whatever starts processes: random, noted in the store before the first of them starts, so that the next
 * pool can end what this one was killed too early for.
 */
import { Effect, FileSystem, Path } from "effect"
import { SecureRandom } from "effect/crypto"
import { Containment } from "../Containment.ts"

/** A note is a file in the user's project: only what a pool could have written there is swept. */
export const isMarker = (text: string): boolean => /^[0-9a-f]{32}$/.test(text)

/** The name of a note, in the directory of whoever has the mark. */
export const noteName = "marker"

const hex = (bytes: Uint8Array): string => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")

/**
 * A new mark, noted in a directory that is empty. When the scope closes, every process that carries it is ended, and the
 * directory goes; it stays, for the next pool to see to, where one could not be ended.
 */
export const openMarker = Effect.fnUntraced(function*(directory: string) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const containment = yield* Containment
  const marker = hex(yield* (yield* SecureRandom.SecureRandom).randomBytes(16))
  const close = Effect.flatMap(
    containment.sweep(marker),
    (isClean) => isClean ? Effect.ignore(fs.remove(directory, { recursive: true, force: true })) : Effect.void
  )
  yield* fs.makeDirectory(directory, { recursive: true, mode: 0o700 })
  yield* containment.watch(marker)
  yield* Effect.acquireRelease(fs.writeFileString(path.join(directory, noteName), marker, { mode: 0o600 }), () => close)
  return marker
})
