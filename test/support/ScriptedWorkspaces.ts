/**
 * Workspaces and an inspector that do what the test says, and note in which order they were asked.
 */
import { DateTime, Effect, Layer } from "effect"
import { ChainId } from "../../src/domain/ChainId.ts"
import { branchOf, CommitId } from "../../src/domain/Commit.ts"
import {
  type BranchEvidence,
  type Evidence,
  type ExpectationResult,
  verificationOf
} from "../../src/domain/Evidence.ts"
import type { Failure } from "../../src/domain/Failure.ts"
import type { ReviewTarget } from "../../src/domain/Review.ts"
import type { SlotId } from "../../src/domain/SlotId.ts"
import type { Task } from "../../src/domain/Task.ts"
import { TaskId } from "../../src/domain/TaskId.ts"
import { isolationOf } from "../../src/domain/TaskRequest.ts"
import { isChainId, type WorkId } from "../../src/domain/WorkId.ts"
import { Holder, Workspace, workspaceIdFrom, WorkspaceState } from "../../src/domain/Workspace.ts"
import { type Found, type Inspection, Inspector } from "../../src/services/Inspector.ts"
import { type Stay, Workspaces } from "../../src/services/Workspaces.ts"

export const commit = (letter: string): CommitId => CommitId.make(letter.repeat(40))

/** Whoever holds it, always in the same place. */
export const stayOf = (id: WorkId): Stay => {
  const repository = { common: "/repository/.git", gitDir: "/repository/.git", checkout: "/repository" }
  const path = `/workspaces/${id}`
  return {
    workspace: new Workspace({
      id: workspaceIdFrom(new TextEncoder().encode(id.slice(2).padEnd(16, "0")).slice(0, 16)),
      holder: isChainId(id)
        ? Holder.cases.Chain.make({ id: ChainId.make(id) })
        : Holder.cases.Task.make({ id: TaskId.make(id) }),
      repository,
      path,
      gitDir: `/repository/.git/worktrees/${id}`,
      branch: branchOf(id),
      base: commit("a"),
      state: WorkspaceState.cases.Ready.make({}),
      madeAt: DateTime.makeUnsafe(0),
      usedAt: DateTime.makeUnsafe(0),
      setUp: null,
      ports: [],
      rescues: []
    }),
    checkout: { repository, gitDir: `/repository/.git/worktrees/${id}`, workTree: path },
    cwd: path,
    env: { CLAUDE_POOL_PORT_0: "4000" }
  }
}

export const branchEvidence = (id: WorkId, more: Partial<BranchEvidence> = {}): BranchEvidence => ({
  workspace: stayOf(id).workspace.id,
  branch: branchOf(id),
  base: commit("a"),
  head: commit("b"),
  commits: 1,
  files: [{ path: "a.txt", change: "modified", added: 2, removed: 1 }],
  fileCount: 1,
  added: 2,
  removed: 1,
  patchHash: "c".repeat(64),
  patchChars: 5,
  completed: true,
  target: { branch: "main", tip: commit("d") },
  warnings: [],
  ...more
})

/** What is found where the script says nothing else: a branch with a commit, wherever there is a workspace. */
export const evidenceOf = (
  task: Task,
  { checks = [], outside = [], toolCalls = 0, ...branch }:
    & { readonly checks?: ReadonlyArray<ExpectationResult>; readonly outside?: ReadonlyArray<string> }
    & { readonly toolCalls?: number }
    & Partial<BranchEvidence> = {}
): Evidence => ({
  isolation: isolationOf(task.options),
  ...(isolationOf(task.options) === "shared" ? {} : { branch: branchEvidence(workOf(task), branch) }),
  outside,
  toolCalls,
  checks,
  verification: verificationOf(checks, { toolCalls, files: 1 })
})

const workOf = ({ id, options }: Task): WorkId => options.workspaceOf ?? id

type Ended = Parameters<Inspection["end"]>[0]

export interface WorkspaceScript {
  readonly enter?: (task: Task, slot: SlotId) => Effect.Effect<unknown, Failure>
  readonly begin?: (
    task: Task,
    options: { readonly unknownBefore?: boolean } | undefined
  ) => Effect.Effect<unknown, Failure>
  /** What is found; it may take its time, after what has to be kept. */
  readonly end?: (task: Task, attempt: Ended) => Effect.Effect<Evidence, Failure>
  /** Where what it is meant for stands. */
  readonly target?: (task: Task) => ReviewTarget | null
}

export const scriptedWorkspaces = (script: WorkspaceScript = {}) => {
  /** What was asked, in its order: `enter`, `begin`, `end`, `exit` and `leave`, each with whose it was. */
  const log: Array<string> = []
  const note = (what: string, id: WorkId) =>
    Effect.sync(() => {
      log.push(`${what} ${id}`)
    })
  const unused = Effect.die("not scripted")

  const workspaces = Workspaces.of({
    enter: Effect.fnUntraced(function*(task, slot) {
      yield* note("enter", task.id)
      yield* script.enter?.(task, slot) ?? Effect.void
      yield* Effect.addFinalizer(() => note("exit", task.id))
      return stayOf(workOf(task))
    }),
    ofChain: ({ id, isolation }) => Effect.as(note("ofChain", id), isolation === "chain" ? stayOf(id) : null),
    leave: (id) => note("leave", id),
    scratch: () => unused,
    live: Effect.succeed([]),
    list: () => unused,
    show: () => unused,
    rescue: () => unused,
    prune: () => unused,
    idle: Effect.void
  })

  const inspector = Inspector.of({
    begin: Effect.fnUntraced(function*(task, stay, options) {
      yield* note("begin", task.id)
      yield* script.begin?.(task, options) ?? Effect.void
      const end: Inspection["end"] = (attempt) =>
        Effect.gen(function*(): Effect.fn.Return<Found, Failure> {
          // Committed first, whoever interrupts.
          yield* Effect.uninterruptible(Effect.andThen(Effect.yieldNow, note("end", task.id)))
          const evidence = yield* script.end?.(task, attempt) ??
            Effect.succeed(evidenceOf(task, { toolCalls: attempt.toolCalls }))
          return { evidence, patch: stay === null ? null : `patch of ${task.id}` }
        })
      return { end }
    }),
    targetOf: (task) => Effect.sync(() => script.target?.(task) ?? null)
  })

  return {
    log,
    /** The same without the names, where there is but one task. */
    steps: () => log.map((line) => line.split(" ")[0]),
    layer: Layer.merge(Layer.succeed(Workspaces, workspaces), Layer.succeed(Inspector, inspector))
  }
}
