/**
 * Where attempts work, and what was found of them, however they end: entered before the worker is started, looked at once
 * when it is gone, and then left.
 */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Duration, Effect, Fiber, Option } from "effect"
import { Failure } from "../src/domain/Failure.ts"
import type { TaskRequest } from "../src/domain/TaskRequest.ts"
import { ModelRefused, WorkerLost } from "../src/domain/WorkerFailure.ts"
import { GitFailed, SetUpFailed } from "../src/domain/WorkspaceFailure.ts"
import { Store } from "../src/services/Store.ts"
import { Tasks } from "../src/services/Tasks.ts"
import { answer, type Script, StartedWorkers } from "./support/ScriptedClaude.ts"
import { commit, evidenceOf, scriptedWorkspaces, type WorkspaceScript } from "./support/ScriptedWorkspaces.ts"
import { testPool, type TestPoolOptions } from "./support/TestPool.ts"
import { pass, settle } from "./support/Time.ts"

const broken = new Failure({ reason: new GitFailed({ repository: "/r", verb: "commit", code: 1, detail: "no" }) })
const mute = new Failure({ reason: new ModelRefused({ detail: "no" }) })
const page = { offset: 0, limit: 100 }

const submitted = (request: Partial<TaskRequest> = {}) =>
  Effect.flatMap(Tasks, (tasks) => tasks.submit({ prompt: "work", isolation: "task", ...request }))

const settled = (request: Partial<TaskRequest> = {}) =>
  Effect.gen(function*() {
    const tasks = yield* Tasks
    const { id } = yield* submitted(request)
    return yield* tasks.settled(id)
  })

/** A pool, and what was asked of its workspaces. */
const world = (script: Script = {}, spaces: WorkspaceScript = {}, more: TestPoolOptions = {}) => {
  const workspaces = scriptedWorkspaces(spaces)
  return { ...workspaces, pool: testPool({ script, slots: 1, workspaces: workspaces.layer, ...more }) }
}

/** A worker that begins, and goes on for ever. */
const endless = () => {
  const begun = Deferred.makeUnsafe<void>()
  return { begun: Deferred.await(begun), run: () => Effect.andThen(Deferred.succeed(begun, undefined), Effect.never) }
}

const whole = ["enter", "begin", "end", "exit"]

