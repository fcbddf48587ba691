/**
 * What `claude-pool watch` reads: open work, one pool after the other; and what it prints where it does not stay.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Ref, Schema } from "effect"
import { TestClock } from "effect/testing"
import { Dashboard } from "../../src/cli/watch/Dashboard.ts"
import { PoolLost } from "../../src/domain/EnvironmentFailure.ts"
import { Failure } from "../../src/domain/Failure.ts"
import type { Pool } from "../../src/services/Pool.ts"
import { claudePoolIn } from "../support/FrontDoor.ts"
import { boardStatus } from "../support/SampleDashboard.ts"
import { sampleId } from "../support/SampleViews.ts"
import { settle } from "../support/Time.ts"
import { terminalMachine, watched, watchedPool } from "../support/WatchedPool.ts"

describe("watch", () => {
  it.effect("opens a task, follows it, and reads on from where it was", () =>
    Effect.gen(function*() {
      const asked: Array<number> = []
      const turns = yield* Ref.make(3)
      const { pool } = yield* watchedPool({
        result: () => Effect.succeed(boardStatus.running[0]!),
        turns: (id, { since }) =>
          Effect.map(Ref.get(turns), (seq) => {
            asked.push(since)
            return {
              id,
              seq,
              more: false,
              turns: Array.from({ length: seq - since }, (_, at) => ({
                seq: since + at + 1,
                attempt: 1,
                at: "2026-01-01T00:00:00.000Z",
                kind: "said" as const,
                text: `line ${since + at + 1}\u001b[2J`
              }))
            }
          })
      })
      const { press, running, screen } = yield* watched({ pool })
      yield* press("return")
      yield* TestClock.adjust("200 millis")
      yield* settle
      assert.include(screen(), "line 3")
      yield* Ref.set(turns, 60)
      yield* TestClock.adjust("1 second")
      yield* settle
      assert.deepStrictEqual(asked, [0, 3])
      assert.include(screen(), "line 60")
      assert.notInclude(screen(), "line 30\n")
      yield* press("home")
      assert.include(screen(), "line 1\n")
      assert.include(screen(), "lines 1 to 20 of 60")
      yield* press("f")
      assert.include(screen(), "line 60")
      yield* press("escape")
      assert.include(screen(), "▸ slot-1")
      yield* press("q")
      yield* Fiber.join(running)
    }))

  it.effect("shows that the pool has gone, and takes up again with the next one", () =>
    Effect.gen(function*() {
      const isGone = yield* Ref.make(false)
      const base = yield* watchedPool()
      const lost = new Failure({ reason: new PoolLost({ pid: 7, detail: "closed" }) })
      const pool: Partial<Pool["Service"]> = {
        ...base.pool,
        status: Effect.flatMap(Ref.get(isGone), (gone) => gone ? Effect.fail(lost) : base.pool.status!)
      }
      const { press, running, screen } = yield* watched({ pool })
      yield* Ref.set(isGone, true)
      yield* TestClock.adjust("1 second")
      yield* settle
      assert.include(screen(), "the pool does not answer")
      assert.include(screen(), "slot-1")
      yield* press("+")
      assert.include(screen(), "was not asked")
      yield* Ref.set(isGone, false)
      yield* TestClock.adjust("1 second")
      yield* settle
      assert.notInclude(screen(), "does not answer:")
      yield* press("q")
      // Each pool is asked for anew.
      assert.deepStrictEqual((yield* Fiber.join(running)).modes, ["control", "control"])
    }))
})

describe("watch --once", () => {
  it.effect("prints it, once, without colour and without a key", () =>
    Effect.gen(function*() {
      const { looks, pool } = yield* watchedPool()
      const { exitCode, stdout, stderr } = yield* claudePoolIn({ pool })("watch", "--once")
      assert.deepStrictEqual([exitCode, stderr, yield* Ref.get(looks)], [0, "", 1])
      for (const part of ["budget", "SLOT", "REVIEW 1", "QUEUE 1", "all slots that may take it are busy", "LAST 1"]) {
        assert.include(stdout, part)
      }
      assert.notInclude(stdout, "\u001b")
    }))

  it.effect("is what there is where there is no terminal, and it is said why", () =>
    Effect.gen(function*() {
      const { pool } = yield* watchedPool()
      const cases = [
        [{ stdoutIsTerminal: false }, /^stdout is no terminal/],
        [{ stdinIsTerminal: false }, /^stdin is no terminal/],
        [{ env: { TERM: "dumb" } }, /TERM=dumb/]
      ] as const
      for (const [less, why] of cases) {
        const { exitCode, stderr, stdout } = yield* claudePoolIn({ pool, machine: { ...terminalMachine, ...less } })(
          "watch"
        )
        assert.match(stderr, why)
        assert.include(stdout, "SLOT")
        assert.strictEqual(exitCode, 0)
      }
    }))

  it.effect("--json is one value, of the shape that it says", () =>
    Effect.gen(function*() {
      const { pool } = yield* watchedPool()
      const { printed, stdout } = yield* claudePoolIn({ pool })("watch", "--once", "--json")
      assert.strictEqual(printed, 1)
      const value = yield* Schema.decodeEffect(Schema.fromJsonString(Dashboard))(stdout)
      assert.deepStrictEqual(value.reviews.tasks.map(({ id }) => id), [sampleId("v")])
      assert.strictEqual(value.status.slots.length, 2)
    }))
})
