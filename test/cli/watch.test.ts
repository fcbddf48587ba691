/**
 * `claude-pool watch` through its front door, over a script of the pool: what it asks, how often, and what its keys do.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Queue, Ref } from "effect"
import { TestClock } from "effect/testing"
import { NoPool } from "../../src/domain/EnvironmentFailure.ts"
import { Failure } from "../../src/domain/Failure.ts"
import type { PoolEvent } from "../../src/domain/PoolEvent.ts"
import { ReviewOutdated } from "../../src/domain/RequestFailure.ts"
import { queuedView, reviewedView, sampleId } from "../support/SampleViews.ts"
import { settle } from "../support/Time.ts"
import { terminalMachine, watched, watchedPool } from "../support/WatchedPool.ts"

describe("watch", () => {
  it.effect("asks the pool once a second, and for news at most five times a second", () =>
    Effect.gen(function*() {
      const { events, looks, pool } = yield* watchedPool()
      const { press, running } = yield* watched({ pool })
      assert.strictEqual(yield* Ref.get(looks), 1)
      for (let second = 0; second < 5; second++) {
        yield* TestClock.adjust("1 second")
        yield* settle
      }
      assert.strictEqual(yield* Ref.get(looks), 6)
      // A flood of news.
      for (let tick = 0; tick < 40; tick++) {
        yield* Queue.offerAll(
          events,
          Array.from({ length: 50 }, (): PoolEvent => ({ _tag: "Submitted", id: sampleId("q") }))
        )
        yield* press("j", "k")
        yield* TestClock.adjust("50 millis")
        yield* settle
      }
      assert.isAtMost(yield* Ref.get(looks), 6 + 10)
      assert.isAtLeast(yield* Ref.get(looks), 6 + 8)
      // Keys are no news.
      const before = yield* Ref.get(looks)
      yield* TestClock.adjust("250 millis")
      yield* press("j", "k", "j", "?", "escape")
      yield* TestClock.adjust("250 millis")
      assert.isAtMost((yield* Ref.get(looks)) - before, 1)
      yield* press("q")
      assert.strictEqual((yield* Fiber.join(running)).exitCode, 0)
    }))

  it.effect("takes the whole terminal, and gives it back as it was", () =>
    Effect.gen(function*() {
      const { pool } = yield* watchedPool()
      const { press, running, screen, tty } = yield* watched({ pool })
      assert.isTrue(tty.written().startsWith("\u001b[?1049h\u001b[?25l"))
      assert.include(screen(), "▸ slot-1")
      yield* press("q")
      yield* Fiber.join(running)
      assert.isTrue(tty.written().endsWith("\u001b[?25h\u001b[?1049l"))
      assert.deepStrictEqual(tty.screen(), [])
    }))

  it.effect("gives it back also where it is interrupted, where its keys end, and where there is a bug", () =>
    Effect.gen(function*() {
      const { pool } = yield* watchedPool()
      const cut = yield* watched({ pool })
      yield* Fiber.interrupt(cut.running)
      const gone = yield* watched({ pool })
      yield* gone.tty.hangUp
      assert.strictEqual((yield* Fiber.join(gone.running)).exitCode, 0)
      const broken = yield* watched({ pool: { ...pool, status: Effect.die("a bug") } })
      const { exitCode, stderr } = yield* Fiber.join(broken.running)
      assert.strictEqual(exitCode, 1)
      assert.include(stderr, "a bug")
      for (const { tty } of [cut, gone, broken]) assert.isTrue(tty.written().endsWith("\u001b[?25h\u001b[?1049l"))
    }))

  it.effect("is drawn anew in the size that it gets", () =>
    Effect.gen(function*() {
      const { pool } = yield* watchedPool()
      const { press, running, screen, tty } = yield* watched({ pool })
      yield* tty.resize(40, 12)
      yield* settle
      assert.strictEqual(tty.screen().length, 12)
      assert.include(screen(), "slot-1")
      yield* press("q")
      yield* Fiber.join(running)
    }))

  it.effect("cancels what is selected, once that is confirmed", () =>
    Effect.gen(function*() {
      const cancelled: Array<string> = []
      const { pool } = yield* watchedPool({
        cancel: (ids) =>
          Effect.sync(() => {
            cancelled.push(...ids)
            return { cancelled: ids, already_finished: [] }
          })
      })
      const { press, running, screen } = yield* watched({ pool })
      yield* press("c")
      assert.include(screen(), `cancel ${sampleId("r")} (the tree) for good? y/n`)
      yield* press("n")
      assert.deepStrictEqual(cancelled, [])
      yield* press("c", "y")
      assert.deepStrictEqual(cancelled, [sampleId("r")])
      assert.include(screen(), `${sampleId("r")} cancelled`)
      yield* press("q")
      yield* Fiber.join(running)
    }))

  it.effect("shows what is approved, and approves that and nothing else", () =>
    Effect.gen(function*() {
      const task = reviewedView("v", { name: "the parser" })
      const { pool } = yield* watchedPool({
        result: () => Effect.succeed(task),
        output: (id) => Effect.succeed({ id, offset: 0, total: 14, text: "it is rewritten" }),
        approve: (_, options) =>
          options?.hash === task.review?.hash
            ? new Failure({ reason: new ReviewOutdated({ id: sampleId("v"), seen: "9f86d0", now: "aaaaaa" }) })
            : Effect.die("not what was shown")
      })
      const { press, running, screen } = yield* watched({ pool })
      yield* press("a")
      assert.include(screen(), "does not wait for a review")
      yield* press("j", "j", "a")
      for (
        const part of ["no internal names", `hash ${task.review?.hash}`, "it is rewritten", "exactly this result? y/n"]
      ) {
        assert.include(screen(), part)
      }
      yield* press("y")
      // It was refused: what went wrong, and what to do about it.
      assert.include(screen(), "is not the one that was seen: it")
      yield* press("q")
      yield* Fiber.join(running)
    }))

  it.effect("rejects with what is written, and not without", () =>
    Effect.gen(function*() {
      const rejected: Array<string> = []
      const task = reviewedView("v")
      const { pool } = yield* watchedPool({
        result: () => Effect.succeed(task),
        output: (id) => Effect.succeed({ id, offset: 0, total: 0, text: "" }),
        reject: (_, feedback) =>
          Effect.sync(() => {
            rejected.push(feedback)
            return queuedView("v")
          })
      })
      const { press, running, screen } = yield* watched({ pool })
      yield* press("j", "j", "r", "return")
      assert.include(screen(), "say what is wrong")
      yield* press("n", "o", "escape")
      assert.notInclude(screen(), "what is wrong with it")
      yield* press(
        "r",
        ..."tests",
        "backspace",
        "ctrl-w",
        "q",
        "y",
        "space",
        "paste-start",
        "2",
        "return",
        "3",
        "paste-end",
        "return"
      )
      assert.deepStrictEqual(rejected, ["qy 2 3"])
      assert.include(screen(), "it goes on with your feedback")
      yield* press("q")
      yield* Fiber.join(running)
    }))

  it.effect("scales, drains and takes work in again, and says what became of it", () =>
    Effect.gen(function*() {
      const { pool } = yield* watchedPool({
        scaleUp: (slots) => Effect.succeed({ before: 2, target: 2 + slots, draining: [] }),
        scaleDown: () => new Failure({ reason: new NoPool({ directory: "/store" }) }),
        drain: () => Effect.succeed({ finished: [], cut: [], queued: 0, taken_back: true as const, s: 0 }),
        resume: Effect.void
      })
      const { press, running, screen } = yield* watched({ pool })
      yield* press("+")
      assert.include(screen(), "3 slots now, 2 before")
      yield* press("-")
      assert.include(screen(), "/store")
      yield* press("u", "y")
      assert.include(screen(), "takes work in again")
      yield* press("d")
      assert.include(screen(), "drain the pool")
      yield* press("y")
      assert.include(screen(), "the drain was taken back, and work is started again")
      yield* press("q")
      yield* Fiber.join(running)
    }))

  it.effect("lets workers look, and no more", () =>
    Effect.gen(function*() {
      const { pool } = yield* watchedPool()
      const { press, running, screen } = yield* watched({ pool, machine: { ...terminalMachine, isWorker: true } })
      yield* press("c", "y")
      assert.include(screen(), "a worker cannot cancel work")
      yield* press("j", "j", "a")
      assert.include(screen(), "a worker cannot judge a result")
      yield* press("+")
      assert.include(screen(), "a worker cannot scale the pool")
      yield* press("q")
      yield* Fiber.join(running)
    }))
})
