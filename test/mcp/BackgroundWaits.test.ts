/**
 * Waits that a client keeps itself: all of a wait is in its id.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Ref, type Schema } from "effect"
import { TestClock } from "effect/testing"
import type { WaitOptions } from "../../src/domain/CallOptions.ts"
import { connectTasks as connect, resultOf, tasks } from "./ModernClient.ts"
import { doneTask, taskId } from "./ScriptedPool.ts"

const [a, b] = [taskId(1), taskId(2)]

describe("a wait of the extension", () => {
  /** Work of which this much goes on. */
  const waiting = Effect.fnUntraced(function*(first: ReadonlyArray<string>) {
    const running = yield* Ref.make(first)
    const asked = yield* Ref.make<ReadonlyArray<WaitOptions>>([])
    const client = yield* connect({
      wait: (options) =>
        Effect.map(
          Effect.andThen(Ref.update(asked, (all) => [...all, options]), Ref.get(running)),
          (left) => ({ timed_out: false, done: left.includes(a) ? [] : [doneTask(a)], running: [...left] })
        )
    })
    return { ...client, running, asked }
  })

  it.effect("is about what is unfinished when it begins, and ends with it", () =>
    Effect.gen(function*() {
      const { asked, call, get, running } = yield* waiting([a, b])
      const { taskId } = yield* call("pool_wait", {})
      assert.match(String(taskId), /^w_[\w-]+$/)
      assert.deepInclude(yield* get(taskId), { status: "working", statusMessage: "waits for 2" })
      yield* Ref.set(running, [b])
      assert.deepInclude(yield* get(taskId), { status: "working" })
      yield* Ref.set(running, [])
      const done = yield* get(taskId)
      assert.deepInclude(done, { status: "completed" })
      const { structuredContent } = done["result"] as { readonly structuredContent: Schema.JsonObject }
      assert.deepInclude(structuredContent, { running: [], timed_out: false })
      assert.deepStrictEqual((yield* Ref.get(asked)).at(-1)?.ids, [a, b])
    }))

  it.effect("ends with the first where any will do, and at its time at the latest", () =>
    Effect.gen(function*() {
      const { call, get, running } = yield* waiting([a, b])
      const any = yield* call("pool_wait", { ids: [a, b], mode: "any" })
      const short = yield* call("pool_wait", { ids: [b], wait_s: 60 })
      assert.deepInclude(yield* get(any["taskId"]), { status: "working" })
      yield* Ref.set(running, [b])
      assert.deepInclude(yield* get(any["taskId"]), { status: "completed" })
      assert.deepInclude(yield* get(short["taskId"]), { status: "working" })
      yield* TestClock.adjust("60 seconds")
      assert.deepInclude(yield* get(short["taskId"]), { status: "completed", statusMessage: "the time is over" })
    }))

  it.effect("is given up without its work", () =>
    Effect.gen(function*() {
      const { ask, call, get } = yield* waiting([a])
      const { taskId = null } = yield* call("pool_wait", {})
      assert.deepInclude(resultOf(yield* ask("tasks/cancel", { taskId }, tasks)), { resultType: "complete" })
      assert.deepInclude(yield* get(taskId), { status: "cancelled" })
    }))
})
