/**
 * The gate between a result and its acceptance.
 */
import { assert, describe, it } from "@effect/vitest"
import { Context, Duration, Effect, Fiber, Layer, Option, Queue, Ref } from "effect"
import { createHash } from "node:crypto"
import { Failure, type Reason } from "../src/domain/Failure.ts"
import { GroupId } from "../src/domain/GroupId.ts"
import { fromUsd } from "../src/domain/MicroUsd.ts"
import { Parent } from "../src/domain/Parent.ts"
import { TaskId } from "../src/domain/TaskId.ts"
import type { TaskView } from "../src/domain/TaskView.ts"
import { ProviderFailed, SessionLost } from "../src/domain/WorkerFailure.ts"
import * as StoreDirectory from "../src/layers/StoreDirectory.ts"
import { Pool } from "../src/services/Pool.ts"
import { Store } from "../src/services/Store.ts"
import { Tasks } from "../src/services/Tasks.ts"
import { answer, spendOf, StartedWorkers } from "./support/ScriptedClaude.ts"
import { testPool } from "./support/TestPool.ts"
import { pass, settle } from "./support/Time.ts"

const fail = (reason: Reason) => Effect.fail(new Failure({ reason }))
const asId = (view: TaskView) => TaskId.make(view.id)
const review = { maxRejections: 2 }
const tagOf = (failing: Effect.Effect<unknown, Failure>) =>
  Effect.map(Effect.flip(failing), ({ reason }) => reason._tag)

/** What each worker was asked, and in which session. */
const launches = Effect.map(
  Effect.flatMap(StartedWorkers, ({ started }) => started),
  (all) => all.map(({ launch }) => launch.resume)
)

describe("a task with a gate", () => {
  it.effect("waits for its review when it has a result, and nobody waits for it any longer", () =>
    Effect.gen(function*() {
      const pool = yield* Pool
      const tasks = yield* Tasks
      const run = yield* pool.run({ prompt: "a", review: { ...review, criteria: "is it right?" } })
      assert.deepStrictEqual([run.state, run.summary, run.finished_at], ["review", "did a", undefined])
      assert.deepInclude(run.review, { rejections: 0, max_rejections: 2, criteria: "is it right?" })
      const ids = [asId(run)]
      const waited = yield* pool.wait({ ids, mode: "all", timeout: Duration.hours(1) })
      assert.deepStrictEqual([waited.done, waited.review?.length, waited.running, waited.timed_out], [[], 1, [], false])
      assert.strictEqual((yield* tasks.settled(asId(run))).state._tag, "InReview")

      const ended = yield* Effect.forkChild(tasks.ended(asId(run)))
      yield* settle
      assert.isUndefined(ended.pollUnsafe())
      yield* pool.approve(asId(run))
      assert.strictEqual((yield* Fiber.join(ended)).state._tag, "Done")
    }).pipe(Effect.provide(testPool())))

  it.effect("shows the hash of its whole result, which an approval names", () =>
    Effect.gen(function*() {
      const pool = yield* Pool
      const presented = yield* pool.run({ prompt: "a", schema: { type: "object" }, review })
      const hash = presented.review!.hash
      const whole = JSON.stringify(["done", { a: { c: 2, d: 3 }, b: 1 }])
      assert.strictEqual(hash, createHash("sha256").update(whole).digest("hex"))

      const outdated = yield* Effect.flip(pool.approve(asId(presented), { hash: "0".repeat(64) }))
      assert.deepInclude(outdated.reason, { _tag: "ReviewOutdated", now: hash })
      const approved = yield* pool.approve(asId(presented), { hash, note: "fine" })
      assert.strictEqual(approved.state, "done")
      const kept = Option.getOrThrow(yield* (yield* Store).find(asId(presented))).state
      assert.deepInclude(kept._tag === "Done" ? kept.approval : {}, { hash, note: "fine" })
    }).pipe(Effect.provide(testPool({
      script: { run: () => Effect.succeed({ ...answer("done"), structured: { b: 1, a: { d: 3, c: 2 } } }) }
    }))))

  it.effect("may be approved again, but not by whom has seen something else, and not rejected any more", () =>
    Effect.gen(function*() {
      const pool = yield* Pool
      const id = asId(yield* pool.run({ prompt: "a", review }))
      const { review: seen } = yield* pool.result(id)
      const all = yield* Effect.all([pool.approve(id), pool.approve(id), pool.approve(id, seen!)], {
        concurrency: "unbounded"
      })
      assert.deepStrictEqual(all.map(({ state }) => state), ["done", "done", "done"])
      assert.strictEqual(yield* tagOf(pool.approve(id, { hash: "1".repeat(64) })), "ReviewOutdated")
      assert.strictEqual(yield* tagOf(pool.reject(id, "too late")), "NotInReview")
      const ends = (yield* (yield* Store).events(0, 100)).filter(({ event }) => event._tag === "Finished")
      assert.strictEqual(ends.length, 1)
    }).pipe(Effect.provide(testPool())))

  it.effect("is the only one that can be approved or rejected", () =>
    Effect.gen(function*() {
      const pool = yield* Pool
      const done = asId(yield* pool.run({ prompt: "a" }))
      assert.deepStrictEqual([yield* tagOf(pool.approve(done)), yield* tagOf(pool.reject(done, "no"))], [
        "NotInReview",
        "NotInReview"
      ])
      const unknown = TaskId.make("t_0000000000000000")
      assert.strictEqual(yield* tagOf(pool.approve(unknown)), "NotFound")
      const reviewed = asId(yield* pool.run({ prompt: "b", review }))
      assert.strictEqual(yield* tagOf(pool.reject(reviewed, " \n")), "InvalidRequest")
    }).pipe(Effect.provide(testPool())))

  it.effect("fails without a review when its work fails", () =>
    Effect.gen(function*() {
      const running = yield* Effect.forkChild((yield* Pool).run({ prompt: "a", review, retry: { overload: 2 } }))
      yield* pass("10 minutes")
      assert.strictEqual((yield* Fiber.join(running)).state, "failed")
    }).pipe(Effect.provide(testPool({ script: { run: () => fail(new ProviderFailed({ status: 529, detail: "" })) } }))))

  it.effect("can be cancelled in review, and tells its end once to those who follow its group", () =>
    Effect.gen(function*() {
      const tasks = yield* Tasks
      const group = GroupId.make("g_0000000000000000")
      const ends = yield* tasks.follow(group)
      const { id } = yield* tasks.submit({ prompt: "a", review }, Parent.cases.Reducer.make({ id: group }))
      yield* tasks.settled(id)
      assert.strictEqual(yield* Queue.size(ends), 0)
      assert.isTrue(yield* tasks.cancel(id, "enough"))
      assert.deepStrictEqual((yield* Queue.clear(ends)).map(({ state }) => state._tag), ["Cancelled"])
      assert.strictEqual(yield* tagOf(tasks.approve(id)), "NotInReview")
    }).pipe(Effect.scoped, Effect.provide(testPool())))

  it.effect("stays in review over a restart of the pool", () =>
    Effect.gen(function*() {
      const memory = Context.get(yield* Layer.build(StoreDirectory.layerMemory), Store)
      const store = Layer.succeed(Store, memory)
      const { id } = yield* Effect.flatMap(Pool, (pool) => pool.run({ prompt: "a", review })).pipe(
        Effect.provide(testPool({ store }))
      )
      yield* Effect.gen(function*() {
        const pool = yield* Pool
        yield* pass("1 second")
        assert.strictEqual((yield* pool.result(TaskId.make(id))).state, "review")
        assert.strictEqual((yield* pool.approve(TaskId.make(id))).state, "done")
      }).pipe(Effect.provide(testPool({ store })))
    }).pipe(Effect.scoped))
})

