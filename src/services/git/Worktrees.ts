/**
 * Worktrees of a repository: made, found, and put away without force.
 */
import { Effect, FileSystem, Path } from "effect"
import type { CommitId } from "../../domain/Commit.ts"
import { Failure } from "../../domain/Failure.ts"
import type { RepositoryPlace } from "../../domain/Workspace.ts"
import { GitFailed } from "../../domain/WorkspaceFailure.ts"
import { type Checkout, type Git, mainCheckout } from "../Git.ts"
import { embeddedRepositories } from "./Embedded.ts"
import { mendEntries } from "./Mending.ts"
import { checkOut } from "./Placing.ts"
import { plainText } from "./PlainFile.ts"
import { statusOf } from "./Status.ts"

export interface WorktreeOptions {
  /** Absolute, and nothing is there yet. */
  readonly path: string
  readonly commit: CommitId
  /** Why nobody else is to put it away: `claude-pool …`. */
  readonly reason: string
}

const broken = (repository: RepositoryPlace, detail: string, verb = "worktree add") =>
  new Failure({ reason: new GitFailed({ repository: repository.common, verb, code: null, detail }) })

/**
 * Makes a worktree that stands at a commit and on no branch, locked. To be run under the repository's lock. What is left
 * of one that was cut off is for `clearWorktree`.
 */
export const addWorktree = Effect.fnUntraced(
  function*(
    git: Git["Service"],
    repository: RepositoryPlace,
    { commit, path: top, reason }: WorktreeOptions
  ): Effect.fn.Return<Checkout, Failure, FileSystem.FileSystem | Path.Path> {
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    yield* mendEntries(repository)
    yield* git.run(mainCheckout(repository), [
      "worktree",
      "add",
      "--no-checkout",
      "--detach",
      "--lock",
      "--reason",
      reason,
      top,
      commit
    ])
    // Git names our seat, through which it was made; the worker's own git is to find the repository itself.
    const link = path.join(top, ".git")
    const gitDir = yield* fs.readFileString(link).pipe(
      Effect.map((text) => path.join(repository.common, "worktrees", path.basename(text.trim()))),
      Effect.tap((gitDir) => fs.writeFileString(link, `gitdir: ${gitDir}\n`)),
      Effect.mapError(({ message }) => broken(repository, message))
    )
    const checkout = { repository, gitDir, workTree: top }
    yield* checkOut(git, checkout, commit)
    return checkout
  }
)

export interface ListedWorktree {
  readonly path: string
  readonly head: string | null
  /** In full: `refs/heads/…`; null: it is on no branch. */
  readonly branch: string | null
  /** Null: it is not locked. */
  readonly locked: string | null
  readonly prunable: boolean
}

/** The linked worktrees that git knows of. */
export const listWorktrees = (
  git: Git["Service"],
  repository: RepositoryPlace
): Effect.Effect<ReadonlyArray<ListedWorktree>, Failure> =>
  Effect.map(
    git.run(mainCheckout(repository), ["worktree", "list", "--porcelain", "-z"]),
    ({ stdout }) =>
      stdout.split("\0\0").filter((entry) => entry !== "").slice(1).map((entry) => {
        const fields = entry.split("\0")
        const value = (name: string) => fields.find((field) => field.startsWith(`${name} `))?.slice(name.length + 1)
        return {
          path: value("worktree") ?? "",
          head: value("HEAD") ?? null,
          branch: value("branch") ?? null,
          locked: value("locked") ?? (fields.includes("locked") ? "" : null),
          prunable: fields.some((field) => field.startsWith("prunable"))
        }
      })
  )

/**
 * Puts a worktree away that has nothing to be lost, and fails with `GitFailed` where something is found. Under the lock.
 * Git's own look before it removes runs git in submodules, and goes by a file of the worktree's; so the look is ours.
 */
export const removeWorktree = Effect.fnUntraced(
  function*(git: Git["Service"], repository: RepositoryPlace, top: string): Effect.fn.Return<
    void,
    Failure,
    FileSystem.FileSystem | Path.Path
  > {
    const fs = yield* FileSystem.FileSystem
    const main = mainCheckout(repository)
    const refused = (detail: string) => broken(repository, detail, "worktree remove")
    const gitDirs = yield* gitDirsOf(repository, top)
    const [gitDir] = gitDirs
    if (gitDir === undefined || gitDirs.length > 1) {
      return yield* refused(`${top} is the worktree of ${gitDirs.length} git directories`)
    }
    if (yield* Effect.orElseSucceed(fs.exists(top), () => true)) {
      const checkout = { repository, gitDir, workTree: top }
      const [entry] = yield* statusOf(git, checkout)
      if (entry !== undefined) return yield* refused(`it has what is in no commit: ${entry.path}`)
      const [embedded] = yield* embeddedRepositories(git, checkout)
      if (embedded !== undefined) return yield* refused(`a repository lies in it: ${embedded.path}`)
    }
    yield* Effect.ignore(git.run(main, ["worktree", "unlock", top]))
    yield* git.run(main, ["worktree", "remove", "--force", top])
  }
)

/** The git directories that say of themselves that they are of the worktree there; a worker can make another one say so. */
const gitDirsOf = Effect.fnUntraced(function*(repository: RepositoryPlace, top: string) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const all = path.join(repository.common, "worktrees")
  const names = yield* Effect.orElseSucceed(fs.readDirectory(all), () => [])
  const saysSo = (gitDir: string) =>
    Effect.map(
      plainText(fs)(path.join(gitDir, "gitdir")),
      (text) => path.resolve(gitDir, (text ?? "").replace(/[\r\n]+$/, "")) === path.join(top, ".git")
    )
  return yield* Effect.filter(names.map((name) => path.join(all, name)), saysSo)
})
