/**
 * What is kept of what a worker says and does: as it goes on, in batches, and all of it at the end; over attempts, over
 * reviews, and over the end of the pool.
 */
import { assert, describe, it } from "@effect/vitest"
import { Array, DateTime, Deferred, Duration, Effect, Fiber, Layer, Ref, Stream } from "effect"
import { TestClock } from "effect/testing"
import { StoreUnusable } from "../src/domain/EnvironmentFailure.ts"
import { fail } from "../src/domain/Failure.ts"
import type { PoolEvent } from "../src/domain/PoolEvent.ts"
import { TaskId } from "../src/domain/TaskId.ts"
import type { TurnPiece } from "../src/domain/Turn.ts"
import { WorkerLost } from "../src/domain/WorkerFailure.ts"
import * as StoreDirectory from "../src/layers/StoreDirectory.ts"
import { Pool } from "../src/services/Pool.ts"
import { Store } from "../src/services/Store.ts"
import { Tasks } from "../src/services/Tasks.ts"
import { killablePools } from "./support/KillablePools.ts"
import { answer } from "./support/ScriptedClaude.ts"
import { testPool, type TestPoolOptions } from "./support/TestPool.ts"
import { pass, settle } from "./support/Time.ts"

const said = (text: string): TurnPiece => ({ kind: "said", text })
const call: TurnPiece = { kind: "tool", tool: "Bash", text: "npm test" }
const result: TurnPiece = { kind: "result", text: "1 failed", failed: true }

const page = { since: 0, limit: 500 }

/** `kind: text`, `kind!: text` where it failed. */
const linesOf = Effect.fnUntraced(function*(id: string) {
  const pool = yield* Pool
  const { more, turns } = yield* pool.turns(TaskId.make(id), page)
  assert.isFalse(more)
  assert.deepStrictEqual(turns.map(({ seq }) => seq), Array.makeBy(turns.length, (index) => index + 1))
  return turns.map(({ failed, kind, text }) => `${kind}${failed === true ? "!" : ""}: ${text}`)
})

const scripted = (script: TestPoolOptions["script"], more: TestPoolOptions = {}) =>
  testPool({ slots: 1, ...more, script: script ?? {} })

