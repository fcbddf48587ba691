/**
 * Calls that a client keeps itself: each kind of work as a task of the extension, from its beginning to its end.
 */
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, PubSub, Queue, Ref, type Schema, Stream } from "effect"
import { TestClock } from "effect/testing"
import { ChainId } from "../../src/domain/ChainId.ts"
import { fail } from "../../src/domain/Failure.ts"
import { GroupId } from "../../src/domain/GroupId.ts"
import type { PoolEvent } from "../../src/domain/PoolEvent.ts"
import type { WaitReply } from "../../src/domain/PoolView.ts"
import { NotFound } from "../../src/domain/RequestFailure.ts"
import type { TaskView } from "../../src/domain/TaskView.ts"
import {
  type AskOptions,
  connectTasks as connect,
  errorOf,
  type ModernClientOptions,
  resultOf,
  tasks,
  withForms,
  withTasks
} from "./ModernClient.ts"
import { chainView, doneTask, groupView, type PoolScript, queuedTask, taskId } from "./ScriptedPool.ts"

const [a, b] = [taskId(1), taskId(2)]
const group = GroupId.make("g_0000000000000001")
const chain = ChainId.make("c_0000000000000001")
const hash = "a".repeat(64)
const nothing: WaitReply = { done: [], running: [], timed_out: false }

const review = (id: string, more: Partial<NonNullable<TaskView["review"]>> = {}): TaskView => ({
  ...doneTask(taskId(1)),
  id,
  state: "review",
  review: { hash, rejections: 0, max_rejections: 3, ...more }
})

const tasksAndForms: AskOptions = { capabilities: { ...withTasks, ...withForms } }
const byPerson: ModernClientOptions = { offer: { reviewBy: "human" } }

/** A task whose state the test sets. */
const settable = (first: TaskView) =>
  Effect.map(Ref.make(first), (ref) => ({
    set: (view: TaskView) => Ref.set(ref, view),
    script: { submit: () => Ref.get(ref), result: () => Ref.get(ref) } satisfies PoolScript
  }))

