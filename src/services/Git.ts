/**
 * The only one that runs `git` for the pool. A worker can write whatever it likes into a repository's configuration, so
 * nothing of that is believed: every command of ours sees a configuration of our own in its place (see `git/Seat`).
 */
import { Context, type Duration, Effect, FileSystem, Layer, Option, Path, Scope, Semaphore } from "effect"
import type { Digest } from "effect/crypto"
import { ChildProcessSpawner } from "effect/process"
import { Failure } from "../domain/Failure.ts"
import type { RepositoryPlace } from "../domain/Workspace.ts"
import { GitFailed } from "../domain/WorkspaceFailure.ts"
import { ownEnvironment, runGit, usualBytes, verbOf } from "./git/Command.ts"
import { discover } from "./git/Discovery.ts"
import { makeSeats } from "./git/Seat.ts"
import { standing } from "./git/Standing.ts"

/** One working tree of a repository, or a repository without one. */
export interface Checkout {
  readonly repository: RepositoryPlace
  /** Its own git directory. */
  readonly gitDir: string
  /** Its top; null: none, as of a bare repository. */
  readonly workTree: string | null
}

/** The checkout that work was asked for in. */
export const mainCheckout = (repository: RepositoryPlace): Checkout => ({
  repository,
  gitDir: repository.gitDir,
  workTree: repository.checkout
})

/** How one command of git is run. */
export interface GitOptions {
  /** Beside what every command of ours has; for a file of an index, or the times of a commit. */
  readonly env?: Readonly<Record<string, string>>
  readonly input?: string | Uint8Array
  /** Exit codes that are answers, beside 0. */
  readonly answers?: ReadonlyArray<number>
  /** Of what it writes, so much is kept, in bytes. Without it: all, or the command fails where that is too much. */
  readonly mostBytes?: number
  /** `bytes`: what it writes has names of files, and comes one character a byte (see `git/Names`). */
  readonly names?: "bytes"
  /** How long it may take. */
  readonly patience?: Duration.Duration
  /**
   * From the top of the working tree. A verb that writes an index, and is not one of those that go there by themselves,
   * looks only from there at the files which are as new as the index; else they are taken as unchanged from then on.
   */
  readonly inTree?: true
}

/** What a command of git has come to. */
export interface GitOutput {
  readonly exitCode: number
  readonly stdout: string
  /** How much it wrote in all, in bytes: more than is kept where it wrote too much. */
  readonly bytes: number
}

/** Where git finds what is the pool's own, and the user's. */
export interface GitLayerOptions {
  /** Where the pool keeps its own configuration of each repository. It belongs to this process alone. */
  readonly seats: string
  /** Finds the user's own file of what git ignores everywhere, once it is needed; null, or absent: there is none. */
  readonly excludes?: Effect.Effect<string | null>
  /** The user's, for `PATH`. */
  readonly env: Readonly<Record<string, string>>
  /** Waits for the lock of that file and holds it; no two processes hold it at once, and none that has ended does. */
  readonly lock: (file: string) => Effect.Effect<void, Failure, Scope.Scope>
}

