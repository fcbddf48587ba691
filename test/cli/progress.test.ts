/**
 * The line that shows how the work goes.
 */
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Deferred, Duration, Effect, Fiber, Queue, Schema, Stream } from "effect"
import { CliOutput } from "effect/cli"
import { TestClock } from "effect/testing"
import { hear, hearHolds, nothingHeard, progressLine, waitLine } from "../../src/cli/ProgressLine.ts"
import { fit, table } from "../../src/cli/Table.ts"
import { fromUsd } from "../../src/domain/MicroUsd.ts"
import { PoolEvent } from "../../src/domain/PoolEvent.ts"
import type { Progress } from "../../src/domain/Progress.ts"
import { SlotId } from "../../src/domain/SlotId.ts"
import type { TaskView } from "../../src/domain/TaskView.ts"
import { claudePoolIn } from "../support/FrontDoor.ts"
import { doneView, sampleId } from "../support/SampleViews.ts"

const id = sampleId("a")

const progress: Progress = {
  phase: "running-tool",
  tool: "Bash",
  turns: 3,
  outputTokens: 10,
  cost: fromUsd(0.0123),
  lastEventAt: DateTime.makeUnsafe(0)
}

const submitted = PoolEvent.cases.Submitted.make({ id })
const started = PoolEvent.cases.Started.make({ id, attempt: 1, slot: SlotId.make(1) })
const progressed = PoolEvent.cases.Progressed.make({ id, progress })

const lineAfter = (events: ReadonlyArray<PoolEvent>, elapsed: Duration.Input = "42 seconds"): string =>
  progressLine(events.reduce(hear, nothingHeard), Duration.fromInputUnsafe(elapsed))

describe("the progress line", () => {
  it("says what is known so far", () => {
    assert.strictEqual(lineAfter([]), "waiting · 42s")
    assert.strictEqual(lineAfter([submitted]), `starting · 42s · ${id}`)
    assert.strictEqual(lineAfter([submitted, started, progressed]), `running Bash · 3 turns · $0.0123 · 42s · ${id}`)
    const saying = PoolEvent.cases.Progressed.make({ id, progress: { ...progress, said: "I look at\u001b[2J it" } })
    assert.strictEqual(
      lineAfter([submitted, started, saying]),
      `running Bash · 3 turns · $0.0123 · 42s · ${id} · I look at it`
    )
    assert.strictEqual(lineAfter([progressed], "61400 millis"), `running Bash · 3 turns · $0.0123 · 1m1s · ${id}`)
  })

  it("says what is waited for, until it is over or something goes on", () => {
    const held = PoolEvent.cases.Held.make({ cause: "limit", detail: "" })
    const lifted = PoolEvent.cases.Lifted.make({ cause: "limit" })
    assert.strictEqual(lineAfter([submitted, held]), `waiting: the provider's usage limit is reached · 42s · ${id}`)
    assert.strictEqual(lineAfter([submitted, held, lifted]), `starting · 42s · ${id}`)
    assert.include(lineAfter([held, progressed]), "running Bash")
    const before = progressLine(hearHolds(nothingHeard, ["login"]), Duration.seconds(1))
    assert.strictEqual(before, "waiting: the workers' login does not work · 1s")
  })

  it("does not let the name of a tool steer the terminal", () => {
    const event = PoolEvent.cases.Progressed.make({ id, progress: { ...progress, tool: "a\u001b[2J\nb\r" } })
    assert.include(lineAfter([event]), "running a b ·")
  })

  it("counts what has finished, of those that are waited for", () => {
    const finished = PoolEvent.cases.Finished.make({ id, state: "Done" })
    const other = PoolEvent.cases.Finished.make({ id: sampleId("b"), state: "Failed" })
    const heard = [finished, other, finished].reduce(hear, nothingHeard)
    assert.include(waitLine(heard, [id, sampleId("c")], Duration.seconds(1)), "1 of 2 finished · ")
    assert.include(waitLine(heard, [], Duration.seconds(1)), "2 finished · ")
  })
})

describe("fit", () => {
  const Width = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 40 }))

  it.prop("never takes more columns than there are, and keeps what fits", [Schema.String, Width], ([text, width]) => {
    const fitted = fit(text, width)
    assert.isAtMost(CliOutput.displayWidth(fitted), width)
    if (CliOutput.displayWidth(text) <= width) assert.strictEqual(fitted, text)
  })

  it("cuts between characters as they are seen, wide ones included", () => {
    assert.strictEqual(fit("日本語のテキスト", 7), "日本語…")
    assert.strictEqual(fit("👩‍👩‍👧 family", 3), "👩‍👩‍👧…")
    assert.deepStrictEqual(table([["日本", "x"], ["a", "y"]], 80), ["日本  x", "a     y"])
  })
})

describe("claude-pool run on a terminal", () => {
  it.effect("rewrites one line in place, and takes it away at the end", () =>
    Effect.gen(function*() {
      const events = yield* Queue.unbounded<PoolEvent>()
      const end = yield* Deferred.make<TaskView>()
      const running = yield* Effect.forkChild(
        claudePoolIn({
          machine: { stderrIsTerminal: true, columns: 30, env: { NO_COLOR: "1" } },
          pool: {
            events: Stream.fromQueue(events),
            run: () => Deferred.await(end),
            output: () => Effect.succeed({ id, offset: 0, total: 2, text: "hi" })
          }
        })("run", "x")
      )
      yield* TestClock.adjust("1 second")
      yield* Queue.offerAll(events, [submitted, started, progressed])
      yield* TestClock.adjust("1 second")
      yield* Deferred.succeed(end, doneView("a"))
      const told = yield* Fiber.join(running)

      const lines = told.screen.split("\r").slice(1)
      assert.strictEqual(lines[0], "waiting · 0s\u001b[K")
      assert.strictEqual(lines.at(-2), "running Bash · 3 turns · $0.…\u001b[K")
      assert.strictEqual(lines.at(-1), "\u001b[K")
      assert.notInclude(told.screen, "\n")
      assert.strictEqual(told.stdout, "hi")
    }))

  it.effect("writes no such line where nobody looks", () =>
    Effect.gen(function*() {
      const told = yield* claudePoolIn({
        pool: {
          run: () => Effect.succeed(doneView("a")),
          output: () => Effect.succeed({ id, offset: 0, total: 0, text: "" })
        }
      })("run", "x")
      assert.strictEqual(told.screen, "")
    }))

  it.effect("takes the line away when it is interrupted, and exits 130", () =>
    Effect.gen(function*() {
      const asked = yield* Deferred.make<void>()
      const cancelled = yield* Deferred.make<void>()
      const told = yield* claudePoolIn({
        machine: { stderrIsTerminal: true, env: { NO_COLOR: "1" } },
        pool: {
          events: Stream.never,
          run: () =>
            Effect.andThen(Deferred.succeed(asked, undefined), Effect.interrupt).pipe(
              Effect.onInterrupt(() => Deferred.succeed(cancelled, undefined))
            )
        }
      })("run", "x")
      yield* Deferred.await(asked)
      yield* Deferred.await(cancelled)
      assert.strictEqual(told.exitCode, 130)
      assert.include(told.stderr, "error: cancelled: interrupted while it was waited for\nhint: ")
      assert.isTrue(told.screen.endsWith("\r\u001b[K"))
    }))
})
