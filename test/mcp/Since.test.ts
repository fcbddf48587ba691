/**
 * `pool_wait` since a number: what came after it, as digests that fit into a reply, and where to go on.
 */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { GroupId } from "../../src/domain/GroupId.ts"
import type { TaskId } from "../../src/domain/TaskId.ts"
import type { TaskView } from "../../src/domain/TaskView.ts"
import { tokensOf } from "../../src/mcp/Tokens.ts"
import { settle } from "../support/Time.ts"
import { makeInbox } from "./ScriptedInbox.ts"
import { atRest, callTool, connectClient, doneTask, groupView, type PoolScript, taskId } from "./ScriptedPool.ts"

const [a, b, c] = [taskId(1), taskId(2), taskId(3)]
const group = GroupId.make("g_0000000000000001")

interface Reply {
  readonly done: ReadonlyArray<{ readonly id: string }>
  readonly review?: ReadonlyArray<{ readonly id: string; readonly part_of?: string }>
  readonly groups?: ReadonlyArray<{ readonly id: string }>
  readonly more_done?: number
  readonly running: ReadonlyArray<string>
  readonly seq: number
  readonly timed_out: boolean
  readonly unseen?: ReadonlyArray<string>
}

const settled = { done: [], running: [], timed_out: false }

/** A client of a pool in which nothing is at work, but for what the script says. */
const waiter = Effect.fnUntraced(function*(script: PoolScript = {}, view: (id: TaskId) => TaskView = doneTask) {
  const news = yield* makeInbox
  const { client } = yield* connectClient({
    ...news.script,
    wait: () => Effect.succeed(settled),
    result: (id) => Effect.succeed(view(id)),
    group: (id) => Effect.succeed(groupView(id, { state: "done" })),
    ...script
  })
  const wait = (args: Record<string, unknown>) =>
    Effect.map(callTool(client, "pool_wait", args), (reply) => reply.structuredContent as unknown as Reply)
  return { ...news, client, wait }
})

const ids = (briefs: ReadonlyArray<{ readonly id: string }> = []) => briefs.map(({ id }) => id)

describe("pool_wait since a number", () => {
  it.effect("brings what came after it, and the same again for the same number", () =>
    Effect.gen(function*() {
      const { put, wait } = yield* waiter()
      yield* Effect.forEach([a, b, c], (id) => put(id))
      const first = yield* wait({ since: 2 })
      assert.deepStrictEqual([ids(first.done), first.seq, first.timed_out], [[b, c], 6, false])
      assert.deepStrictEqual(ids((yield* wait({ since: 2 })).done), [b, c])
      const next = yield* wait({ since: first.seq })
      assert.deepStrictEqual([next.done, next.seq, next.timed_out], [[], 6, false])
    }))

  it.effect("leaves parts to their wholes, but for their reviews", () =>
    Effect.gen(function*() {
      const { put, wait } = yield* waiter({}, (id) => doneTask(id, { state: id === b ? "review" : "done" }))
      yield* put(a, { part_of: group })
      yield* put(b, { part_of: group, state: "review" })
      yield* put(group)
      const reply = yield* wait({ since: 0 })
      assert.deepStrictEqual([reply.done, ids(reply.review), ids(reply.groups)], [[], [b], [group]])
      assert.deepStrictEqual(ids((yield* wait({ since: 0, ids: [a] })).done), [a])
      const ofGroup = yield* wait({ since: 0, ids: [group] })
      assert.deepStrictEqual([ids(ofGroup.review), ids(ofGroup.groups)], [[b], [group]])
    }))

  it.effect("keeps to its bound, and the rest comes from the number that it hands back", () =>
    Effect.gen(function*() {
      const hostile = "\u65e5\"\\\n<task-notification> ".repeat(60)
      const { put, wait } = yield* waiter({}, (id) => doneTask(id, { name: hostile.slice(0, 100), summary: hostile }))
      const all = Array.from({ length: 300 }, (_, index) => taskId(index))
      yield* Effect.forEach(all, (id) => put(id))
      const seen: Array<string> = []
      let since = 0
      for (let more = true; more;) {
        const reply = yield* wait({ since })
        assert.isAtMost(tokensOf(JSON.parse(JSON.stringify(reply))), 4000)
        for (const brief of reply.done) assert.isAtMost(tokensOf(brief), 200)
        assert.isAtLeast(reply.done.length, 10)
        seen.push(...ids(reply.done))
        since = reply.seq
        more = reply.more_done !== undefined
      }
      assert.deepStrictEqual(seen, all)
    }))

  it.effect("waits for the next where there is none, and shows it", () =>
    Effect.gen(function*() {
      const end = yield* Deferred.make<void>()
      const { put, wait } = yield* waiter({
        wait: ({ mode }) =>
          mode === "all"
            ? Effect.map(Deferred.isDone(end), (isDone) =>
              isDone ? settled : { ...settled, running: [a], timed_out: true })
            : Effect.as(Deferred.await(end), settled)
      })
      const waiting = yield* Effect.forkChild(wait({ since: 0 }))
      yield* settle
      yield* put(a)
      yield* Deferred.succeed(end, undefined)
      const reply = yield* Fiber.join(waiting)
      assert.deepStrictEqual([ids(reply.done), reply.seq, reply.unseen], [[a], 2, undefined])
    }))

  it.effect("does not end with nothing where the last one finishes while it looks", () =>
    Effect.gen(function*() {
      let finish: Effect.Effect<unknown> = Effect.void
      const { put, wait } = yield* waiter({ wait: () => Effect.as(finish, settled) })
      finish = put(a)
      assert.deepStrictEqual(ids((yield* wait({ since: 0 })).done), [a])
    }))

  it.effect("does not call running what it brings", () =>
    Effect.gen(function*() {
      const { put, wait } = yield* waiter({ wait: () => Effect.succeed({ ...settled, running: [a, b] }) })
      yield* put(a)
      const { done, running } = yield* wait({ since: 0 })
      assert.deepStrictEqual([ids(done), running], [[a], [b]])
    }))

  it.effect("ends at its time with nothing, and the same number goes on", () =>
    Effect.gen(function*() {
      const running = { ...settled, running: [a], timed_out: true }
      const { client, put, wait } = yield* waiter({
        wait: ({ mode, timeout }) =>
          mode === "all" ? Effect.succeed(running) : Effect.as(Effect.sleep(timeout), running)
      })
      const waiting = yield* Effect.forkChild(wait({ since: 0, wait_s: 30 }), { startImmediately: true })
      yield* Effect.promise(() => client.ping())
      yield* settle
      yield* TestClock.adjust("30 seconds")
      const reply = yield* Fiber.join(waiting)
      assert.deepStrictEqual([reply.done, reply.running, reply.seq, reply.timed_out], [[], [a], 0, true])
      yield* put(a)
      assert.deepStrictEqual(ids((yield* wait({ since: reply.seq })).done), [a])
    }))

  it.effect("shows a review again that everything waits for", () =>
    Effect.gen(function*() {
      const inReview = doneTask(a, { state: "review" })
      const { put, wait } = yield* waiter({ wait: () => Effect.succeed({ ...settled, review: [inReview] }) }, () =>
        inReview)
      yield* put(a, { state: "review" })
      const first = yield* wait({ since: 0 })
      const again = yield* wait({ since: first.seq })
      assert.deepStrictEqual([ids(first.review), ids(again.review), again.timed_out], [[a], [a], false])
    }))
})

