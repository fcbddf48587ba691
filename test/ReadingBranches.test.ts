/**
 * Branches, patches, worktrees and landings as they are read from the store: by a pool that has no git, and by one that only
 * reads.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { CommitId } from "../src/domain/Commit.ts"
import type { Evidence } from "../src/domain/Evidence.ts"
import type { Failure } from "../src/domain/Failure.ts"
import { Merge, MergeId } from "../src/domain/Merge.ts"
import { fromUsd } from "../src/domain/MicroUsd.ts"
import { ShuttingDown } from "../src/domain/RequestFailure.ts"
import { Task } from "../src/domain/Task.ts"
import { Holder, Workspace, WorkspaceId, WorkspaceState } from "../src/domain/Workspace.ts"
import * as StoreDirectory from "../src/layers/StoreDirectory.ts"
import { Pool } from "../src/services/Pool.ts"
import { Store } from "../src/services/Store.ts"
import { sampleGroup, sampleGroupId, sampleMember } from "./support/SampleGroup.ts"
import { at, completed, cost, sampleTask, started } from "./support/SampleTask.ts"
import { testPool } from "./support/TestPool.ts"

const commit = (digit: number) => CommitId.make(`${digit}`.repeat(40))

const workspace = (letter: string) => WorkspaceId.make(`w_${letter.repeat(16)}`)

const evidenceOf = (task: Task, patch: string, branch = `cp/${task.id}`): Evidence => ({
  isolation: "task",
  branch: {
    workspace: workspace("a"),
    branch,
    base: commit(0),
    head: commit(1),
    commits: 1,
    files: [{ path: "a.txt", change: "modified", added: 1, removed: 0 }],
    fileCount: 1,
    added: 1,
    removed: 0,
    patchHash: "0".repeat(64),
    patchChars: patch.length,
    completed: false,
    target: { branch: "main", tip: commit(0) },
    warnings: []
  },
  outside: [],
  toolCalls: 1,
  checks: [],
  verification: "unverified"
})

/** The task runs and ends, with that patch on its branch. */
const change = Effect.fnUntraced(function*(accepted: Task, patch: string, branch?: string) {
  const store = yield* Store
  const running = started(accepted)
  yield* store.commit(running)
  const end = completed(running.task, { output: "done", spend: cost(1) })
  yield* store.commit({
    ...end,
    task: new Task({ ...end.task, evidence: evidenceOf(end.task, patch, branch) }),
    patch
  })
})

const reading = Pool.layerReader({ refusal: new ShuttingDown(), owned: false, taskBudget: fromUsd(2) }).pipe(
  Layer.provideMerge(StoreDirectory.layerMemory)
)

describe("a diff", () => {
  it.effect("of a task is its patch, by pages", () =>
    Effect.gen(function*() {
      const pool = yield* Pool
      const task = yield* (yield* Store).accept(sampleTask(1))
      yield* change(task, "diff --git a b\n+one\n")
      const page = yield* pool.output(task.id, { offset: 5, limit: 5, part: "diff" })
      assert.deepStrictEqual(page, { id: task.id, offset: 5, total: 20, text: "--git", next_offset: 10 })
      assert.strictEqual((yield* pool.output(task.id, { offset: 0, limit: 9 })).text, "done")
      const { branches } = yield* pool.changes(task.id)
      assert.deepInclude(branches[0], { task: task.id, file_count: 1, target: { branch: "main", tip: commit(0) } })
    }).pipe(Effect.provide(reading)))

  it.effect("of a group is the patches of its tasks, each after a line that names it, in one piece at any page", () =>
    Effect.gen(function*() {
      const pool = yield* Pool
      const group = sampleGroup(1, 4)
      const members = [1, 2, 3, 4].map((number) => sampleMember(group, number - 1, number))
      yield* (yield* Store).groups.accept(group, members)
      const [first, second, third] = members.map(({ task }) => task)
      yield* change(first!, "diff one\n+😀\n")
      // Those two follow each other on one branch: the later patch has what the earlier one has.
      yield* change(second!, "diff two\n", "cp/shared")
      yield* change(third!, "diff two\ndiff three\n", "cp/shared")
      const whole =
        `# ${first!.id} on cp/${first!.id}: 1 file, +1 -0\ndiff one\n+😀\n# ${
          third!.id
        } on cp/shared: 1 file, +1 -0\n` +
        "diff two\ndiff three\n"
      const all = yield* pool.output(sampleGroupId(1), { offset: 0, limit: 1000, part: "diff" })
      assert.deepStrictEqual([all.text, all.total], [whole, whole.length])
      for (const limit of [1, 7, 50]) {
        let text = ""
        for (let offset: number | undefined = 0; offset !== undefined;) {
          const page: { readonly text: string; readonly next_offset?: number } = yield* pool.output(sampleGroupId(1), {
            offset,
            limit,
            part: "diff"
          })
          text += page.text
          offset = page.next_offset
        }
        assert.strictEqual(text, whole, `by ${limit}`)
      }
      assert.strictEqual((yield* pool.changes(sampleGroupId(1))).branches.length, 2)
    }).pipe(Effect.provide(reading)))

  it.effect("of what has no branch says why", () =>
    Effect.gen(function*() {
      const pool = yield* Pool
      const task = yield* (yield* Store).accept(sampleTask(1))
      const { message, reason } = yield* Effect.flip(pool.output(task.id, { offset: 0, limit: 1, part: "diff" }))
      assert.strictEqual(reason._tag, "InvalidRequest")
      assert.include(message, `${task.id} has no branch: no attempt of it has ended`)
      assert.strictEqual((yield* Effect.flip(pool.changes(sampleGroupId(1)))).reason._tag, "NotFound")
    }).pipe(Effect.provide(reading)))
})