describe("an attempt in a workspace", () => {
  it.effect("works there, with its variables, and is looked at when nothing of its worker is left", () => {
    const live: Array<number> = []
    const { log, pool, steps } = world({ toolCalls: 3 }, {
      end: (task, { answer, toolCalls }) =>
        Effect.gen(function*() {
          assert.deepStrictEqual([answer?.output, toolCalls], ["did work", 3])
          live.push(workers === null ? -1 : (yield* workers.live).length)
          return evidenceOf(task, { toolCalls })
        })
    })
    let workers: StartedWorkers["Service"] | null = null
    return Effect.gen(function*() {
      workers = yield* StartedWorkers
      const task = yield* settled()
      const [{ launch } = assert.fail("no worker")] = yield* workers.started
      assert.deepInclude(launch, { cwd: `/workspaces/${task.id}`, env: { CLAUDE_POOL_PORT_0: "4000" } })
      assert.deepStrictEqual(live, [0])
      assert.deepInclude(task.evidence, { isolation: "task", toolCalls: 3, verification: "unverified" })
      assert.strictEqual(task.evidence?.branch?.head, commit("b"))
      yield* settle
      assert.deepStrictEqual(log, [...whole, "leave"].map((step) => `${step} ${task.id}`))
      const patch = yield* (yield* Store).patch(task.id, page)
      assert.strictEqual(Option.getOrThrow(patch).text, `patch of ${task.id}`)
      assert.lengthOf(steps(), 5)
    }).pipe(Effect.provide(pool))
  })

  it.effect("is looked at without an answer where it fails, and left alone until it has finished", () => {
    let times = 0
    const { pool, steps } = world({
      run: () => ++times === 1 ? Effect.fail(new Failure({ reason: new WorkerLost({ detail: "gone" }) })) : mute
    })
    return Effect.gen(function*() {
      const ending = yield* Effect.forkChild(settled())
      yield* settle
      assert.deepStrictEqual(steps(), whole)
      yield* pass("5 minutes")
      const task = yield* Fiber.join(ending)
      assert.deepStrictEqual([task.state._tag, task.attempts, task.evidence?.isolation], ["Failed", 2, "task"])
      yield* settle
      assert.deepStrictEqual(steps(), [...whole, ...whole, "leave"])
    }).pipe(Effect.provide(pool))
  })

  it.effect("is looked at where its time is over, which does not run while its workspace is made", () => {
    const { pool, steps } = world({ run: () => Effect.never }, { enter: () => Effect.sleep("1 hour") })
    return Effect.gen(function*() {
      const { id } = yield* submitted({ timeout: Duration.minutes(1) })
      yield* pass("59 minutes")
      const tasks = yield* Tasks
      assert.strictEqual((yield* tasks.find(id)).state._tag, "Running")
      yield* pass("3 minutes")
      const { state } = yield* tasks.find(id)
      assert.strictEqual(state._tag === "Failed" ? state.reason._tag : state._tag, "TimedOut")
      assert.deepStrictEqual(steps(), [...whole, "leave"])
    }).pipe(Effect.provide(pool))
  })

  it.effect("is looked at where it is cancelled, and what it did is on record", () => {
    const { begun, run } = endless()
    const { pool, steps } = world({ run })
    return Effect.gen(function*() {
      const tasks = yield* Tasks
      const { id } = yield* submitted()
      yield* begun
      assert.isTrue(yield* tasks.cancel(id, "enough"))
      const task = yield* tasks.find(id)
      assert.deepStrictEqual([task.state._tag, task.evidence?.branch?.commits], ["Cancelled", 1])
      yield* settle
      assert.deepStrictEqual(steps(), [...whole, "leave"])
    }).pipe(Effect.provide(pool))
  })

  it.effect("is looked at where a drain cuts it off, and goes on in the same place", () => {
    const { begun, run } = endless()
    let times = 0
    const { pool, steps } = world({ run: () => ++times === 1 ? run() : Effect.succeed(answer("done")) })
    return Effect.gen(function*() {
      const tasks = yield* Tasks
      const { id } = yield* submitted()
      yield* begun
      const report = yield* tasks.drain({ grace: Duration.zero })
      assert.deepStrictEqual([report.cut, steps()], [[id], whole])
      assert.isDefined((yield* tasks.find(id)).evidence)
      yield* tasks.resume
      const task = yield* tasks.settled(id)
      assert.deepStrictEqual([task.state._tag, task.attempts], ["Done", 2])
      const cwds = (yield* (yield* StartedWorkers).started).map(({ launch }) => launch.cwd)
      assert.deepStrictEqual(cwds, [`/workspaces/${id}`, `/workspaces/${id}`])
      yield* settle
      assert.deepStrictEqual(steps(), [...whole, ...whole, "leave"])
    }).pipe(Effect.provide(pool))
  })

  it.effect("is cut off in its checks, but not before what it did is kept", () => {
    const { pool, steps } = world({}, { end: () => Effect.never })
    return Effect.gen(function*() {
      const tasks = yield* Tasks
      const { id } = yield* submitted()
      yield* settle
      assert.isTrue(yield* tasks.cancel(id, "enough"))
      const { state } = yield* tasks.find(id)
      assert.strictEqual(state._tag, "Cancelled")
      assert.strictEqual(Option.getOrThrow(yield* (yield* Store).output(id, page)).text, "did work")
      yield* settle
      assert.deepStrictEqual(steps(), [...whole, "leave"])
    }).pipe(Effect.provide(pool))
  })

  it.effect("fails where it cannot be looked at: its answer is kept, and nobody is paid for another one", () => {
    const { pool, steps } = world({}, { end: () => Effect.fail(broken) })
    return Effect.gen(function*() {
      const ending = yield* Effect.forkChild(settled())
      yield* pass("1 minute")
      const task = yield* Fiber.join(ending)
      assert.strictEqual(task.state._tag === "Failed" ? task.state.reason._tag : "", "GitFailed")
      assert.strictEqual(Option.getOrThrow(yield* (yield* Store).output(task.id, page)).text, "did work")
      yield* settle
      assert.deepStrictEqual(steps(), ["enter", "begin", "end", "end", "end", "end", "exit", "leave"])
      assert.lengthOf(yield* (yield* StartedWorkers).started, 1)
    }).pipe(Effect.provide(pool))
  })

  it.effect("is looked at again where git could not do it the first time", () => {
    let times = 0
    const { pool, steps } = world({}, {
      end: (task) => ++times === 1 ? Effect.fail(broken) : Effect.succeed(evidenceOf(task))
    })
    return Effect.gen(function*() {
      const ending = yield* Effect.forkChild(settled())
      yield* pass("1 second")
      const task = yield* Fiber.join(ending)
      assert.deepStrictEqual([task.state._tag, task.attempts], ["Done", 1])
      yield* settle
      assert.deepStrictEqual(steps(), ["enter", "begin", "end", "end", "exit", "leave"])
    }).pipe(Effect.provide(pool))
  })

  it.effect("keeps its own failure where it cannot be looked at besides", () => {
    const { pool } = world({ run: () => mute }, { end: () => Effect.fail(broken) })
    return Effect.gen(function*() {
      const task = yield* settled()
      assert.strictEqual(task.state._tag === "Failed" ? task.state.reason._tag : "", "ModelRefused")
      assert.isUndefined(task.evidence)
    }).pipe(Effect.provide(pool))
  })

  it.effect("starts no worker where it has no place", () => {
    const failed = new Failure({ reason: new SetUpFailed({ command: "npm ci", code: 1, output: "no" }) })
    const { pool, steps } = world({}, { enter: () => Effect.fail(failed) })
    return Effect.gen(function*() {
      const task = yield* settled()
      assert.strictEqual(task.state._tag === "Failed" ? task.state.reason._tag : "", "SetUpFailed")
      assert.lengthOf(yield* (yield* StartedWorkers).started, 0)
      yield* settle
      assert.deepStrictEqual(steps(), ["enter", "leave"])
    }).pipe(Effect.provide(pool))
  })

  it.effect("is refused by a pool that makes no workspaces, and is not done elsewhere", () =>
    Effect.gen(function*() {
      const task = yield* settled()
      assert.strictEqual(task.state._tag === "Failed" ? task.state.reason._tag : "", "IsolationImpossible")
      assert.lengthOf(yield* (yield* StartedWorkers).started, 0)
    }).pipe(Effect.provide(testPool())))
})