describe("results that wait for a review", () => {
  const inReview = (id: TaskId) => doneTask(id, { state: "review", part_of: group })
  const tasks = { ...atRest.tasks, review: 2 }
  const script: PoolScript = {
    status: Effect.succeed({ ...atRest, tasks }),
    list: ({ limit }) => Effect.succeed({ tasks: [a, b].slice(0, limit).map(inReview), total: 6 })
  }

  it.effect("are told by a wait for all work where nothing goes on, also of sessions that are gone", () =>
    Effect.gen(function*() {
      const { wait } = yield* waiter(script)
      for (const args of [{}, { since: 0 }]) {
        const { review, timed_out } = yield* wait(args)
        assert.deepStrictEqual([ids(review), timed_out], [[a, b], false])
        assert.deepInclude(review?.[0], { part_of: group })
      }
      assert.isUndefined((yield* wait({ ids: [c] })).review)
      const { wait: busy } = yield* waiter({ ...script, wait: () => Effect.succeed({ ...settled, running: [c] }) })
      assert.isUndefined((yield* busy({ wait_s: 0 })).review)
    }))

  it.effect("are named by pool_status, the newest of them", () =>
    Effect.gen(function*() {
      const { client } = yield* waiter(script)
      const { structuredContent } = yield* callTool(client, "pool_status")
      assert.deepInclude(structuredContent, { review: [a, b], more_review: 4 })
    }))
})

describe("the number of a reply", () => {
  it.effect("without since is where all before has been shown", () =>
    Effect.gen(function*() {
      const { put, wait } = yield* waiter({
        wait: ({ ids: [id] }) => Effect.succeed({ ...settled, done: [doneTask(id as TaskId)] })
      })
      const quiet = yield* wait({ ids: [c] })
      assert.strictEqual(quiet.seq, 0)
      yield* Effect.forEach([a, b], (id) => put(id))
      const reply = yield* wait({ ids: [b] })
      assert.deepStrictEqual([ids(reply.done), reply.unseen, reply.seq], [[b], [a], 1])
      assert.deepStrictEqual(ids((yield* wait({ since: reply.seq })).done), [a, b])
      assert.strictEqual((yield* wait({ ids: [c] })).seq, 4)
    }))
})
