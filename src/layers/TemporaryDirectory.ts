/**
 * A temporary directory of this pool: outside the store, because the sockets in it must have short paths. A killed pool
 * cannot remove its own, so each notes it in the store, and the next one does.
 */
import { Effect, FileSystem, Path } from "effect"
import { SecureRandom } from "effect/crypto"
import { StoreUnusable } from "../domain/EnvironmentFailure.ts"
import { Failure } from "../domain/Failure.ts"

const prefix = "claude-pool-"

/** In bytes: a socket's path may have 103 on every system, and 30 of them are the pool's own. */
const longestPlace = 73

/** There is no other way to be sure of a short one. */
const shortPlace = "/tmp"

/** `name` is what the store calls the note. */
export const temporaryDirectory = Effect.fnUntraced(function*(store: string, temporary: string, name = "temporary") {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const random = yield* SecureRandom.SecureRandom
  const note = path.join(store, name)
  const wanted = path.resolve(temporary)
  const place = Buffer.byteLength(wanted) > longestPlace ? shortPlace : wanted

  // The note is a file in the user's project: it may name only what a pool could have made.
  const isOurs = (directory: string) => path.dirname(directory) === place && path.basename(directory).startsWith(prefix)
  const removeLeftover = Effect.flatMap(
    fs.readFileString(note),
    (directory) => isOurs(directory) ? fs.remove(directory, { recursive: true, force: true }) : Effect.void
  )

  // Noted before it is made: nothing is left of a pool that is killed in between. It has to be new, and is nobody else's.
  const open = Effect.gen(function*() {
    yield* Effect.ignore(removeLeftover)
    const own = (yield* random.uuidV4()).replaceAll("-", "").slice(0, 12)
    const directory = path.join(place, `${prefix}${own}`)
    yield* fs.writeFileString(note, directory, { mode: 0o600 })
    yield* fs.makeDirectory(directory, { mode: 0o700 })
    return directory
  }).pipe(
    Effect.mapError((error) =>
      new Failure({ reason: new StoreUnusable({ directory: place, problem: "io", detail: error.message }) })
    )
  )
  return yield* Effect.acquireRelease(
    open,
    (directory) =>
      Effect.forEach([directory, note], (each) => fs.remove(each, { recursive: true, force: true }), { discard: true })
        .pipe(Effect.ignore)
  )
})
