/**
 * What follows from the evidence: what an answer is worth, what an approval is given for, what is shown, and what of it is
 * found again after a crash.
 */
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Deferred, Effect, Option } from "effect"
import { createHash } from "node:crypto"
import type { ExpectationResult } from "../src/domain/Evidence.ts"
import { Failure } from "../src/domain/Failure.ts"
import type { SessionId } from "../src/domain/SessionId.ts"
import { SlotId } from "../src/domain/SlotId.ts"
import type { Task } from "../src/domain/Task.ts"
import type { TaskRequest } from "../src/domain/TaskRequest.ts"
import { viewTask } from "../src/domain/TaskView.ts"
import { Holder, Workspace, workspaceIdFrom, WorkspaceState } from "../src/domain/Workspace.ts"
import { GitFailed } from "../src/domain/WorkspaceFailure.ts"
import { Store } from "../src/services/Store.ts"
import { Tasks } from "../src/services/Tasks.ts"
import { killablePools } from "./support/KillablePools.ts"
import { answer, type Script, StartedWorkers } from "./support/ScriptedClaude.ts"
import { commit, evidenceOf, scriptedWorkspaces, stayOf, type WorkspaceScript } from "./support/ScriptedWorkspaces.ts"
import { testPool } from "./support/TestPool.ts"
import { settle } from "./support/Time.ts"

const held: ExpectationResult = { expected: "`npm test` exits with 0", held: true, found: "" }
const broken: ExpectationResult = { expected: "a.txt has changed", held: false, found: "nothing has", output: "none" }
const denials = [{ tool: "Bash", input: "{\"command\":\"ls\"}" }]
const page = { offset: 0, limit: 100 }

const settled = (request: Partial<TaskRequest> = {}) =>
  Effect.gen(function*() {
    const tasks = yield* Tasks
    const { id } = yield* tasks.submit({ prompt: "work", isolation: "task", ...request })
    return yield* tasks.settled(id)
  })

const pool = (end: WorkspaceScript["end"], script: Script = {}) =>
  Effect.provide(testPool({ script, slots: 1, workspaces: scriptedWorkspaces(end === undefined ? {} : { end }).layer }))

const finds = (checks: ReadonlyArray<ExpectationResult>): WorkspaceScript["end"] => (task) =>
  Effect.succeed(evidenceOf(task, { checks, toolCalls: 1 }))

const epoch = DateTime.makeUnsafe(0)

describe("an answer whose work is not what was expected", () => {
  it.effect("is none: the task fails with what does not hold, and the answer is kept", () =>
    Effect.gen(function*() {
      const task = yield* settled()
      assert.deepInclude(task.state._tag === "Failed" ? task.state.reason : {}, {
        _tag: "Contradicted",
        checks: [broken]
      })
      const view = viewTask(task, epoch)
      assert.deepStrictEqual([view.verification, view.denials, view.error?.code], [
        "contradicted",
        denials,
        "Contradicted"
      ])
      assert.strictEqual(Option.getOrThrow(yield* (yield* Store).output(task.id, page)).text, "done")
      assert.isTrue(Option.isSome(yield* (yield* Store).patch(task.id, page)))
    }).pipe(pool(finds([held, broken]), { run: () => Effect.succeed({ ...answer("done"), denials }) })))

  it.effect("is presented where there is a gate, and shows it", () =>
    Effect.gen(function*() {
      const task = yield* settled({ review: { maxRejections: 1 } })
      assert.strictEqual(task.state._tag, "InReview")
      const view = viewTask(task, epoch)
      assert.strictEqual(view.verification, "contradicted")
      assert.deepStrictEqual(view.checks?.map(({ held }) => held), [true, false])
      assert.deepStrictEqual(view.review?.target, { branch: "main", tip: commit("d") })
    }).pipe(pool(finds([held, broken]))))

  it.effect("is tried again as often as the task says, by its author, who is told what does not hold", () => {
    let times = 0
    const prompts: Array<string> = []
    return Effect.gen(function*() {
      const task = yield* settled({ retry: { other: 1 } })
      assert.deepStrictEqual([task.state._tag, task.attempts, task.evidence?.verification], ["Done", 2, "verified"])
      const [first, second] = yield* (yield* StartedWorkers).started
      assert.strictEqual(second?.launch.resume, first?.session)
      assert.match(prompts[1]!, /a.txt has changed: nothing has\s+none/)
    }).pipe(pool(
      (task) => Effect.succeed(evidenceOf(task, { checks: [++times === 1 ? broken : held], toolCalls: 1 })),
      { run: ({ prompt }) => Effect.succeed(answer(prompts[prompts.push(prompt) - 1]!)) }
    ))
  })
})