describe("a pool without git", () => {
  const repository = { common: "/r/.git", gitDir: "/r/.git", checkout: "/r" }
  const known = new Workspace({
    id: workspace("a"),
    holder: Holder.cases.Task.make({ id: sampleTask(1).id }),
    repository,
    path: "/state/w",
    gitDir: "/r/.git/worktrees/w",
    branch: null,
    base: commit(0),
    state: WorkspaceState.cases.Kept.make({ why: "a process is inside" }),
    madeAt: at(0),
    usedAt: at(1),
    setUp: null,
    ports: [],
    rescues: []
  })
  const away = new Workspace({ ...known, id: workspace("b"), state: WorkspaceState.cases.Away.make({}) })
  const landing = new Merge({
    id: MergeId.make(`m_${"m".repeat(16)}`),
    repository,
    target: "main",
    strategy: "merge",
    before: commit(0),
    after: commit(0),
    landed: [],
    left: [],
    updated: false,
    notUpdated: null,
    undoneAt: null,
    at: at(0)
  })

  it.effect("tells of worktrees and landings what is on record, and refuses the rest", () =>
    Effect.gen(function*() {
      const pool = yield* Pool
      const store = yield* Store
      yield* store.workspaces.keep(known)
      yield* store.workspaces.keep(away)
      yield* store.merges.keep(landing)
      const { workspaces } = yield* pool.worktrees()
      assert.strictEqual(workspaces.length, 1)
      assert.deepInclude(workspaces[0], { id: known.id, state: "kept", why: "a process is inside", repository: "/r" })
      assert.strictEqual((yield* pool.worktrees({ all: true })).workspaces.length, 2)
      assert.strictEqual((yield* pool.worktree(away.id)).state, "away")
      assert.strictEqual((yield* Effect.flip(pool.worktree(workspace("c")))).reason._tag, "NotFound")
      assert.deepStrictEqual((yield* pool.merges).map(({ id }) => id), [landing.id])
      const refusals: ReadonlyArray<Effect.Effect<unknown, Failure>> = [
        pool.rescueWorktree(known.id),
        pool.pruneWorktrees({ dryRun: true }),
        pool.mergeForecast({ ids: [] }),
        pool.merge({ ids: [] }),
        pool.undoMerge(landing.id),
        pool.publication(landing.id)
      ]
      for (const refused of refusals) {
        assert.strictEqual((yield* Effect.flip(refused)).reason._tag, "ShuttingDown")
      }
    }).pipe(Effect.provide(reading)))

  it.effect("that works says what it has not got", () =>
    Effect.gen(function*() {
      const pool = yield* Pool
      const { message, reason } = yield* Effect.flip(pool.merge({ ids: [] }))
      assert.strictEqual(reason._tag, "InvalidRequest")
      assert.include(message, "this pool has no merge desk")
      assert.strictEqual((yield* Effect.flip(pool.pruneWorktrees({ dryRun: true }))).reason._tag, "InvalidRequest")
      assert.deepStrictEqual(yield* pool.worktrees(), { workspaces: [], bytes: 0 })
    }).pipe(Effect.provide(testPool())))
})
