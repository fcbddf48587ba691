/**
 * The end of a worktree. Whoever calls one of these has made sure of what is in it, and has the repository's lock.
 */
import { Effect, FileSystem, Path } from "effect"
import { Failure } from "../../domain/Failure.ts"
import { GitFailed } from "../../domain/WorkspaceFailure.ts"
import { type Checkout, type Git, mainCheckout } from "../Git.ts"

/**
 * Takes a worktree away in which git itself finds nothing that would be lost: it looks once more, and fails else.
 *
 * `hasRepositories`: there are others in it. Then git refuses on principle, and whoever calls has looked in its place: for
 * that there is the one force.
 */
export const takeAway = Effect.fnUntraced(
  function*(
    git: Git["Service"],
    { gitDir, repository, workTree }: Checkout,
    hasRepositories: boolean
  ): Effect.fn.Return<void, Failure, FileSystem.FileSystem | Path.Path> {
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    yield* Effect.ignore(fs.remove(path.join(gitDir, "locked"), { force: true }))
    yield* git.run(mainCheckout(repository), [
      "worktree",
      "remove",
      ...hasRepositories ? ["--force"] : [],
      workTree ?? ""
    ])
  }
)

/**
 * Clears what there is of a worktree that holds nothing: in whatever state somebody was killed who made it, or put it
 * away. Git refuses most of those states without both forces, and some of them with both: so the rest goes by hand.
 */
export const clearAway = Effect.fnUntraced(
  function*(
    git: Git["Service"],
    { gitDir, repository, workTree }: Checkout
  ): Effect.fn.Return<void, Failure, FileSystem.FileSystem | Path.Path> {
    const fs = yield* FileSystem.FileSystem
    const main = mainCheckout(repository)
    yield* Effect.ignore(git.run(main, ["worktree", "remove", "--force", "--force", workTree ?? ""]))
    const path = yield* Path.Path
    const isEntry = path.dirname(gitDir) === path.join(repository.common, "worktrees")
    const places = [...workTree === null ? [] : [workTree], ...isEntry ? [gitDir] : []]
    for (const place of places) {
      yield* fs.remove(place, { recursive: true, force: true }).pipe(Effect.mapError(({ message }) =>
        new Failure({
          reason: new GitFailed({ repository: repository.common, verb: "worktree remove", code: null, detail: message })
        })
      ))
    }
  }
)

/** Writes what the index of a checkout holds into its directory, which was deleted. */
export const refill = (git: Git["Service"], checkout: Checkout): Effect.Effect<void, Failure> =>
  Effect.asVoid(git.run(checkout, ["checkout-index", "--all", "--quiet"]))
