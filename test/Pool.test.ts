import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Fiber, Stream } from "effect"
import { TaskId } from "../src/domain/TaskId.ts"
import type { TaskView } from "../src/domain/TaskView.ts"
import { Pool } from "../src/services/Pool.ts"
import { answer } from "./support/ScriptedClaude.ts"
import { testPool } from "./support/TestPool.ts"
import { pass, settle } from "./support/Time.ts"

const asId = (view: TaskView) => TaskId.make(view.id)

describe("a wait", () => {
  it.effect("ends with its time, and the tasks go on", () =>
    Effect.gen(function*() {
      const pool = yield* Pool
      const id = asId(yield* pool.submit({ prompt: "a" }))
      const waiting = yield* Effect.forkChild(pool.wait({ ids: [], mode: "all", timeout: Duration.seconds(30) }))
      yield* pass("30 seconds")
      assert.deepStrictEqual(yield* Fiber.join(waiting), { done: [], running: [id], timed_out: true })
      yield* pass("30 seconds")
      const later = yield* pool.wait({ ids: [id], mode: "all", timeout: Duration.seconds(1) })
      assert.deepStrictEqual([later.done.length, later.timed_out], [1, false])
    }).pipe(Effect.provide(testPool({ script: { run: () => Effect.as(Effect.sleep("1 minute"), answer("")) } }))))

  it.effect("for any ends with the first", () => {
    const run = ({ prompt }: { readonly prompt: string }) =>
      Effect.as(Effect.sleep(prompt === "fast" ? "1 second" : "1 hour"), answer(prompt))
    return Effect.gen(function*() {
      const pool = yield* Pool
      const slow = asId(yield* pool.submit({ prompt: "slow" }))
      const fast = asId(yield* pool.submit({ prompt: "fast" }))
      const waiting = yield* Effect.forkChild(
        pool.wait({ ids: [slow, fast], mode: "any", timeout: Duration.minutes(1) })
      )
      yield* pass("1 second")
      const reply = yield* Fiber.join(waiting)
      assert.deepStrictEqual([reply.done.map(({ id }) => id), reply.running], [[fast], [slow]])
      yield* pool.cancel([slow], "")
    }).pipe(Effect.provide(testPool({ script: { run } })))
  })

  it.effect("for a task that there is not says so at once", () =>
    Effect.gen(function*() {
      const ids = [TaskId.make("t_0000000000000000")]
      const failure = yield* Effect.flip((yield* Pool).wait({ ids, mode: "all", timeout: Duration.hours(1) }))
      assert.strictEqual(failure.reason._tag, "NotFound")
    }).pipe(Effect.provide(testPool())))
})

describe("the events", () => {
  it.effect("tell a task's life as it happens, in its order", () =>
    Effect.gen(function*() {
      const pool = yield* Pool
      const seen = yield* Effect.forkChild(pool.events.pipe(
        Stream.map(({ _tag }) => _tag),
        Stream.takeUntil((tag) => tag === "Finished"),
        Stream.runCollect
      ))
      yield* settle
      yield* pool.run({ prompt: "a" })
      assert.deepStrictEqual(yield* Fiber.join(seen), ["Submitted", "Started", "Finished"])
    }).pipe(Effect.provide(testPool())))
})

describe("a pool that only accepts", () => {
  it.effect("keeps tasks, says that they wait for a pool, and can cancel them", () =>
    Effect.gen(function*() {
      const pool = yield* Pool
      const accepted = yield* pool.submit({ prompt: "a" })
      yield* settle
      assert.deepStrictEqual([accepted.waits_for, (yield* pool.result(asId(accepted))).state], ["pool", "queued"])
      assert.deepStrictEqual((yield* pool.cancel([asId(accepted)], "")).cancelled, [accepted.id])
    }).pipe(Effect.provide(testPool({ dispatch: false }))))
})
