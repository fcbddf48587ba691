/**
 * The safety net for lost notifications: every reply names finished tasks that the client has not been shown.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Queue, Stream } from "effect"
import { GroupId } from "../../src/domain/GroupId.ts"
import { PoolEvent } from "../../src/domain/PoolEvent.ts"
import type { TaskId } from "../../src/domain/TaskId.ts"
import { makeUnseen } from "../../src/mcp/Unseen.ts"
import { settle } from "../support/Time.ts"
import { callTool, connectClient, doneTask, groupView, scriptedPool, taskId } from "./ScriptedPool.ts"

const [a, b, c, part] = [taskId(1), taskId(2), taskId(3), taskId(99)]
const group = GroupId.make("g_0000000000000001")

const finished = (id: TaskId) => PoolEvent.cases.Finished.make({ id, state: "Done" })

/** Events that have been taken in when the next thing happens: the queue is empty and its reader waits. */
const makeNews = Effect.gen(function*() {
  const queue = yield* Queue.unbounded<PoolEvent>()
  const happen = (...events: ReadonlyArray<PoolEvent>) => Effect.andThen(Queue.offerAll(queue, events), settle)
  const tell = (...ids: ReadonlyArray<TaskId>) => happen(...ids.map(finished))
  return { events: Stream.fromQueue(queue), tell, happen }
})

const withUnseen = Effect.gen(function*() {
  const { events, happen, tell } = yield* makeNews
  const unseen = yield* Effect.provide(
    makeUnseen,
    scriptedPool({
      events,
      result: (id) => Effect.succeed(id === part ? doneTask(id, { part_of: group }) : doneTask(id)),
      group: (id) => Effect.succeed(groupView(id))
    })
  )
  return { ...unseen, tell, happen }
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
      const { first, show, tell } = yield* withUnseen
      yield* show([a])
      yield* tell(a, b)
      assert.deepStrictEqual(yield* first, [b])
    }))

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
      const { first, happen, tell } = yield* withUnseen
      yield* tell(part, a)
      yield* happen(
        PoolEvent.cases.GroupFinished.make({ id: group, state: "Done" }),
        PoolEvent.cases.Presented.make({ id: c })
      )
      assert.deepStrictEqual(yield* first, [a, group, c])
    }))

  it.effect("leave room for overlaps: the newest, each told once", () =>
    Effect.gen(function*() {
      const { events, happen } = yield* makeNews
      const { client } = yield* connectClient({ events, list: () => Effect.succeed({ tasks: [], total: 0 }) })
      const told = Effect.map(callTool(client, "pool_list", {}), (reply) => reply.structuredContent?.["both_change"])
      const overlap = (path: string) =>
        PoolEvent.cases.Overlapped.make({ first: a, second: b, path, lines: { from: 4, to: 7 } })

      assert.isUndefined(yield* told)
      yield* happen(...["1.ts", "2.ts", "3.ts", "4.ts", "5.ts"].map(overlap))
      assert.deepStrictEqual(
        yield* told,
        ["2.ts", "3.ts", "4.ts", "5.ts"].map((path) => `${a} and ${b} both change ${path} 4–7`)
      )
      yield* happen(overlap("5.ts"))
      assert.isUndefined(yield* told)
    }))

  it.effect("are in replies until they have been shown", () =>
    Effect.gen(function*() {
      const { events, tell } = yield* makeNews
      const { client } = yield* connectClient({
        events,
        list: () => Effect.succeed({ tasks: [], total: 0 }),
        result: (id) => Effect.succeed(doneTask(id)),
        cancel: (ids) => Effect.succeed({ cancelled: [...ids], already_finished: [] })
      })
      const unseenIn = (name: string, args: Record<string, unknown>) =>
        Effect.map(callTool(client, name, args), (reply) => reply.structuredContent?.["unseen"])

      assert.isUndefined(yield* unseenIn("pool_list", {}))
      yield* tell(a, b)
      assert.deepStrictEqual(yield* unseenIn("pool_list", {}), [a, b])
      assert.deepStrictEqual(yield* unseenIn("pool_result", { id: a }), [b])
      assert.deepStrictEqual(yield* unseenIn("pool_cancel", { ids: [c] }), [b])
      yield* tell(c)
      assert.deepStrictEqual(yield* unseenIn("pool_list", {}), [b])
    }))
})