describe("a task of the extension", () => {
  it.effect("is handed in at once, and comes to what the tool would have answered", () =>
    Effect.gen(function*() {
      const { script, set } = yield* settable(queuedTask(a))
      const { call, get } = yield* connect(script, { offer: { keepFor: Duration.hours(1) } })
      const created = yield* call("pool_run", { prompt: "x", wait_s: 1 })
      assert.deepInclude(created, {
        resultType: "task",
        taskId: a,
        status: "working",
        statusMessage: "accepted",
        ttlMs: 3_600_000,
        pollIntervalMs: 2000
      })
      assert.notProperty(created, "requestState")
      assert.deepInclude(yield* get(a), {
        resultType: "complete",
        status: "working",
        statusMessage: "queued, waits for slot"
      })
      yield* set({
        ...queuedTask(a),
        state: "running",
        slot: "slot-2",
        progress: { phase: "running-tool", tool: "Bash\u001b[2J", turns: 2, cost_usd: 0.08, last_event_s: 1 }
      })
      assert.deepInclude(yield* get(a), { statusMessage: "slot-2, Bash, $0.0800" })
      yield* set(doneTask(a))
      const done = yield* get(a)
      assert.deepInclude(done, { status: "completed", createdAt: "2026-01-01T00:00:00.000Z" })
      const { structuredContent } = done["result"] as { readonly structuredContent: Schema.JsonObject }
      assert.deepInclude(structuredContent, { id: a, state: "done", summary: "Iron sleeps in rain" })
      yield* set({ ...queuedTask(a), state: "cancelled" })
      assert.deepInclude(yield* get(a), { status: "cancelled" })
    }))

  it.effect("is only for requests that declare the extension", () =>
    Effect.gen(function*() {
      const { ask, call } = yield* connect({
        submit: () => Effect.succeed(queuedTask(a)),
        wait: () => Effect.succeed({ ...nothing, done: [doneTask(a)] })
      })
      assert.deepInclude(yield* call("pool_run", { prompt: "x" }, {}), { resultType: "complete" })
      for (const method of ["tasks/get", "tasks/update", "tasks/cancel"]) {
        const params = { taskId: a, inputResponses: {} }
        assert.deepInclude(errorOf(yield* ask(method, params, {})), {
          code: -32_021,
          data: { requiredCapabilities: { extensions: { "io.modelcontextprotocol/tasks": {} } } }
        })
      }
      const listening = ask("subscriptions/listen", { notifications: { taskIds: [a] } }, {})
      assert.strictEqual(errorOf(yield* listening).code, -32_021)
    }))

  it.effect("is refused where nothing could be handed in, and is unknown where there is none", () =>
    Effect.gen(function*() {
      const { ask, call } = yield* connect({
        result: (id) => fail(new NotFound({ id })),
        cancel: (ids) => fail(new NotFound({ id: ids[0] ?? "" }))
      })
      assert.deepInclude(yield* call("pool_run", { promt: "x" }), { resultType: "complete", isError: true })
      for (const method of ["tasks/get", "tasks/update", "tasks/cancel"]) {
        for (const taskId of [a, "t_1", "w_", "w_x", `w_${"e30".repeat(2000)}`, "constructor"]) {
          const response = yield* ask(method, { taskId, inputResponses: {} }, tasks)
          assert.strictEqual(errorOf(response).code, -32_602, `${method} ${taskId.slice(0, 20)}`)
        }
      }
    }))

  it.effect("is asked after less often as it grows older", () =>
    Effect.gen(function*() {
      const { script } = yield* settable({ ...queuedTask(a), submitted_at: "1970-01-01T00:00:00.000Z" })
      const { get } = yield* connect(script)
      assert.deepInclude(yield* get(a), { pollIntervalMs: 2000, ttlMs: null })
      yield* TestClock.adjust("31 seconds")
      assert.deepInclude(yield* get(a), { pollIntervalMs: 5000 })
      yield* TestClock.adjust("5 minutes")
      assert.deepInclude(yield* get(a), { pollIntervalMs: 15_000 })
    }))

  it.effect("is cancelled with its work", () =>
    Effect.gen(function*() {
      const cancelled = yield* Ref.make<ReadonlyArray<string>>([])
      const { ask } = yield* connect({
        cancel: (ids) => Effect.as(Ref.set(cancelled, ids), { cancelled: [...ids], already_finished: [] })
      })
      const { _meta, ...ack } = resultOf(yield* ask("tasks/cancel", { taskId: group }, tasks))
      assert.isDefined(_meta)
      assert.deepStrictEqual(ack, { resultType: "complete" })
      assert.deepStrictEqual(yield* Ref.get(cancelled), [group])
    }))

  it.effect("may be a group or a chain", () =>
    Effect.gen(function*() {
      const ends = yield* Ref.make(false)
      const { call, get } = yield* connect({
        fanOut: () => Effect.succeed(groupView(group)),
        submitChain: () => Effect.succeed(chainView(chain)),
        group: (id) =>
          Effect.map(Ref.get(ends), (ended) =>
            groupView(id, {
              counts: { queued: 0, running: 1, review: 0, done: 2, failed: 0, cancelled: 0 },
              ...(ended ? { state: "done", finished_at: "2026-01-01T00:00:04.000Z" } : {})
            })),
        chain: (id) => Effect.map(Ref.get(ends), (ended) => chainView(id, ended ? { state: "failed" } : {})),
        items: () => Effect.succeed({ items: [doneTask(a), queuedTask(b)], total: 2 }),
        wait: () => Effect.succeed({ ...nothing, running: [chain] })
      })
      assert.deepInclude(yield* call("pool_fan_out", { prompts: ["x", "y"] }), { taskId: group })
      assert.deepInclude(yield* call("pool_chain", { steps: [{ prompt: "x" }] }), { taskId: chain })
      assert.deepInclude(yield* get(group), { status: "working", statusMessage: "running, 2/3 done, $0.0200" })
      assert.deepInclude(yield* get(chain), { status: "working", statusMessage: "step 2/2 do, $0.0100" })
      yield* Ref.set(ends, true)
      const { structuredContent } = (yield* get(group))["result"] as { readonly structuredContent: Schema.JsonObject }
      assert.deepStrictEqual(structuredContent["tasks"], [a, b])
      assert.deepInclude(yield* get(chain), { status: "completed" })
    }))

  it.effect("is told of on a stream, when it stands otherwise", () =>
    Effect.gen(function*() {
      const { script, set } = yield* settable(queuedTask(a))
      const events = yield* PubSub.unbounded<PoolEvent>()
      const { ask, notes } = yield* connect({ ...script, events: Stream.fromPubSub(events) })
      const listening = ask("subscriptions/listen", { notifications: { taskIds: [a] } }, tasks)
      yield* Effect.forkChild(listening)
      assert.deepInclude((yield* Queue.take(notes)).params, { notifications: { taskIds: [a] } })
      assert.deepInclude((yield* Queue.take(notes)).params, { taskId: a, status: "working" })
      yield* PubSub.publish(events, { _tag: "Requeued", id: a, cause: "x" })
      yield* set(doneTask(a))
      yield* PubSub.publish(events, { _tag: "Finished", id: a, state: "Done" })
      assert.deepInclude((yield* Queue.take(notes)).params, { taskId: a, status: "completed" })
    }))
})

