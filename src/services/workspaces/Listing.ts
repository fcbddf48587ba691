/**
 * Workspaces as surfaces show them: all of them by their records and what they take on disk, one of them with what lies in
 * it. What git ignores in it counts as bytes alone: it is no work, and goes with the directory.
 */
import { Effect } from "effect"
import { branchRef } from "../../domain/Commit.ts"
import type { Failure } from "../../domain/Failure.ts"
import { viewWorkspace, type Workspace, type WorkspaceView, type WorktreesReply } from "../../domain/Workspace.ts"
import { Git, mainCheckout } from "../Git.ts"
import { countCommits, resolveCommit } from "../git/Refs.ts"
import { statusOf } from "../git/Status.ts"
import { Store } from "../Store.ts"
import type { WorkspacesMachine } from "./Options.ts"

export interface Listing {
  /** Without those that are put away, unless all are asked for. */
  readonly list: (options?: { readonly all?: boolean }) => Effect.Effect<WorktreesReply, Failure>
  /** One of them, with what is not committed in it, and how many commits its branch has. */
  readonly show: (workspace: Workspace) => Effect.Effect<WorkspaceView, Failure>
}

/** A number that cannot be had is not shown; nobody is kept from seeing the rest. */
const counted = <Name extends string>(name: Name, count: Effect.Effect<number | null, Failure>) =>
  count.pipe(
    Effect.orElseSucceed(() => null),
    Effect.map((number) => number === null ? {} : { [name]: number } as { readonly [K in Name]: number })
  )

export const makeListing = Effect.fnUntraced(function*(diskUse: WorkspacesMachine["diskUse"]) {
  const git = yield* Git
  const store = yield* Store

  const sized = Effect.fnUntraced(function*(workspace: Workspace) {
    if (workspace.state._tag === "Away") return viewWorkspace(workspace)
    return { ...viewWorkspace(workspace), bytes: yield* diskUse(workspace.path) }
  })

  return {
    list: Effect.fn("Workspaces.list")(function*({ all = false }: { readonly all?: boolean } = {}) {
      const workspaces = yield* store.workspaces.all
      const shown = workspaces.filter(({ state }) => all || state._tag !== "Away")
      const views = yield* Effect.forEach(shown, sized, { concurrency: 4 })
      return { workspaces: views, bytes: views.reduce((sum, { bytes = 0 }) => sum + bytes, 0) }
    }),
    show: Effect.fnUntraced(function*(workspace: Workspace) {
      const { base, branch, gitDir, path: top, repository, state } = workspace
      const main = mainCheckout(repository)
      const uncommitted = state._tag === "Away"
        ? Effect.succeed(null)
        : Effect.map(statusOf(git, { repository, gitDir, workTree: top }), (entries) => entries.length)
      const commits = Effect.gen(function*() {
        const tip = branch === null ? null : yield* resolveCommit(git, main, branchRef(branch))
        return tip === null ? null : yield* countCommits(git, main, base, tip)
      })
      return {
        ...yield* sized(workspace),
        ...yield* counted("uncommitted", uncommitted),
        ...yield* counted("commits", commits)
      }
    })
  } satisfies Listing as Listing
})