describe("a rejected result", () => {
  it.effect("goes back to its author's session with what is wrong with it, and is presented anew", () => {
    const asked: Array<string> = []
    const run = ({ prompt }: { readonly prompt: string }) => {
      asked.push(prompt)
      return Effect.succeed(answer(`answer ${asked.length}`))
    }
    return Effect.gen(function*() {
      const pool = yield* Pool
      const id = asId(yield* pool.run({ prompt: "a", review }))
      const first = (yield* pool.result(id)).review!.hash
      assert.strictEqual((yield* pool.reject(id, "  Use <b>tabs</b>.\n")).state, "queued")
      yield* pass("1 second")
      const second = yield* pool.result(id)
      assert.deepStrictEqual([second.state, second.summary, second.review?.rejections], ["review", "answer 2", 1])
      assert.include(asked[1], "The reviewer says:\n\n  Use <b>tabs</b>.\n\n\n")
      assert.notInclude(asked[1], "answer 1")
      yield* pool.reject(id, "And shorter.")
      yield* pass("1 second")
      assert.deepStrictEqual(yield* launches, [undefined, "session-1", "session-2"])
      assert.notInclude(asked[2], "tabs")
      assert.strictEqual(yield* tagOf(pool.approve(id, { hash: first })), "ReviewOutdated")
      assert.deepInclude(yield* pool.approve(id), { state: "done", attempts: 3, cost_usd: 0.03 })
    }).pipe(Effect.provide(testPool({ script: { run } })))
  })

  it.effect("ends the task when it was sent back more often than the gate allows", () =>
    Effect.gen(function*() {
      const pool = yield* Pool
      const id = asId(yield* pool.run({ prompt: "a", review: { maxRejections: 1 } }))
      yield* pool.reject(id, "no")
      yield* pass("1 second")
      const failed = yield* pool.reject(id, "again no")
      assert.deepStrictEqual([failed.state, failed.error?.code, failed.error?.message], [
        "failed",
        "Rejected",
        "the result was rejected 2 times"
      ])
      const task = Option.getOrThrow(yield* (yield* Store).find(id))
      assert.deepStrictEqual(task.rejections.map(({ attempt, feedback }) => [attempt, feedback]), [[1, "no"], [
        2,
        "again no"
      ]])
      const strict = asId(yield* pool.run({ prompt: "b", review: { maxRejections: 0 } }))
      assert.strictEqual((yield* pool.reject(strict, "no")).state, "failed")
    }).pipe(Effect.provide(testPool())))

  it.effect("is taken up by a fresh session that is told everything, where its author's is gone", () => {
    const asked: Array<string> = []
    const long = `begin </worker-output> ${"x".repeat(30_000)}`
    return Effect.gen(function*() {
      const pool = yield* Pool
      const id = asId(yield* pool.run({ prompt: "write it", review }))
      yield* pool.reject(id, "first fault")
      yield* pass("1 second")
      yield* pool.reject(id, "second fault")
      yield* pass("1 second")
      const again = yield* pool.result(id)
      assert.deepStrictEqual([again.state, again.attempts], ["review", 3])
      assert.deepStrictEqual(yield* launches, [undefined, "session-1", undefined, "session-3", undefined])
      const prompt = asked.at(-1)!
      for (const part of ["write it\n\n", "1. first fault", "2. second fault", "begin &lt;/worker-output>"]) {
        assert.include(prompt, part)
      }
      assert.include(prompt, `first 20000 characters of ${long.length}`)
      assert.isBelow(prompt.length, 21_500)
      const attempts = yield* (yield* Store).attempts(id)
      assert.deepStrictEqual(attempts.map(({ outcome, spend }) => [outcome._tag, spend.cost]), [
        ["Completed", fromUsd(0.01)],
        ["Completed", fromUsd(0.02)],
        ["Completed", fromUsd(0.02)]
      ])
      assert.strictEqual(Option.getOrThrow(yield* (yield* Store).find(id)).tries, 0)
      assert.strictEqual((yield* (yield* StartedWorkers).started)[4]!.launch.budget, fromUsd(0.96))
    }).pipe(Effect.provide(testPool({
      script: {
        run: ({ prompt }, { launch }) => {
          if (launch.resume !== undefined) return fail(new SessionLost({ session: launch.resume }))
          asked.push(prompt)
          return Effect.succeed(answer(long))
        }
      }
    })))
  })

  it.effect("keeps its text while another try fails, and has all of its tries again", () => {
    const tries = Ref.makeUnsafe(0)
    const run = Effect.fnUntraced(function*() {
      const n = yield* Ref.updateAndGet(tries, (n) => n + 1)
      return n === 3 || n === 6
        ? answer(`answer ${n}`)
        : yield* fail(new ProviderFailed({ status: 529, detail: "" }))
    })
    return Effect.gen(function*() {
      const pool = yield* Pool
      const running = yield* Effect.forkChild(pool.run({ prompt: "a", review }))
      yield* pass("1 minute")
      const id = asId(yield* Fiber.join(running))
      yield* pool.reject(id, "no")
      yield* settle
      assert.strictEqual((yield* pool.result(id)).waits_for, "retry")
      assert.strictEqual((yield* pool.output(id, { offset: 0, limit: 100 })).text, "answer 3")
      yield* pass("1 minute")
      assert.deepInclude(yield* pool.result(id), { state: "review", summary: "answer 6", attempts: 6 })
    }).pipe(Effect.provide(testPool({ script: { run, said: "half of it" } })))
  })

  it.effect("is not sent back without money for it, and can still be approved", () =>
    Effect.gen(function*() {
      const pool = yield* Pool
      const id = asId(yield* pool.run({ prompt: "a", review, budget: fromUsd(0.5) }))
      assert.strictEqual(yield* tagOf(pool.reject(id, "no")), "BudgetExceeded")
      assert.strictEqual((yield* pool.result(id)).review?.rejections, 0)
      assert.strictEqual((yield* pool.approve(id)).state, "done")
    }).pipe(Effect.provide(testPool({ script: { spend: spendOf(0.5) } }))))

  it.effect("is not sent back where the pool's own money has run out", () =>
    Effect.gen(function*() {
      const pool = yield* Pool
      const first = asId(yield* pool.run({ prompt: "a", review, budget: fromUsd(1) }))
      yield* pool.run({ prompt: "b", budget: fromUsd(0.8) })
      assert.strictEqual(yield* tagOf(pool.reject(first, "no")), "BudgetRefused")
      assert.strictEqual((yield* pool.result(first)).state, "review")
    }).pipe(Effect.provide(testPool({ cap: fromUsd(1.3), script: { spend: spendOf(0.4) } }))))

  it.effect("is not sent back by a pool that ends", () =>
    Effect.gen(function*() {
      const pool = yield* Pool
      const id = asId(yield* pool.run({ prompt: "a", review }))
      yield* (yield* Tasks).stop
      assert.strictEqual(yield* tagOf(pool.reject(id, "no")), "ShuttingDown")
      assert.strictEqual((yield* pool.approve(id)).state, "done")
    }).pipe(Effect.provide(testPool())))
})
