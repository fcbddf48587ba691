/**
 * Whether work in a directory can have a worktree, looked at without changing anything of the user's.
 */
import { Effect } from "effect"
import { Failure } from "../../domain/Failure.ts"
import { IsolationImpossible } from "../../domain/WorkspaceFailure.ts"
import { type Git, mainCheckout } from "../Git.ts"
import { filteredPaths } from "./Attributes.ts"
import { resolveCommit } from "./Refs.ts"

/** Fails with `IsolationImpossible`, which says why it cannot. */
export const footing = Effect.fnUntraced(function*(
  git: Git["Service"],
  directory: string
): Effect.fn.Return<void, Failure> {
  const checkout = mainCheckout(yield* git.find(directory))
  const head = yield* resolveCommit(git, checkout, "HEAD")
  const impossible = (cause: IsolationImpossible["cause"], detail: string) =>
    new Failure({ reason: new IsolationImpossible({ directory, cause, detail }) })
  if (head === null) return yield* impossible("no-commit", "its repository has no commit yet")
  const [filtered, ...others] = yield* filteredPaths(git, checkout, head)
  if (filtered === undefined) return
  const rest = others.length === 0 ? "" : ` and ${others.length} more`
  return yield* impossible("filters", `the filters of ${filtered}${rest} are programs, which the pool does not run`)
})
