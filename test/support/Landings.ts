/**
 * A merge desk over a real repository, with a store in memory, and finished tasks whose branches were made with plain git.
 */
import { Context, Duration, Effect, FileSystem, Layer, Path } from "effect"
import { SecureRandom } from "effect/crypto"
import { spawnSync } from "node:child_process"
import { mkdirSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { branchOf, CommitId } from "../../src/domain/Commit.ts"
import type { BranchEvidence, Evidence } from "../../src/domain/Evidence.ts"
import { Failure } from "../../src/domain/Failure.ts"
import { TimedOut } from "../../src/domain/LimitFailure.ts"
import { Spend } from "../../src/domain/Spend.ts"
import { Task, TaskState } from "../../src/domain/Task.ts"
import type { TaskId } from "../../src/domain/TaskId.ts"
import type { AcceptedOptions, TaskRequest } from "../../src/domain/TaskRequest.ts"
import { TaskResult } from "../../src/domain/TaskResult.ts"
import { type RepositoryPlace, workspaceIdFrom } from "../../src/domain/Workspace.ts"
import * as StoreDirectory from "../../src/layers/StoreDirectory.ts"
import { Checks } from "../../src/services/Checks.ts"
import { Events } from "../../src/services/Events.ts"
import { Git } from "../../src/services/Git.ts"
import { addWorktree } from "../../src/services/git/Worktrees.ts"
import { MergeDesk } from "../../src/services/MergeDesk.ts"
import { Store } from "../../src/services/Store.ts"
import { Workspaces } from "../../src/services/Workspaces.ts"
import { type Files, gitLayer, makeRepository, plainGit, workDirectory } from "./Repositories.ts"
import { at, sampleId, sampleTask } from "./SampleTask.ts"

/** Null: the file is deleted. */
export type Edits = Readonly<Record<string, string | Uint8Array | null>>

const hash = "0".repeat(64)

/** Writes and deletes files, and commits all that there is. */
export const commitEdits = (top: string, edits: Edits, message = "edited"): string => {
  for (const [name, text] of Object.entries(edits)) {
    const file = join(top, name)
    if (text === null) rmSync(file)
    else {
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, text)
    }
  }
  plainGit(top, "add", "-A")
  plainGit(top, "commit", "-q", "--allow-empty", "-m", message)
  return plainGit(top, "rev-parse", "HEAD").trim()
}

/** Makes a branch from `main`, or from another place, and leaves `main` checked out. */
export const makeBranch = (
  repository: string,
  branch: string,
  edits: ReadonlyArray<Edits> | Edits,
  from = "main"
): string => {
  plainGit(repository, "checkout", "-q", "-b", branch, from)
  const all = Array.isArray(edits) ? edits as ReadonlyArray<Edits> : [edits as Edits]
  for (const [index, each] of all.entries()) commitEdits(repository, each, `edit ${index + 1} of ${branch}`)
  const head = plainGit(repository, "rev-parse", "HEAD").trim()
  plainGit(repository, "checkout", "-q", "main")
  return head
}

export interface Finished {
  readonly options?: Partial<AcceptedOptions>
  readonly approved?: boolean
  readonly evidence?: Partial<BranchEvidence>
  readonly verification?: Evidence["verification"]
  readonly branch?: string
  readonly parent?: Task["parent"]
}

/** A finished task whose work is on its branch, as it stands. */
export const finishedTask = (repository: string, number: number, more: Finished = {}): Task => {
  const id = sampleId(number)
  const branch = more.branch ?? branchOf(id)
  const [main, head] = plainGit(repository, "rev-parse", "main", branch).trim().split("\n").map((commit) =>
    CommitId.make(commit)
  ) as [CommitId, CommitId]
  const result = new TaskResult({ summary: "", outputChars: 0, session: null, model: null, denials: [], hash })
  return new Task({
    ...sampleTask(number, { options: { cwd: repository, isolation: "task", ...more.options } }),
    parent: more.parent ?? null,
    state: TaskState.cases.Done.make({
      finishedAt: at(number),
      result,
      ...(more.approved === true ? { approval: { at: at(number), hash, note: "" } } : {})
    }),
    evidence: {
      isolation: "task",
      branch: {
        workspace: workspaceIdFrom(Uint8Array.from({ length: 16 }, () => number)),
        branch,
        base: main,
        head,
        commits: 1,
        files: [],
        fileCount: 1,
        added: 1,
        removed: 0,
        patchHash: hash,
        patchChars: 0,
        completed: false,
        target: { branch: "main", tip: main },
        warnings: [],
        ...more.evidence
      },
      outside: [],
      toolCalls: 1,
      checks: [],
      verification: more.verification ?? "unverified"
    },
    spend: Spend.zero
  })
}

