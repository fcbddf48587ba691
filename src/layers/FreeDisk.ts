/**
 * How much is free of the disk that a directory is on.
 */
import { Effect } from "effect"
import { statfs } from "node:fs/promises"
import { dirname } from "node:path"

/** Of a directory that does not exist yet: the one that it would be in. */
export const freeDisk = (directory: string): Effect.Effect<number | null> =>
  Effect.tryPromise(() => statfs(directory)).pipe(
    Effect.map(({ bavail, bsize }) => bavail * bsize),
    Effect.catch(() => dirname(directory) === directory ? Effect.succeed(null) : freeDisk(dirname(directory)))
  )
