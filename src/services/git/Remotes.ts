/**
 * The name of the remote that a branch goes to, read out of the repository's configuration as data: nothing in it is
 * believed to be more than a word.
 */
import { Effect, Path } from "effect"
import type { Failure } from "../../domain/Failure.ts"
import type { RepositoryPlace } from "../../domain/Workspace.ts"
import { type Git, mainCheckout } from "../Git.ts"

const plainWord = /^[a-z0-9][a-z0-9._-]{0,99}$/i

/** That of the branch, or the only one; `origin` where neither is told by a plain word. */
export const remoteOf = Effect.fnUntraced(
  function*(
    git: Git["Service"],
    repository: RepositoryPlace,
    branch: string
  ): Effect.fn.Return<string, Failure, Path.Path> {
    const path = yield* Path.Path
    const file = path.join(repository.common, "config")
    const { stdout } = yield* git.run(mainCheckout(repository), [
      "config",
      "--file",
      file,
      "--no-includes",
      "--null",
      "--list"
    ])
    const entries = stdout.split("\0").map((entry) => entry.split("\n"))
    const named = entries.find(([key]) => key === `branch.${branch}.remote`)?.[1]
    if (named !== undefined && plainWord.test(named)) return named
    const all = new Set(entries.flatMap(([key = ""]) => /^remote\.(.+)\.url$/.exec(key)?.[1] ?? []))
    const [only] = all
    return all.size === 1 && only !== undefined && plainWord.test(only) ? only : "origin"
  }
)