describe("the hash of a result", () => {
  const sha = (value: unknown) => createHash("sha256").update(JSON.stringify(value)).digest("hex")
  const hashOf = (end: WorkspaceScript["end"], request: Partial<TaskRequest> = {}) =>
    Effect.map(
      settled({ review: { maxRejections: 1 }, ...request }),
      ({ state }) => state._tag === "InReview" ? state.result.hash : ""
    ).pipe(pool(end))

  it.effect("is that of the answer alone where there is no branch", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* hashOf(undefined, { isolation: "shared" }), sha(["did work", null]))
    }))

  it.effect("is another one for another patch, another commit, and another place to be merged into", () =>
    Effect.gen(function*() {
      const usual = yield* hashOf(undefined)
      assert.strictEqual(usual, sha(["did work", null, ["c".repeat(64), commit("b"), commit("d")]]))
      const others = yield* Effect.forEach(
        [{ patchHash: "e".repeat(64) }, { head: commit("e") }, { target: { branch: "main", tip: commit("e") } }, {
          target: null
        }],
        (more) => hashOf((task) => Effect.succeed(evidenceOf(task, more)))
      )
      assert.strictEqual(new Set([usual, ...others]).size, 5)
    }))
})

describe("an approval", () => {
  it.effect("is given once more where the target has moved, for where that stands then", () => {
    const tips = { now: commit("d") }
    const { layer } = scriptedWorkspaces({ target: () => ({ branch: "main", tip: tips.now }) })
    return Effect.gen(function*() {
      const tasks = yield* Tasks
      const { id } = yield* settled({ review: { maxRejections: 1 } })
      const approvalOf = ({ state }: Task) => state._tag === "Done" ? state.approval : undefined
      const first = approvalOf(yield* tasks.approve(id, { note: "fine" }))
      assert.notProperty(first, "target")
      assert.deepStrictEqual(approvalOf(yield* tasks.approve(id)), first)
      tips.now = commit("e")
      const second = approvalOf(yield* tasks.approve(id))
      assert.deepInclude(second, { hash: first!.hash, note: "fine", target: { branch: "main", tip: commit("e") } })
      assert.deepStrictEqual(approvalOf(yield* tasks.find(id)), second)
    }).pipe(Effect.provide(testPool({ slots: 1, workspaces: layer })))
  })
})

describe("the view of a task", () => {
  it.effect("has what was done, and nothing that is empty", () =>
    Effect.gen(function*() {
      const task = yield* settled()
      const view = viewTask(task, epoch)
      assert.deepInclude(view, {
        isolation: "task",
        branch: `cp/${task.id}`,
        base: commit("a"),
        head: commit("b"),
        diff: { files: 1, added: 2, removed: 1, commits: 1 },
        verification: "unverified",
        outside: ["/repository/b.txt"],
        workspace: stayOf(task.id).workspace.id
      })
      assert.notProperty(view, "checks")
      assert.notProperty(view, "warnings")
      const shared = viewTask(yield* settled({ isolation: "shared" }), epoch)
      for (const field of ["isolation", "branch", "diff", "verification", "workspace"]) {
        assert.notProperty(shared, field)
      }
    }).pipe(pool((task) => Effect.succeed(evidenceOf(task, { outside: ["/repository/b.txt"] })))))
})

/** A pool that is killed while its first task works, with an answer left in the transcript or none; and the next one. */
const killed = Effect.fnUntraced(function*(
  spaces: WorkspaceScript,
  request: Partial<TaskRequest>,
  output: string | null = "whole"
) {
  const begun = yield* Deferred.make<SessionId>()
  let times = 0
  const workspaces = scriptedWorkspaces(spaces)
  const script: Script = {
    transcript: (session) =>
      Effect.succeed({
        session,
        bytes: 1,
        modifiedAt: epoch,
        isIntact: true,
        isWhole: true,
        answer: output === null ? null : { output, model: null },
        usage: [],
        turns: 1,
        toolCalls: 2
      }),
    run: (_, { session }) =>
      ++times === 1
        ? Effect.andThen(Deferred.succeed(begun, session), Effect.never)
        : Effect.succeed(answer("anew"))
  }
  const pools = yield* killablePools({ script, slots: 1, workspaces: workspaces.layer })
  const submit = Effect.flatMap(Tasks, (tasks) => tasks.submit({ prompt: "work", isolation: "task", ...request }))
  const { id } = yield* pools.use(submit)
  yield* Deferred.await(begun)
  workspaces.log.length = 0
  yield* pools.kill()
  const task = yield* pools.use(Effect.flatMap(Tasks, (tasks) => tasks.settled(id)))
  yield* settle
  return { task, steps: workspaces.steps() }
}, Effect.scoped)