export class Git extends Context.Service<Git, {
  /** The repository that a directory is in. Fails with `IsolationImpossible`. No command is run for it. */
  readonly find: (directory: string) => Effect.Effect<RepositoryPlace, Failure>
  /** Runs git in a checkout. Fails with `GitFailed` where its exit code is no answer. */
  readonly run: (
    checkout: Checkout,
    args: ReadonlyArray<string>,
    options?: GitOptions
  ) => Effect.Effect<GitOutput, Failure>
  /** A copy of a checkout's index, to be read and changed, until the scope closes. Where there is none the copy is none. */
  readonly indexCopy: (checkout: Checkout) => Effect.Effect<string, Failure, Scope.Scope>
  /** One at a time for each repository, over all processes of this machine: for whatever changes more than one ref. */
  readonly locked: (
    repository: RepositoryPlace
  ) => <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E | Failure, R>
}>()("claude-pool/services/Git") {
  static readonly layer = (options: GitLayerOptions) =>
    Layer.effect(
      this,
      Effect.gen(function*() {
        const spawner = yield* ChildProcessSpawner.ChildProcessSpawner
        const fs = yield* FileSystem.FileSystem
        const path = yield* Path.Path
        const files = yield* Effect.context<FileSystem.FileSystem | Path.Path | Digest.Digest>()
        const start = (args: ReadonlyArray<string>, env: Readonly<Record<string, string>>, git: GitOptions) =>
          runGit({
            args,
            cwd: git.inTree === true ? env["GIT_WORK_TREE"] ?? path.sep : path.sep,
            env: { ...ownEnvironment(options.env), ...env },
            git
          }).pipe(
            Effect.provideService(ChildProcessSpawner.ChildProcessSpawner, spawner)
          )
        const excludes = yield* Effect.cached(Effect.uninterruptible(options.excludes ?? Effect.succeed(null)))
        const seats = yield* makeSeats({ directory: options.seats, excludes, start })
        const turns = new Map<string, Semaphore.Semaphore>()

        const run = Effect.fn("Git.run")(function*(
          checkout: Checkout,
          args: ReadonlyArray<string>,
          git: GitOptions = {}
        ) {
          const { gitDir, repository, workTree } = checkout
          const failed = (detail: string, code: number | null = null) =>
            new Failure({
              reason: new GitFailed({
                repository: repository.checkout ?? repository.common,
                verb: verbOf(args),
                code,
                detail
              })
            })
          const wrong = yield* Effect.provideContext(standing(checkout), files)
          if (wrong !== null) return yield* failed(wrong)
          const seat = yield* Effect.provideContext(seats.of(repository), files)
          const { bytes, exitCode, stderr, stdout } = yield* start(args, {
            GIT_DIR: gitDir,
            GIT_COMMON_DIR: seat,
            ...(workTree === null ? { GIT_IMPLICIT_WORK_TREE: "0" } : { GIT_WORK_TREE: workTree }),
            ...git.env
          }, git)
          if (exitCode === null || (exitCode !== 0 && git.answers?.includes(exitCode) !== true)) {
            return yield* failed(stderr.trim().slice(-1000), exitCode)
          }
          if (git.mostBytes === undefined && bytes > usualBytes) return yield* failed(`it wrote ${bytes} bytes`)
          return { exitCode, stdout, bytes }
        })

        const indexCopy = Effect.fn("Git.indexCopy")(function*({ gitDir, repository }: Checkout) {
          const broken = ({ message }: { readonly message: string }) =>
            new Failure({
              reason: new GitFailed({ repository: repository.common, verb: "index", code: null, detail: message })
            })
          const copied = Effect.gen(function*() {
            const copy = path.join(yield* fs.makeTempDirectoryScoped({ directory: options.seats }), "index")
            const index = path.join(gitDir, "index")
            if (!(yield* fs.exists(index))) return copy
            const { mtime } = yield* fs.stat(index)
            yield* fs.copyFile(index, copy)
            // Of files as new as the index git takes nothing for granted: a copy is not to look newer than it is.
            if (Option.isSome(mtime)) yield* fs.utimes(copy, mtime.value, mtime.value)
            return copy
          })
          const wrong = yield* Effect.provideContext(standing({ gitDir, repository, workTree: null }), files)
          if (wrong !== null) return yield* broken({ message: wrong })
          yield* Effect.provideContext(seats.of(repository), files)
          return yield* Effect.mapError(copied, broken)
        })

        const locked = (repository: RepositoryPlace) => {
          const turn = turns.get(repository.common) ?? Semaphore.makeUnsafe(1)
          turns.set(repository.common, turn)
          const directory = path.join(repository.common, "claude-pool")
          const refused = (detail: string) =>
            new Failure({ reason: new GitFailed({ repository: repository.common, verb: "lock", code: null, detail }) })
          const held = Effect.gen(function*() {
            // Of a repository that is gone there is nothing to change, and nothing of it is made anew.
            if (!(yield* Effect.orElseSucceed(fs.exists(repository.common), () => true))) return
            const { common } = repository
            const wrong = yield* Effect.provideContext(standing({ repository, gitDir: common, workTree: null }), files)
            if (wrong !== null) return yield* refused(wrong)
            yield* Effect.mapError(fs.makeDirectory(directory, { recursive: true }), ({ message }) => refused(message))
            yield* options.lock(path.join(directory, "lock.db"))
          })
          // What the effect itself acquires is not the lock's to give back.
          return <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E | Failure, R> =>
            turn.withPermit(
              Effect.acquireUseRelease(
                Scope.make(),
                (scope) => Effect.andThen(Scope.provide(held, scope), effect),
                Scope.close
              )
            )
        }

        const find = Effect.fn("Git.find")((directory: string) => Effect.provideContext(discover(directory), files))
        return { find, run, indexCopy, locked }
      })
    )
}