export interface Desk {
  readonly directory: string
  readonly repository: string
  /** Makes a branch with these edits, and its finished task. */
  readonly finish: (number: number, edits: ReadonlyArray<Edits> | Edits, more?: Finished) => Effect.Effect<TaskId>
  /** The tasks that were handed out. */
  readonly handedOut: ReadonlyArray<TaskRequest>
  /** The commands that were run as checks, with what they ended with. */
  readonly ran: ReadonlyArray<string>
  /** How many times a landing is kept before the pool is ended in the middle of the next time; nothing is run after it. */
  readonly life: { keeps: number }
}

/** The store of a pool that is ended while it writes of a landing. */
const mortal = (life: Desk["life"]) =>
  Layer.effect(
    Store,
    Effect.map(Store, (store) => {
      const keep: typeof store.merges.keep = (merge) =>
        Effect.suspend(() => life.keeps-- === 0 ? Effect.die("the pool was ended") : store.merges.keep(merge))
      return Store.of({ ...store, merges: { ...store.merges, keep } })
    })
  ).pipe(Layer.provide(StoreDirectory.layerMemory))

/** A check that is never over. */
export const endless = "sleep infinity"

/** Commands on a plain shell; their own rules are tried elsewhere. */
const plainChecks = (ran: Array<string>) =>
  Layer.succeed(Checks, {
    run: ({ command, cwd, timeout }) =>
      command === endless ?
        Effect.fail(new Failure({ reason: new TimedOut({ after: timeout ?? Duration.infinity }) })) :
        Effect.sync(() => {
          const { output, status } = spawnSync("sh", ["-c", command], { cwd, encoding: "utf8" })
          ran.push(`${command}: ${status}`)
          return { exitCode: status, output: output.join(""), chars: 0 }
        })
  })

/** Worktrees that are thrown away; nothing else of the contract is asked for. */
const scratchOnly = (directory: string) =>
  Layer.effect(
    Workspaces,
    Effect.gen(function*() {
      const git = yield* Git
      const fs = yield* FileSystem.FileSystem
      const path = yield* Path.Path
      const scratch: Workspaces["Service"]["scratch"] = (repository: RepositoryPlace, commit, holder) =>
        Effect.gen(function*() {
          const top = join(directory, `scratch-${holder}`)
          // Git takes it away with the last one in it.
          mkdirSync(join(repository.common, "worktrees"), { recursive: true })
          const checkout = yield* Effect.acquireRelease(
            git.locked(repository)(addWorktree(git, repository, { path: top, commit, reason: "claude-pool test" })),
            () =>
              Effect.sync(() => {
                plainGit(repository.common, "worktree", "unlock", top)
                plainGit(repository.common, "worktree", "remove", "--force", top)
              })
          )
          return { checkout, cwd: top, env: {} } as Effect.Success<ReturnType<Workspaces["Service"]["scratch"]>>
        }).pipe(Effect.provideService(FileSystem.FileSystem, fs), Effect.provideService(Path.Path, path))
      return Layer.mock(Workspaces, { scratch })
    }).pipe(Effect.flatMap((mock) => Effect.map(Layer.build(mock), Context.get(Workspaces))))
  )

/** A test at a desk of its own. */
export const atDesk = <A, E>(
  use: (desk: Desk) => Effect.Effect<A, E, MergeDesk | Store | Git | Events | FileSystem.FileSystem | Path.Path>,
  files?: Files
) =>
  Effect.gen(function*() {
    const directory = yield* workDirectory
    const repository = yield* makeRepository(join(directory, "repository"), files)
    const ran: Array<string> = []
    const handedOut: Array<TaskRequest> = []
    const life = { keeps: Infinity }
    const base = Layer.mergeAll(
      gitLayer(join(directory, "seats")),
      mortal(life),
      Events.layer,
      SecureRandom.layerWebCrypto,
      plainChecks(ran)
    )
    const layer = MergeDesk.layer({
      checkTimeout: Duration.minutes(1),
      submit: (request) => Effect.sync(() => sampleId(900 + handedOut.push(request)))
    }).pipe(Layer.provideMerge(scratchOnly(directory)), Layer.provideMerge(base))
    return yield* Effect.provide(
      Effect.gen(function*() {
        const store = yield* Store
        const finish = (number: number, edits: ReadonlyArray<Edits> | Edits, more: Finished = {}) =>
          Effect.gen(function*() {
            if (more.branch === undefined) makeBranch(repository, branchOf(sampleId(number)), edits)
            const task = finishedTask(repository, number, more)
            return (yield* store.accept(task)).id
          }).pipe(Effect.orDie)
        return yield* use({ directory, repository, finish, handedOut, ran, life })
      }),
      layer
    )
  }).pipe(Effect.scoped, Effect.provide(gitLayer("/dev/null/none")))

export const lines = (count: number, change: (line: number) => string | null = (line) => `line ${line}`): string =>
  Array.from({ length: count }, (_, index) => change(index + 1)).filter((line) => line !== null).map((line) =>
    `${line}\n`
  ).join("")