describe("what a worker says and does", () => {
  it.effect("can be read with what it was asked, and how the attempt began and ended", () =>
    Effect.gen(function*() {
      const pool = yield* Pool
      const { id } = yield* pool.run({ prompt: "mend it\u001b[2J" })
      assert.deepStrictEqual(yield* linesOf(id), [
        "notice: attempt 1 on slot-1",
        "prompt: mend it",
        "said: I look.",
        "tool: npm test",
        "result!: 1 failed",
        "notice: done"
      ])
      const { seq, turns } = yield* pool.turns(TaskId.make(id), { since: 2, limit: 2 })
      assert.deepInclude(turns[1], {
        seq: 4,
        attempt: 1,
        kind: "tool",
        tool: "Bash",
        at: DateTime.formatIso(yield* DateTime.now)
      })
      assert.strictEqual(seq, 4)
    }).pipe(Effect.provide(scripted({
      run: (turn) => Effect.as(turn.hear?.([said("I look."), call, result]) ?? Effect.void, answer("done"))
    }))))

  it.effect("is there while it works, half a second later, with an event for each batch", () => {
    const go = Deferred.makeUnsafe<void>()
    return Effect.gen(function*() {
      const pool = yield* Pool
      const heard: globalThis.Array<PoolEvent> = []
      yield* Effect.forkScoped(
        Stream.runForEach(pool.events, (event) => Effect.sync(() => heard.push(event))),
        { startImmediately: true }
      )
      const { id } = yield* pool.submit({ prompt: "a" })
      yield* settle
      assert.deepStrictEqual(yield* linesOf(id), ["notice: attempt 1 on slot-1"])
      yield* TestClock.adjust("500 millis")
      yield* settle
      assert.deepStrictEqual(yield* linesOf(id), ["notice: attempt 1 on slot-1", "prompt: a", "said: one", "said: two"])
      const turned = () => heard.filter(({ _tag }) => _tag === "Turned")
      assert.deepStrictEqual(turned(), [{ _tag: "Turned", id: TaskId.make(id), seq: 4 }])
      yield* Deferred.succeed(go, undefined)
      yield* pool.wait({ ids: [TaskId.make(id)], mode: "all", timeout: Duration.minutes(1) })
      assert.deepStrictEqual((yield* linesOf(id)).slice(4), ["said: three", "notice: done"])
      assert.strictEqual(turned().length, 1)
    }).pipe(
      Effect.scoped,
      Effect.provide(scripted({
        run: Effect.fnUntraced(function*(turn) {
          yield* turn.hear?.([said("one")]) ?? Effect.void
          yield* turn.hear?.([said("two")]) ?? Effect.void
          yield* Deferred.await(go)
          yield* turn.hear?.([said("three")]) ?? Effect.void
          return answer("done")
        })
      }))
    )
  })

  it.effect("costs a task that is done at once no write of its own", () => {
    const appends = Ref.makeUnsafe(0)
    const store = Layer.effect(
      Store,
      Effect.map(Store, (it) =>
        Store.of({
          ...it,
          turns: {
            ...it.turns,
            append: (id, turns) => Effect.andThen(Ref.update(appends, (count) => count + 1), it.turns.append(id, turns))
          }
        }))
    ).pipe(Layer.provide(StoreDirectory.layerMemory))
    return Effect.gen(function*() {
      yield* (yield* Pool).run({ prompt: "a" })
      assert.strictEqual(yield* Ref.get(appends), 0)
    }).pipe(Effect.provide(scripted({}, { store })))
  })

  it.effect("waits for a store that does not take it, and where there is too much says so", () => {
    const isFull = Ref.makeUnsafe(true)
    const go = Deferred.makeUnsafe<void>()
    const store = Layer.effect(
      Store,
      Effect.map(Store, (it) =>
        Store.of({
          ...it,
          turns: {
            ...it.turns,
            append: (id, turns) =>
              Effect.flatMap(Ref.get(isFull), (full) =>
                full
                  ? fail(new StoreUnusable({ directory: "/w", problem: "full", detail: "scripted" }))
                  : it.turns.append(id, turns))
          }
        }))
    ).pipe(Layer.provide(StoreDirectory.layerMemory))
    return Effect.gen(function*() {
      const pool = yield* Pool
      const { id } = yield* pool.submit({ prompt: "a" })
      yield* pass("2 seconds")
      assert.deepStrictEqual(yield* linesOf(id), ["notice: attempt 1 on slot-1"])
      yield* Ref.set(isFull, false)
      yield* pass("1 second")
      const store = yield* Store
      const kept = yield* store.turns.list(TaskId.make(id), { since: 0, limit: 1000 })
      const lines = kept.map(({ kind, text }) => `${kind}: ${text}`)
      assert.strictEqual(lines.length, 502)
      assert.deepStrictEqual([lines[2], lines.at(-2)], ["said: 1", "said: 499"])
      assert.strictEqual(lines.at(-1), "notice: 101 pieces are left out: there were more than could be kept")
      yield* Deferred.succeed(go, undefined)
      yield* pool.wait({ ids: [TaskId.make(id)], mode: "all", timeout: Duration.minutes(1) })
    }).pipe(Effect.provide(scripted({
      run: Effect.fnUntraced(function*(turn) {
        for (const index of Array.range(1, 600)) yield* turn.hear?.([said(`${index}`)]) ?? Effect.void
        yield* Deferred.await(go)
        return answer("done")
      })
    }, { store })))
  })
})