describe("a task that shares its directory", () => {
  it.effect("is looked at, enters nothing and leaves nothing", () => {
    const { pool, steps } = world()
    return Effect.gen(function*() {
      const task = yield* settled({ isolation: "shared" })
      const [{ launch } = assert.fail("no worker")] = yield* (yield* StartedWorkers).started
      assert.deepStrictEqual([launch.cwd, launch.env], ["/", undefined])
      assert.deepStrictEqual([task.evidence?.isolation, task.evidence?.branch], ["shared", undefined])
      yield* settle
      assert.deepStrictEqual(steps(), ["begin", "end"])
    }).pipe(Effect.provide(pool))
  })
})

describe("a workspace", () => {
  it.effect("is left when its task is cancelled before it began", () => {
    const { log, pool } = world({}, {}, { dispatch: false })
    return Effect.gen(function*() {
      const tasks = yield* Tasks
      const { id } = yield* submitted()
      yield* tasks.cancel(id, "enough")
      assert.deepStrictEqual(log, [`leave ${id}`])
    }).pipe(Effect.provide(pool))
  })

  for (const end of ["approved", "rejected for the last time", "cancelled"] as const) {
    it.effect(`stays while its task is in review, and is left when that is ${end}`, () => {
      const { pool, steps } = world()
      return Effect.gen(function*() {
        const tasks = yield* Tasks
        const { id } = yield* settled({ review: { maxRejections: 0 } })
        yield* settle
        assert.deepStrictEqual(steps(), whole)
        yield* end === "approved"
          ? tasks.approve(id)
          : end === "cancelled"
          ? tasks.cancel(id, "enough")
          : tasks.reject(id, "no")
        assert.deepStrictEqual(steps(), [...whole, "leave"])
      }).pipe(Effect.provide(pool))
    })
  }

  it.effect("is the same one for whoever mends a rejected result", () => {
    const { pool, steps } = world()
    return Effect.gen(function*() {
      const tasks = yield* Tasks
      const { id } = yield* settled({ review: { maxRejections: 1 } })
      yield* tasks.reject(id, "shorter")
      yield* tasks.settled(id)
      const [first, second] = yield* (yield* StartedWorkers).started
      assert.deepStrictEqual([second?.launch.cwd, second?.launch.resume], [first?.launch.cwd, first?.session])
      assert.deepStrictEqual(steps(), [...whole, ...whole])
      yield* tasks.approve(id)
      assert.strictEqual(steps().at(-1), "leave")
    }).pipe(Effect.provide(pool))
  })
})
