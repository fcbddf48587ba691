/**
 * A temporary directory of this pool: outside the store, because the sockets in it must have short paths. A killed pool
 * cannot remove its own, so each notes it in the store, and the next one does.
 */
import { Effect, FileSystem, Path } from "effect"
import { StoreUnusable } from "../domain/EnvironmentFailure.ts"
import { Failure } from "../domain/Failure.ts"

const prefix = "claude-pool-"

export const temporaryDirectory = Effect.fnUntraced(function*(store: string, temporary: string) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const note = path.join(store, "temporary")

  // The note is a file in the user's project: it may name only what a pool could have made.
  const isOurs = (directory: string) =>
    path.dirname(directory) === path.resolve(temporary) && path.basename(directory).startsWith(prefix)
  const removeLeftover = Effect.flatMap(
    fs.readFileString(note),
    (directory) => isOurs(directory) ? fs.remove(directory, { recursive: true, force: true }) : Effect.void
  )

  const open = Effect.gen(function*() {
    yield* Effect.ignore(removeLeftover)
    const directory = yield* fs.makeTempDirectory({ directory: path.resolve(temporary), prefix })
    yield* fs.writeFileString(note, directory, { mode: 0o600 })
    return directory
  }).pipe(
    Effect.mapError((error) =>
      new Failure({ reason: new StoreUnusable({ directory: temporary, problem: "io", detail: error.message }) })
    )
  )
  return yield* Effect.acquireRelease(
    open,
    (directory) =>
      Effect.forEach([directory, note], (each) => fs.remove(each, { recursive: true, force: true }), { discard: true })
        .pipe(
          Effect.ignore
        )
  )
})
