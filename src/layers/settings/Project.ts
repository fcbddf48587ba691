/**
 * Which directory is "the project": the nearest one, from here upwards, that has a store or a repository.
 */
import { Effect, FileSystem, Path } from "effect"

const marks = [".claude-pool", ".git"]

export const findProject = (cwd: string): Effect.Effect<string, never, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const isMarked = (directory: string) =>
      Effect.map(
        Effect.forEach(marks, (mark) => Effect.orElseSucceed(fs.exists(path.join(directory, mark)), () => false)),
        (found) => found.includes(true)
      )
    const search = (directory: string): Effect.Effect<string> =>
      Effect.flatMap(isMarked(directory), (marked) => {
        const parent = path.dirname(directory)
        if (marked) return Effect.succeed(directory)
        return parent === directory ? Effect.succeed(cwd) : search(parent)
      })
    return yield* search(cwd)
  })
