/**
 * Where somebody was killed who made a worktree, git may have begun a file and not written it; and from then on it fails in
 * every worktree of that repository that looks at the others, for everybody. What it was going to write is known: so it is
 * written, and what else is left of that worktree waits for its owner. To be run under the repository's lock.
 */
import { Effect, FileSystem, Path } from "effect"
import type { RepositoryPlace } from "../../domain/Workspace.ts"

export const mendEntries = Effect.fnUntraced(
  function*({ common }: RepositoryPlace): Effect.fn.Return<void, never, FileSystem.FileSystem | Path.Path> {
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const entries = path.join(common, "worktrees")
    const names = yield* Effect.orElseSucceed(fs.readDirectory(entries), (): ReadonlyArray<string> => [])
    const mend = Effect.fnUntraced(function*(name: string) {
      const file = path.join(entries, name, "commondir")
      const { size, type } = yield* fs.lstat(file)
      // A link leads elsewhere, and a pipe has no size either.
      if (type === "File" && Number(size) === 0) yield* fs.writeFileString(file, "../..\n")
    })
    yield* Effect.forEach(names, (name) => Effect.ignore(mend(name)), { concurrency: 16, discard: true })
  }
)
