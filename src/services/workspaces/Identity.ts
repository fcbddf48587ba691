/**
 * Whether a worktree is what was made: a worker could have put a link, another git directory or another branch in its
 * place, and nobody is to start anywhere else than where he is meant to be.
 */
import { Effect, FileSystem, Path } from "effect"
import type { Failure } from "../../domain/Failure.ts"
import type { Workspace } from "../../domain/Workspace.ts"
import { type Checkout, Git } from "../Git.ts"
import { placesOf } from "../git/Placing.ts"
import { plainText } from "../git/PlainFile.ts"
import { currentBranch } from "../git/Refs.ts"
import { impossible } from "./Ground.ts"

export const makeIdentity = Effect.fnUntraced(function*() {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const git = yield* Git

  const real = (place: string) => Effect.orElseSucceed(fs.realPath(place), () => null)
  const said = (file: string) => Effect.map(plainText(fs)(file), (text) => (text ?? "").trimEnd())

  /** That the directory is the worktree that is on record, whatever it stands at. Fails with `IsolationImpossible`. */
  const ofPlace = Effect.fnUntraced(function*(workspace: Workspace): Effect.fn.Return<Checkout, Failure> {
    const { gitDir, path: top, repository } = workspace
    const changed = (detail: string) => impossible(top, "changed", `it is not the worktree that was made: ${detail}`)
    const link = path.join(top, ".git")
    if ((yield* real(top)) !== top) return yield* changed("its directory is gone, or is a link")
    if ((yield* real(link)) !== link) return yield* changed("its file .git is gone, or is a link")
    if ((yield* said(link)) !== `gitdir: ${gitDir}`) return yield* changed("its file .git names another directory")
    const isOurs = (yield* real(gitDir)) === gitDir &&
      path.dirname(gitDir) === path.join(repository.common, "worktrees")
    if (!isOurs) return yield* changed(`its git directory ${gitDir} is gone, or is a link`)
    const common = path.resolve(gitDir, yield* said(path.join(gitDir, "commondir")))
    if (common !== repository.common) return yield* changed("its git directory names another repository")
    if ((yield* said(path.join(gitDir, "gitdir"))) !== link) {
      return yield* changed("its git directory names another tree")
    }
    return { repository, gitDir, workTree: top }
  })

  /** The same, and that it stands on its branch, or on none. */
  const of = Effect.fnUntraced(function*(workspace: Workspace): Effect.fn.Return<Checkout, Failure> {
    const { branch, path: top } = workspace
    const checkout = yield* ofPlace(workspace)
    const [found, there] = yield* Effect.all([currentBranch(git, checkout), placesOf(git, checkout)])
    if (found !== branch) {
      return yield* impossible(top, "changed", `it stands on ${found ?? "no branch"}, and was on ${branch ?? "none"}`)
    }
    if (there.top !== top || there.gitDir !== workspace.gitDir) {
      return yield* impossible(top, "changed", `git takes it for ${there.top}, with its own directory ${there.gitDir}`)
    }
    return checkout
  })

  return { ofPlace, of }
})

export type Identity = Effect.Success<ReturnType<typeof makeIdentity>>