describe("a review of a task", () => {
  const decided = Effect.fnUntraced(function*() {
    const { script, set } = yield* settable(review(a))
    const log = yield* Ref.make<ReadonlyArray<Schema.Json>>([])
    const note = (...entry: ReadonlyArray<Schema.Json>) => Ref.update(log, (all) => [...all, entry])
    const full: PoolScript = {
      ...script,
      output: (id) => Effect.succeed({ id, offset: 0, total: 5, text: "draft" }),
      approve: (id, options = {}) =>
        Effect.as(Effect.andThen(note("approve", id, { ...options }), set(doneTask(a))), doneTask(a)),
      reject: (id, feedback) =>
        Effect.as(Effect.andThen(note("reject", id, feedback), set(review(a, { rejections: 1 }))), queuedTask(a))
    }
    const client = yield* connect(full, byPerson)
    const update = (inputResponses: Schema.JsonObject) =>
      client.ask("tasks/update", { taskId: a, inputResponses }, tasksAndForms)
    return { ...client, log: Ref.get(log), update }
  })

  const question = `${a}-0-${hash.slice(0, 16)}`
  const next = `${a}-1-${hash.slice(0, 16)}`

  it.effect("is a form for the person, whose word counts for what was shown", () =>
    Effect.gen(function*() {
      const { get, log, update } = yield* decided()
      const asking = yield* get(a, tasksAndForms)
      assert.strictEqual(asking["status"], "input_required")
      const { params } = (asking["inputRequests"] as Record<string, { readonly params: Schema.JsonObject }>)[question]!
      assert.include(params["message"], "> draft")
      assert.deepInclude(params["requestedSchema"], { required: ["decision"] })
      const unknown = { [next]: { action: "accept", content: { decision: "approve" } }, x: { some: "thing" } }
      assert.deepInclude(resultOf(yield* update(unknown)), { resultType: "complete" })
      assert.deepStrictEqual(yield* log, [])
      yield* update({ [question]: { action: "accept", content: { decision: "reject", feedback: "shorter" } } })
      assert.deepStrictEqual(Object.keys((yield* get(a, tasksAndForms))["inputRequests"] ?? {}), [next])
      yield* update({ [question]: { action: "accept", content: { decision: "approve" } } })
      yield* update({ [next]: { action: "accept", content: { decision: "approve", feedback: "fine" } } })
      assert.deepStrictEqual(yield* log, [["reject", a, "shorter"], ["approve", a, { hash, note: "fine" }]])
      assert.deepInclude(yield* get(a, tasksAndForms), { status: "completed" })
    }))

  it.effect("is the session's where the person does not decide, or cannot be asked", () =>
    Effect.gen(function*() {
      const { get, log, update } = yield* decided()
      assert.deepInclude(yield* get(a), { status: "completed" })
      yield* update({ [question]: { action: "decline" } })
      const told = yield* get(a, tasksAndForms)
      assert.strictEqual(told["status"], "completed")
      const { structuredContent } = told["result"] as { readonly structuredContent: Schema.JsonObject }
      assert.deepInclude(structuredContent, { state: "review" })
      assert.deepStrictEqual(yield* log, [])
    }))

  it.effect("is the session's where the settings say so, whatever the client sends", () =>
    Effect.gen(function*() {
      const { ask, get } = yield* connect((yield* settable(review(a))).script)
      const inputResponses = { [question]: { action: "accept", content: { decision: "approve" } } }
      assert.deepInclude(resultOf(yield* ask("tasks/update", { taskId: a, inputResponses }, tasksAndForms)), {
        resultType: "complete"
      })
      assert.deepInclude(yield* get(a, tasksAndForms), { status: "completed" })
    }))
})