describe("a task whose pool was killed", () => {
  it.effect("has its answer, once its work is looked at", () =>
    Effect.gen(function*() {
      const { steps, task } = yield* killed({}, { review: { maxRejections: 1 } })
      assert.deepStrictEqual([task.state._tag, task.attempts, steps], ["InReview", 1, [
        "enter",
        "begin",
        "end",
        "exit"
      ]])
      assert.deepInclude(task.evidence, { toolCalls: 2, isolation: "task" })
    }))

  it.effect("has failed where its work is not what was expected", () =>
    Effect.gen(function*() {
      const { task } = yield* killed({ end: finds([broken])! }, {})
      assert.strictEqual(task.state._tag === "Failed" ? task.state.reason._tag : "", "Contradicted")
    }))

  it.effect("fails where its work cannot be looked at: its answer was paid for, and nobody is asked again", () =>
    Effect.gen(function*() {
      let times = 0
      const reason = new GitFailed({ repository: "/r", verb: "diff", code: 1, detail: "no" })
      const begin = () => ++times === 2 ? Effect.fail(new Failure({ reason })) : Effect.void
      const { task } = yield* killed({ begin }, {})
      assert.deepStrictEqual([task.state._tag, task.attempts, task.crashes], ["Failed", 1, 0])
      assert.strictEqual(task.state._tag === "Failed" ? task.state.reason._tag : "", "GitFailed")
    }))

  it.effect("and that is not started again leaves its work on record", () =>
    Effect.gen(function*() {
      const { steps, task } = yield* killed({}, { onCrash: "fail" }, null)
      assert.strictEqual(task.state._tag, "Failed")
      assert.strictEqual(task.evidence?.branch?.commits, 1)
      assert.deepStrictEqual(steps.slice(0, 4), ["enter", "begin", "end", "exit"])
    }))
})

describe("a pool that starts", () => {
  it.effect("leaves the workspaces of what has ended, and no others", () =>
    Effect.gen(function*() {
      const workspaces = scriptedWorkspaces()
      const pools = yield* killablePools({ dispatch: false, workspaces: workspaces.layer })
      const put = (holder: Holder, state: WorkspaceState = WorkspaceState.cases.Ready.make({})) =>
        Effect.gen(function*() {
          const bytes = new Uint8Array(16).fill(++seen)
          const { workspace } = stayOf(open.id)
          yield* (yield* Store).workspaces.keep(
            new Workspace({ ...workspace, id: workspaceIdFrom(bytes), path: `/workspaces/${seen}`, holder, state })
          )
        })
      let seen = 0
      const submit = Effect.flatMap(Tasks, (tasks) => tasks.submit({ prompt: "work", isolation: "task" }))
      const [open, ended, lent, kept] = yield* pools.use(Effect.all([submit, submit, submit, submit]))
      const cancelled = [ended, lent, kept]
      yield* pools.use(
        Effect.flatMap(Tasks, (tasks) => Effect.forEach(cancelled, ({ id }) => tasks.cancel(id, "enough")))
      )
      const { Slot, Spare, Task } = Holder.cases
      yield* pools.use(Effect.all([
        put(Task.make({ id: open.id })),
        put(Task.make({ id: ended.id })),
        put(Slot.make({ slot: SlotId.make(1), task: lent.id })),
        put(Slot.make({ slot: SlotId.make(2), task: null })),
        put(Spare.make({})),
        put(Task.make({ id: kept.id }), WorkspaceState.cases.Kept.make({ why: "a process is inside" }))
      ]))
      workspaces.log.length = 0
      yield* pools.restart
      assert.sameMembers(workspaces.log, [`leave ${ended.id}`, `leave ${lent.id}`])
    }).pipe(Effect.scoped))
})
