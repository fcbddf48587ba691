/**
 * A task at work in a worktree of a real repository, and the inspector that looks at it.
 */
import { NodeServices } from "@effect/platform-node"
import { assert } from "@effect/vitest"
import { Effect, type FileSystem, Layer, Path, type Scope } from "effect"
import { type Digest, SecureRandom } from "effect/crypto"
import { ChainId } from "../../src/domain/ChainId.ts"
import { branchOf, branchRef, type CommitId, rescueRef } from "../../src/domain/Commit.ts"
import type { Expect } from "../../src/domain/Expect.ts"
import { idBytes } from "../../src/domain/RandomId.ts"
import type { Task } from "../../src/domain/Task.ts"
import { Holder, Workspace, workspaceIdFrom, WorkspaceState } from "../../src/domain/Workspace.ts"
import * as MachineContainment from "../../src/layers/MachineContainment.ts"
import { Checks } from "../../src/services/Checks.ts"
import type { Answer } from "../../src/services/ClaudeCli.ts"
import { type Checkout, Git, mainCheckout } from "../../src/services/Git.ts"
import { attach } from "../../src/services/git/Placing.ts"
import { moveRef, resolveCommit } from "../../src/services/git/Refs.ts"
import { addWorktree } from "../../src/services/git/Worktrees.ts"
import { type Found, type Inspection, Inspector } from "../../src/services/Inspector.ts"
import type { Stay } from "../../src/services/Workspaces.ts"
import { type Files, gitLayer, makeRepository, plainGit, workDirectory } from "./Repositories.ts"
import { at, sampleTask } from "./SampleTask.ts"

export const answer: Answer = { output: "done", model: null, denials: [] }

export interface Place {
  readonly directory: string
  /** The user's own checkout. */
  readonly repository: string
  /** The top of the worktree. */
  readonly top: string
  readonly task: Task
  readonly stay: Stay
  readonly base: CommitId
}

export interface PlaceOptions {
  readonly files?: Files
  readonly expect?: Expect
  /** The directory that the task was asked for in, from the top. */
  readonly within?: string
  /** The repository has no checkout. */
  readonly isBare?: boolean
  /** Several work in it. */
  readonly isChain?: boolean
}

export type Needs = Inspector | Git | Digest.Digest | FileSystem.FileSystem | Path.Path | Scope.Scope

/** By the test's hand what the workspaces do: a worktree on the task's branch. */
const makePlace = Effect.fnUntraced(function*(directory: string, options: PlaceOptions) {
  const git = yield* Git
  const path = yield* Path.Path
  const made = yield* makeRepository(path.join(directory, "repository"), options.files)
  const repository = options.isBare === true ? path.join(directory, "bare.git") : made
  if (options.isBare === true) plainGit(directory, "clone", "-q", "--bare", made, repository)
  const place = yield* git.find(repository)
  const base = (yield* resolveCommit(git, mainCheckout(place), "HEAD"))!
  const task = sampleTask(1, {
    options: {
      cwd: repository,
      isolation: options.isChain === true ? "chain" : "task",
      ...(options.expect === undefined ? {} : { expect: options.expect })
    }
  })
  const top = path.join(directory, "worktree")
  const checkout: Checkout = yield* git.locked(place)(
    addWorktree(git, place, { path: top, commit: base, reason: "claude-pool test" })
  )
  yield* moveRef(git, checkout, { ref: branchRef(branchOf(task.id)), to: base, from: null })
  yield* attach(git, checkout, branchOf(task.id))
  const workspace = new Workspace({
    id: workspaceIdFrom(new Uint8Array(idBytes)),
    holder: options.isChain === true
      ? Holder.cases.Chain.make({ id: ChainId.make("c_0000000000000001") })
      : Holder.cases.Task.make({ id: task.id }),
    repository: place,
    path: top,
    gitDir: checkout.gitDir,
    branch: branchOf(task.id),
    base,
    state: WorkspaceState.cases.Ready.make({}),
    madeAt: at(0),
    usedAt: at(0),
    setUp: null,
    ports: [],
    rescues: []
  })
  const stay: Stay = { workspace, checkout, cwd: path.join(top, options.within ?? ""), env: { PORT: "4000" } }
  return { directory, repository, top, task, stay, base } satisfies Place
})

const inspector = (directory: string) =>
  Inspector.layer({ own: [`${directory}/repository/store`] }).pipe(
    Layer.provide(Checks.layer({
      env: { PATH: process.env["PATH"] ?? "" },
      passEnv: [],
      directory: `${directory}/checks`
    })),
    Layer.provide(MachineContainment.layerMarkerSweep),
    Layer.provide([NodeServices.layer, SecureRandom.layerWebCrypto]),
    Layer.provideMerge(gitLayer(`${directory}/seats`))
  )

/** A test in a place of its own. */
export const inPlace = <A, E>(
  use: (place: Place) => Effect.Effect<A, E, Needs>,
  options: PlaceOptions = {}
) =>
  Effect.gen(function*() {
    const directory = yield* workDirectory
    return yield* Effect.provide(
      Effect.scoped(Effect.flatMap(makePlace(directory, options), use)),
      inspector(directory)
    )
  }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))

export const begin = ({ stay, task }: Place): Effect.Effect<Inspection, unknown, Inspector> =>
  Effect.flatMap(Inspector, (service) => service.begin(task, stay))

/** A whole attempt: the worker does that, and says that all is well. */
export const afterWork = (
  place: Place,
  work: () => void | Effect.Effect<void, unknown, FileSystem.FileSystem | Path.Path>,
  attempt: { readonly answer: Answer | null; readonly toolCalls: number } = { answer, toolCalls: 1 }
): Effect.Effect<Found, unknown, Needs> =>
  Effect.gen(function*() {
    const inspection = yield* begin(place)
    yield* Effect.suspend(() => work() ?? Effect.void)
    return yield* inspection.end(attempt)
  })

/** What is there of a branch, as plain git shows it. */
export const inTop = ({ top }: Place) => (...args: ReadonlyArray<string>): string => plainGit(top, ...args).trim()

export const commitAll = ({ top }: Place, message: string): void => {
  plainGit(top, "add", "-A")
  plainGit(top, "commit", "-q", "-m", message)
}

export const branchOfPlace = ({ task }: Place): string => branchOf(task.id)

/** On its branch, with nothing left to commit and nothing under way. */
export const isSettled = (place: Place): void => {
  const git = inTop(place)
  assert.strictEqual(git("symbolic-ref", "HEAD"), `refs/heads/${branchOfPlace(place)}`)
  assert.strictEqual(git("status", "--porcelain"), "")
  assert.notMatch(plainGit(place.top, "status"), /rebase|merging|cherry-pick|conclude/i)
}

export const rescueOf = ({ stay }: Place, number = 1): string => rescueRef(stay.workspace.id, number)
