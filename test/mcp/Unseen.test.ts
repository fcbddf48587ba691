/**
 * The safety net for lost notifications: every reply names finished tasks that the client has not been shown.
 */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, References } from "effect"
import { TestClock } from "effect/testing"
import { fail } from "../../src/domain/Failure.ts"
import { GroupId } from "../../src/domain/GroupId.ts"
import { PoolEvent } from "../../src/domain/PoolEvent.ts"
import { NotFound } from "../../src/domain/RequestFailure.ts"
import type { TaskView } from "../../src/domain/TaskView.ts"
import { makeUnseen, type Unseen } from "../../src/mcp/Unseen.ts"
import { pass, settle } from "../support/Time.ts"
import { makeInbox } from "./ScriptedInbox.ts"
import { callTool, connectClient, doneTask, queuedTask, scriptedPool, taskId } from "./ScriptedPool.ts"

const [a, b, c, part] = [taskId(1), taskId(2), taskId(3), taskId(99)]
const group = GroupId.make("g_0000000000000001")

const withUnseen = Effect.gen(function*() {
  const news = yield* makeInbox
  const unseen = yield* Effect.provide(makeUnseen, scriptedPool(news.script))
  return { ...news, ...unseen }
})

describe("unseen tasks", () => {
  it.effect("are those that finished and were not shown, in that order", () =>
    Effect.gen(function*() {
      const { first, show, tell } = yield* withUnseen
      yield* tell(b, a, c)
      assert.deepStrictEqual(yield* first, [b, a, c])
      yield* show([a])
      assert.deepStrictEqual(yield* first, [b, c])
    }))

  it.effect("do not come back when the news of their end is late", () =>
    Effect.gen(function*() {
      const { first, put, show } = yield* withUnseen
      yield* put(a)
      yield* show([a])
      yield* put(b)
      yield* settle
      assert.deepStrictEqual(yield* first, [b])
    }))

  it.effect("come again when they are taken up again: a second review is told like the first", () =>
    Effect.gen(function*() {
      const { first, put, show } = yield* withUnseen
      yield* put(a, { state: "review" })
      yield* show([a])
      yield* show([a])
      yield* put(a, { state: "review" })
      yield* settle
      assert.deepStrictEqual(yield* first, [a])
    }))

  it.effect("are told as finished where they were shown as a review, and that was decided elsewhere meanwhile", () =>
    Effect.gen(function*() {
      const { first, put, show } = yield* withUnseen
      yield* put(a, { state: "review" })
      yield* put(b, { state: "review" })
      yield* put(a)
      yield* show([a, b], "review")
      assert.deepStrictEqual(yield* first, [a])
    }))

  it.effect("are not named any more once a call has found that they are gone", () =>
    Effect.gen(function*() {
      const { script, tell } = yield* makeInbox
      const { client } = yield* connectClient({
        ...script,
        result: (id) => Effect.fail(fail(new NotFound({ id }))),
        list: () => Effect.succeed({ tasks: [], total: 0 })
      })
      const unseen = Effect.map(callTool(client, "pool_list", {}), (reply) => reply.structuredContent?.["unseen"])
      yield* tell(a, b)
      assert.deepStrictEqual(yield* unseen, [a, b])
      assert.isTrue((yield* callTool(client, "pool_result", { id: a })).isError)
      assert.deepStrictEqual(yield* unseen, [b])
    }))

  it.effect("are acknowledged as far as all has been shown, once that has reached the client", () =>
    Effect.gen(function*() {
      const { readers, seq, show, tell } = yield* withUnseen
      yield* settle
      assert.deepStrictEqual(readers.get("coordinator"), 0)
      yield* tell(a, b, c)
      yield* show([a, c])
      assert.deepStrictEqual([readers.get("coordinator"), yield* seq], [0, 3])
      yield* pass("5 seconds")
      assert.deepStrictEqual(readers.get("coordinator"), 3)
      yield* show([b])
      yield* pass("5 seconds")
      assert.deepStrictEqual([readers.get("coordinator"), yield* seq], [6, 6])
    }))

  it.effect("are those of the server before, from where its client had been shown all of them", () =>
    Effect.gen(function*() {
      const news = yield* makeInbox
      const life = <A>(body: (unseen: Unseen) => Effect.Effect<A>) =>
        Effect.scoped(Effect.flatMap(makeUnseen, body)).pipe(Effect.provide(scriptedPool(news.script)))
      yield* news.put(taskId(7))
      // It had read nothing and is gone: all that came after its first look is the next one's.
      yield* life(() => settle)
      yield* news.put(a)
      yield* news.put(b)
      yield* life(({ first, show }) =>
        Effect.gen(function*() {
          assert.deepStrictEqual(yield* first, [a, b])
          yield* show([a])
          yield* pass("5 seconds")
          yield* show([b])
        })
      )
      // What it was shown last may not have reached it.
      assert.deepStrictEqual(yield* life(({ first }) => first), [b])
    }))

  it.effect("are looked for when something has ended, and not else", () =>
    Effect.gen(function*() {
      const { asked, first, happen, tell } = yield* withUnseen
      yield* settle
      yield* first
      yield* happen(PoolEvent.cases.Submitted.make({ id: a }))
      yield* first
      assert.lengthOf(asked, 1)
      yield* tell(a)
      yield* first
      yield* first
      assert.lengthOf(asked, 2)
    }))

  it.effect("are remembered within a bound, however many there are, and none is passed over", () =>
    Effect.gen(function*() {
      const { first, put, seq, show } = yield* withUnseen
      yield* settle
      const ids = Array.from({ length: 1200 }, (_, index) => taskId(index))
      yield* Effect.forEach(ids, (id) => put(id), { discard: true })
      yield* settle
      const seen: Array<string> = []
      for (let some = yield* first; some.length > 0; some = yield* first) {
        seen.push(...some)
        yield* show(some)
      }
      assert.deepStrictEqual(seen, ids)
      assert.strictEqual(yield* seq, 2400)
    }))

  it.effect("are left out where the inbox fails, or does not answer: the call is answered all the same", () =>
    Effect.gen(function*() {
      for (
        const inbox of [
          () => Effect.fail(fail(new NotFound({ id: a }))),
          () => Effect.die(new Error("a defect")),
          () => Effect.never
        ]
      ) {
        const { client } = yield* connectClient({ inbox, result: (id) => Effect.succeed(doneTask(id)) })
        const call = yield* Effect.forkChild(callTool(client, "pool_result", { id: a }))
        const ticking = yield* Effect.forkChild(
          Effect.forever(Effect.andThen(Effect.yieldNow, TestClock.adjust("1 second")))
        )
        const reply = yield* Fiber.join(call)
        yield* Fiber.interrupt(ticking)
        assert.deepInclude(reply.structuredContent, { id: a, state: "done" })
        assert.notProperty(reply.structuredContent, "unseen")
      }
    }).pipe(Effect.provideService(References.MinimumLogLevel, "None")))

  it.effect("are named a few at a time", () =>
    Effect.gen(function*() {
      const { first, show, tell } = yield* withUnseen
      const ids = Array.from({ length: 20 }, (_, index) => taskId(index))
      yield* tell(...ids)
      assert.deepStrictEqual(yield* first, ids.slice(0, 8))
      yield* show(ids.slice(0, 8))
      assert.deepStrictEqual(yield* first, ids.slice(8, 16))
    }))

  it.effect("are groups in the place of their tasks, and results that wait for a review", () =>
    Effect.gen(function*() {
      const { first, put } = yield* withUnseen
      yield* put(part, { part_of: group })
      yield* put(a)
      yield* put(group)
      yield* put(c, { part_of: group, state: "review" })
      yield* settle
      assert.deepStrictEqual(yield* first, [a, group, c])
    }))

  it.effect("leave room for overlaps: the newest, each told once", () =>
    Effect.gen(function*() {
      const { happen, script } = yield* makeInbox
      const { client } = yield* connectClient({ ...script, list: () => Effect.succeed({ tasks: [], total: 0 }) })
      const told = Effect.map(callTool(client, "pool_list", {}), (reply) => reply.structuredContent?.["both_change"])
      const overlap = (path: string) =>
        PoolEvent.cases.Overlapped.make({ first: a, second: b, path, lines: { from: 4, to: 7 } })

      assert.isUndefined(yield* told)
      yield* Effect.forEach(["1.ts", "2.ts", "3.ts", "4.ts", "5.ts"].map(overlap), happen)
      assert.deepStrictEqual(
        yield* told,
        ["2.ts", "3.ts", "4.ts", "5.ts"].map((path) => `${a} and ${b} both change ${path} 4–7`)
      )
      yield* happen(overlap("5.ts"))
      assert.isUndefined(yield* told)
    }))

  it.effect("are in replies until they have been shown", () =>
    Effect.gen(function*() {
      const { put, script, tell } = yield* makeInbox
      const { client } = yield* connectClient({
        ...script,
        list: () => Effect.succeed({ tasks: [], total: 0 }),
        result: (id) => Effect.succeed(doneTask(id)),
        cancel: (ids) => Effect.as(Effect.forEach(ids, (id) => put(id)), { cancelled: [...ids], already_finished: [] })
      })
      const unseenIn = (name: string, args: Record<string, unknown>) =>
        Effect.map(callTool(client, name, args), (reply) => reply.structuredContent?.["unseen"])

      assert.isUndefined(yield* unseenIn("pool_list", {}))
      yield* tell(a, b)
      assert.deepStrictEqual(yield* unseenIn("pool_list", {}), [a, b])
      assert.deepStrictEqual(yield* unseenIn("pool_result", { id: a }), [b])
      assert.deepStrictEqual(yield* unseenIn("pool_cancel", { ids: [c] }), [b])
      assert.deepStrictEqual(yield* unseenIn("pool_list", {}), [b])
    }))

  it.effect("are in the line before a text, too; what is not finished has not been shown with what there is of it", () =>
    Effect.gen(function*() {
      const standing: { running: ReadonlyArray<string>; review?: ReadonlyArray<TaskView> } = { running: [a] }
      const { put, script, tell } = yield* makeInbox
      const { client } = yield* connectClient({
        ...script,
        wait: () => Effect.sync(() => ({ done: [], timed_out: false, ...standing })),
        // It ends while it is read.
        output: (id) => Effect.as(put(a), { id, offset: 0, total: 0, text: "" })
      })
      const head = Effect.map(
        callTool(client, "pool_output", { id: a }),
        ({ content: [first] }) => JSON.parse(first?.type === "text" ? first.text : "") as Record<string, unknown>
      )
      yield* tell(b)
      assert.deepInclude(yield* head, { id: a, total: 0, unfinished: true })
      yield* settle
      standing.running = []
      standing.review = [doneTask(a, { state: "review" })]
      assert.deepStrictEqual((yield* head)["unseen"], [b, a])
      delete standing.review
      const last = yield* head
      assert.notProperty(last, "unfinished")
      assert.deepStrictEqual(last["unseen"], [b])
    }))

  it.effect("are not what its client has taken back", () =>
    Effect.gen(function*() {
      const waiting = yield* Deferred.make<void>()
      const { put, script } = yield* makeInbox
      const { client, connection } = yield* connectClient({
        ...script,
        submit: () => Effect.succeed(queuedTask(a)),
        wait: () => Effect.andThen(Deferred.succeed(waiting, undefined), Effect.never),
        cancel: (ids) =>
          Effect.as(Effect.forEach(ids, (id) => put(id, { state: "cancelled" })), {
            cancelled: [...ids],
            already_finished: []
          }),
        list: () => Effect.succeed({ tasks: [], total: 0 })
      })
      const call = yield* Effect.promise((signal) =>
        client.callTool({ name: "pool_run", arguments: { prompt: "x" } }, undefined, { signal })
      ).pipe(Effect.forkChild)
      yield* Deferred.await(waiting)
      yield* Fiber.interrupt(call)
      yield* connection.idle
      yield* settle
      assert.notProperty((yield* callTool(client, "pool_list")).structuredContent, "unseen")
    }))
})