describe("an attempt", () => {
  it.effect("that failed says why, and the next one goes on with the numbers", () => {
    const times = Ref.makeUnsafe(0)
    return Effect.gen(function*() {
      const running = yield* Effect.forkChild((yield* Pool).run({ prompt: "a" }))
      yield* pass("10 seconds")
      const lines = yield* linesOf((yield* Fiber.join(running)).id)
      assert.match(
        lines[2] ?? "",
        /^notice!: failed \(WorkerLost\): the worker ended without a result: gone; tried again at \d/
      )
      assert.deepStrictEqual(lines.toSpliced(2, 1), [
        "notice: attempt 1 on slot-1",
        "prompt: a",
        "notice: attempt 2 on slot-1",
        "prompt: a",
        "notice: done"
      ])
    }).pipe(Effect.provide(scripted({
      run: () =>
        Effect.flatMap(
          Ref.getAndUpdate(times, (count) => count + 1),
          (count) => count === 0 ? fail(new WorkerLost({ detail: "gone" })) : Effect.succeed(answer("done"))
        )
    })))
  })

  it.effect("that was sent back says so, and with what", () =>
    Effect.gen(function*() {
      const pool = yield* Pool
      const first = yield* pool.run({ prompt: "a", review: { maxRejections: 2 } })
      const id = TaskId.make(first.id)
      yield* pool.reject(id, "use\u001b[2J tabs")
      yield* pool.wait({ ids: [id], mode: "all", timeout: Duration.minutes(1) })
      const lines = yield* linesOf(id)
      assert.deepStrictEqual(lines.slice(2, 5), [
        "notice: its result waits to be approved",
        "notice: attempt 2 on slot-1",
        "notice: sent back with feedback: use tabs"
      ])
      assert.match(lines[5] ?? "", /^prompt: /)
    }).pipe(Effect.provide(scripted({}))))

  it.effect("that is cancelled says by what", () =>
    Effect.gen(function*() {
      const pool = yield* Pool
      const { id } = yield* pool.submit({ prompt: "a" })
      yield* settle
      yield* pool.cancel([TaskId.make(id)], "not needed")
      assert.deepStrictEqual((yield* linesOf(id)).slice(1), [
        "prompt: a",
        "said: hm",
        "notice: cancelled: not needed"
      ])
    }).pipe(Effect.provide(scripted({
      run: (turn) => Effect.andThen(turn.hear?.([said("hm")]) ?? Effect.void, Effect.never)
    }))))
})

describe("a pool that is killed", () => {
  it.effect("leaves what was kept by then, and the next one goes on after it", () =>
    Effect.gen(function*() {
      const pools = yield* killablePools({
        slots: 1,
        script: { run: (turn) => Effect.andThen(turn.hear?.([said("first")]) ?? Effect.void, Effect.never) }
      })
      const { id } = yield* pools.use(Effect.flatMap(Tasks, (tasks) => tasks.submit({ prompt: "a" })))
      yield* pass("1 second")
      const next = yield* Effect.forkChild(pools.kill({
        script: {
          sessions: "second",
          run: (turn) => Effect.as(turn.hear?.([said("second")]) ?? Effect.void, answer("done"))
        }
      }))
      yield* pass("10 seconds")
      yield* Fiber.join(next)
      yield* pools.use(Effect.flatMap(Tasks, (tasks) => tasks.settled(id)))
      const turns = yield* pools.use(Effect.flatMap(Store, (store) => store.turns.list(id, page)))
      assert.deepStrictEqual(turns.map(({ attempt, seq, text }) => [seq, attempt, text]), [
        [1, 1, "attempt 1 on slot-1"],
        [2, 1, "a"],
        [3, 1, "first"],
        [4, 1, "cut off, for the pool was killed; it waits again"],
        [5, 2, "attempt 2 on slot-1"],
        [6, 2, "a"],
        [7, 2, "second"],
        [8, 2, "done"]
      ])
    }).pipe(Effect.scoped))
})
