/**
 * Files that a worker may have put something else in the place of: whoever opens a pipe there waits for ever.
 */
import { Effect, type FileSystem, Option } from "effect"

/** What a file says; null: it is none, or cannot be read. */
export const plainText = (fs: FileSystem.FileSystem) => (file: string): Effect.Effect<string | null> =>
  fs.stat(file).pipe(
    Effect.flatMap(({ type }) => type === "File" ? fs.readFileString(file) : Effect.succeed(null)),
    Effect.orElseSucceed(() => null)
  )

/** What lies there itself, a link by its own kind; null: nothing. */
export const kindOf = (fs: FileSystem.FileSystem) => (place: string): Effect.Effect<FileSystem.File.Type | null> =>
  Effect.map(Effect.option(fs.lstat(place)), (info) => Option.getOrNull(Option.map(info, ({ type }) => type)))
