/**
 * Repositories to work on, made with plain git, in a directory that goes with the test.
 */
import { NodeServices } from "@effect/platform-node"
import * as NodeCrypto from "@effect/platform-node/NodeCrypto"
import { Effect, FileSystem, Layer, Path, type Scope } from "effect"
import { execFileSync } from "node:child_process"
import type { CommitId } from "../../src/domain/Commit.ts"
import type { Failure } from "../../src/domain/Failure.ts"
import { lockFile } from "../../src/layers/RepositoryLock.ts"
import { type Checkout, Git, mainCheckout } from "../../src/services/Git.ts"
import { resolveCommit } from "../../src/services/git/Refs.ts"
import { addWorktree } from "../../src/services/git/Worktrees.ts"

const who = {
  GIT_AUTHOR_NAME: "Ada",
  GIT_AUTHOR_EMAIL: "ada@example.org",
  GIT_COMMITTER_NAME: "Ada",
  GIT_COMMITTER_EMAIL: "ada@example.org"
}

/** Of git 2.47 and later, a commit else leaves a process in the checkout, which looks what there is to tidy up. */
export const leavesNothing = {
  GIT_CONFIG_COUNT: "1",
  GIT_CONFIG_KEY_0: "maintenance.auto",
  GIT_CONFIG_VALUE_0: "false"
}

/** As a user or a worker runs it: with the repository's own configuration, and none of this machine's. */
export const plainGit = (cwd: string, ...args: ReadonlyArray<string>): string =>
  execFileSync("git", args, {
    cwd,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      PATH: process.env["PATH"],
      HOME: cwd,
      LC_ALL: "C",
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_CONFIG_GLOBAL: "/dev/null",
      ...leavesNothing,
      ...who
    }
  })

export type Files = Readonly<Record<string, string>>

/** Writes files below a directory, and their folders. */
export const writeFiles = Effect.fnUntraced(function*(directory: string, files: Files) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  for (const [name, text] of Object.entries(files)) {
    yield* fs.makeDirectory(path.dirname(path.join(directory, name)), { recursive: true })
    yield* fs.writeFileString(path.join(directory, name), text)
  }
})

/** A directory for a test, by its real name; it goes with the scope. */
export const workDirectory = Effect.flatMap(
  FileSystem.FileSystem,
  (fs) => Effect.flatMap(fs.makeTempDirectoryScoped({ prefix: "cp-git-" }), (made) => fs.realPath(made))
)

/** A repository with one commit of these files, on `main`. */
export const makeRepository = Effect.fnUntraced(function*(directory: string, files: Files = { "a.txt": "one\n" }) {
  const fs = yield* FileSystem.FileSystem
  yield* fs.makeDirectory(directory, { recursive: true })
  plainGit(directory, "init", "-q", "-b", "main")
  yield* writeFiles(directory, files)
  plainGit(directory, "add", "-A")
  plainGit(directory, "commit", "-q", "-m", "the first")
  return directory
})

/** The pool's git, with its seats in a directory of the test's. */
export const gitLayer = (seats: string) => gitLayerWith({ seats })

/** The same, with what the user's own git ignores everywhere, and a `git` that is looked for elsewhere. */
export const gitLayerWith = (options: { readonly seats: string; readonly excludes?: string; readonly path?: string }) =>
  Git.layer({
    seats: options.seats,
    env: { PATH: options.path ?? process.env["PATH"] ?? "" },
    lock: lockFile,
    ...(options.excludes === undefined ? {} : { excludes: Effect.succeed(options.excludes) })
  }).pipe(Layer.provideMerge(Layer.merge(NodeServices.layer, NodeCrypto.layerDigest)))

/** A repository with one commit, in a directory of the test's, and the pool's git. */
export const inRepository = <A, E>(
  use: (place: {
    readonly directory: string
    readonly repository: string
    readonly main: Checkout
    readonly base: CommitId
    readonly git: Git["Service"]
  }) => Effect.Effect<A, E, Git | FileSystem.FileSystem | Path.Path | Scope.Scope>,
  files?: Files
) =>
  Effect.gen(function*() {
    const directory = yield* workDirectory
    const repository = yield* makeRepository(`${directory}/repository`, files)
    const used = Effect.gen(function*() {
      const git = yield* Git
      const main = mainCheckout(yield* git.find(repository))
      const base = (yield* resolveCommit(git, main, "HEAD"))!
      return yield* use({ directory, repository, main, base, git })
    })
    return yield* Effect.provide(used, gitLayer(`${directory}/seats`))
  }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))

/** A worktree of it that the pool has made. */
export const makeWorktree = (git: Git["Service"], main: Checkout, path: string, commit: CommitId) =>
  git.locked(main.repository)(addWorktree(git, main.repository, { path, commit, reason: "claude-pool test" }))

/** Why something failed: the reason's tag, and its cause or its verb. */
export const reasonOf = <A, R>(effect: Effect.Effect<A, Failure, R>): Effect.Effect<string, never, R> =>
  Effect.match(effect, {
    onSuccess: () => "it did not fail",
    onFailure: ({ reason }) =>
      reason._tag === "IsolationImpossible"
        ? `${reason._tag} ${reason.cause}`
        : reason._tag === "GitFailed"
        ? `${reason._tag} ${reason.verb}`
        : reason._tag
  })
