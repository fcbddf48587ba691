/**
 * The lock on the index of a worktree. A worker that was killed while its git wrote has left it: then another index is
 * made beside, and takes the place of the one that was being written.
 */
import { Effect, FileSystem, Path, Schedule } from "effect"

/** A git that is about to end is given that time. */
const looks = { times: 10, schedule: Schedule.spaced("50 millis") } as const

export const makeIndexLock = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path

  const lockIn = (gitDir: string): string => path.join(gitDir, "index.lock")
  const besideIn = (gitDir: string): string => path.join(gitDir, "index.claude-pool")

  /** Whether it is there, and stays. */
  const isLeft = (gitDir: string): Effect.Effect<boolean> => {
    const isThere = Effect.orElseSucceed(fs.exists(lockIn(gitDir)), () => false)
    return Effect.repeat(isThere, { ...looks, while: (there) => there }).pipe(Effect.andThen(isThere))
  }

  /** Where another index can be made. */
  const beside = Effect.fnUntraced(function*(gitDir: string) {
    const file = besideIn(gitDir)
    yield* Effect.forEach([file, `${file}.lock`], (name) => fs.remove(name, { force: true }), { discard: true })
    return file
  })

  /** That one is the worktree's index from now on, and is not locked. */
  const replace = Effect.fnUntraced(function*(gitDir: string) {
    yield* fs.rename(besideIn(gitDir), path.join(gitDir, "index"))
    yield* fs.remove(lockIn(gitDir), { force: true })
  })

  /** Where nobody is at work any more: the index stays as it was before the one that did not come to its end. */
  const release = Effect.fnUntraced(function*(gitDir: string) {
    if (yield* isLeft(gitDir)) yield* fs.remove(lockIn(gitDir), { force: true })
  })

  return { isLeft, beside, replace, release }
})
