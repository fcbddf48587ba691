/**
 * Whole directories: what they take on the disk, and copies of them.
 */
import { Effect } from "effect"
import { constants } from "node:fs"
import { cp, lstat, readdir } from "node:fs/promises"
import { join } from "node:path"

const blockBytes = 512

/** How many entries are looked at between two looks of others at what they wait for. */
const atOnce = 64

const bytesOf = async (place: string): Promise<number> =>
  lstat(place).then(({ blocks }) => blocks * blockBytes, () => 0)

/** In bytes; links are not followed, and what cannot be seen counts as nothing. */
export const diskUse = (directory: string): Effect.Effect<number> =>
  Effect.gen(function*() {
    const below = [directory]
    let bytes = yield* Effect.promise(() => bytesOf(directory))
    for (let next = below.pop(); next !== undefined; next = below.pop()) {
      const place = next
      const entries = yield* Effect.promise(() => readdir(place, { withFileTypes: true }).catch(() => []))
      for (const entry of entries) if (entry.isDirectory()) below.push(join(place, entry.name))
      const sizes = yield* Effect.forEach(
        entries,
        ({ name }) => Effect.promise(() => bytesOf(join(place, name))),
        { concurrency: atOnce }
      )
      bytes += sizes.reduce((sum, size) => sum + size, 0)
    }
    return bytes
  })

/** By reference where the disk can do that, with modes and times; links are copied as they are. Nothing is there yet. */
export const copyTree = (from: string, to: string): Effect.Effect<void, string> =>
  Effect.tryPromise({
    try: () =>
      cp(from, to, {
        recursive: true,
        force: false,
        errorOnExist: true,
        verbatimSymlinks: true,
        preserveTimestamps: true,
        mode: constants.COPYFILE_FICLONE
      }),
    catch: String
  })
