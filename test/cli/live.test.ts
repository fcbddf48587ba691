/**
 * The tables that show how work goes: what they say, how they fit, and that nothing is left of them.
 */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Queue, Ref, Stream } from "effect"
import { CliOutput } from "effect/cli"
import { TestClock } from "effect/testing"
import { chainFrame } from "../../src/cli/LiveChain.ts"
import { groupFrame } from "../../src/cli/LiveGroup.ts"
import type { PoolEvent } from "../../src/domain/PoolEvent.ts"
import type { WaitReply } from "../../src/domain/PoolView.ts"
import type { TaskView } from "../../src/domain/TaskView.ts"
import type { Pool } from "../../src/services/Pool.ts"
import { claudePoolIn } from "../support/FrontDoor.ts"
import {
  chainView,
  doneView,
  groupView,
  queuedView,
  sampleChain,
  sampleGroup,
  sampleId,
  stepView
} from "../support/SampleViews.ts"
import { screenOf } from "../support/Screen.ts"
import { settle } from "../support/Time.ts"

const terminal = { columns: 79, lines: 23 }

const runningView = (index: number, name: string): TaskView => ({
  ...queuedView("r"),
  index,
  name,
  state: "running",
  s: 12.5,
  cost_usd: 0.02,
  progress: { phase: "running-tool", tool: "Bash\u001b[2J", turns: 2, cost_usd: 0.02, last_event_s: 1 }
})

const counts = { queued: 0, running: 0, review: 0, done: 0, failed: 0, cancelled: 0 }

const fits = (lines: ReadonlyArray<string>, size: typeof terminal) => {
  assert.isAtMost(lines.length, size.lines)
  // What is too wide is cut when it is drawn, but a table of ours need not be.
  for (const line of lines.slice(1)) assert.isAtMost(CliOutput.displayWidth(line), size.columns)
}

describe("the table of a group", () => {
  it("shows what is at work, and how far it all is", () => {
    const group = groupView({ state: "running", items: 4, counts: { ...counts, done: 2, running: 1, queued: 1 } })
    const items = [runningView(2, "src/a.ts"), queuedView("q", { index: 3, name: "src/b.ts" })]
    assert.deepStrictEqual(groupFrame(group, items, terminal), [
      `${sampleGroup} running · 20s · $0.0246 · 2 of 4 done, 1 running`,
      "ITEM  STATE          TIME   COST     DOING",
      "2     running        12.5s  $0.0200  src/a.ts: running Bash",
      "3     queued (slot)  0s     $0.00    src/b.ts"
    ])
  })

  it("has room for ten thousand items", () => {
    const group = groupView({ state: "running", items: 10_000, counts: { ...counts, running: 4, queued: 9996 } })
    const items = Array.from({ length: 100 }, (_, index) => runningView(index, `file ${index}`))
    const frame = groupFrame(group, items, terminal)
    fits(frame, terminal)
    assert.strictEqual(frame.length, terminal.lines)
    assert.strictEqual(frame.at(-1), "… 9,980 more")
  })

  it("is a line where all items have ended", () => {
    const group = groupView({ state: "reducing" })
    assert.deepStrictEqual(groupFrame(group, [doneView("a")], terminal), [
      `${sampleGroup} reducing · 20s · $0.0246 · 2 of 2 done`
    ])
  })
})

describe("the table of a chain", () => {
  it("says of each step what it does, waits for, or came to", () => {
    const chain = chainView({
      state: "running",
      steps: [
        stepView("plan", { task: sampleId("a"), summary: "three\nparts" }),
        stepView("look", { state: "skipped", why: "there is nothing to look at", cost_usd: 0 }),
        stepView("build", {
          state: "running",
          task: sampleId("b"),
          rounds: 2,
          progress: { phase: "waiting-model", turns: 1, cost_usd: 0, last_event_s: 1 }
        }),
        stepView("files", { kind: "items", state: "running", group: sampleGroup, items: 1200, items_done: 40 }),
        stepView("test", { state: "waiting", after: ["build", "files"], cost_usd: 0 })
      ]
    })
    const lines = chainFrame(chain, { columns: 110, lines: 23 })
    assert.deepStrictEqual(lines.map((line) => line.replaceAll(/ +/g, " ")), [
      `${sampleChain} running · 1 of 5 steps done · $0.0200 · 8s`,
      "STEP STATE TASK TIME COST ABOUT",
      `plan done ${sampleId("a")} 4s $0.0100 three parts`,
      "look skipped 4s $0.00 there is nothing to look at",
      `build running ${sampleId("b")} 4s $0.0100 round 2, waiting for the model`,
      `files running ${sampleGroup} 4s $0.0100 40 of 1,200 items done`,
      "test waiting 4s $0.00 after build, files"
    ])
  })

  it("keeps the steps at work in sight, however many there are", () => {
    const steps = Array.from(
      { length: 60 },
      (_, index) => stepView(`step-${index}`, index < 40 ? {} : { state: "waiting" })
    )
    const frame = chainFrame(chainView({ state: "running", steps }), terminal)
    fits(frame, terminal)
    assert.include(frame.join("\n"), "step-40")
    assert.strictEqual(frame.at(-1), "… 40 more")
  })
})

/** A chain or group that ends when the test says so; each look at it is counted. */
const attended = Effect.fnUntraced(function*(id: string, more: Partial<Pool["Service"]>) {
  const events = yield* Queue.unbounded<PoolEvent>()
  const end = yield* Deferred.make<WaitReply>()
  const pool: Partial<Pool["Service"]> = {
    events: Stream.fromQueue(events),
    auto: () =>
      Effect.succeed({ id, route: { route: "chain", reason: "", confidence: 1, decided_by: "caller", cost_usd: 0 } }),
    wait: () => Deferred.await(end),
    output: (of) => Effect.succeed({ id: of, offset: 0, total: 6, text: "answer" }),
    ...more
  }
  const done = Deferred.succeed(end, { done: [], running: [], timed_out: false })
  return { pool, events, done }
})

const onTerminal = { stderrIsTerminal: true, columns: 60, rows: 10, env: { NO_COLOR: "1" } }

describe("work on a terminal", () => {
  it.effect("is shown in place, and nothing is left of it", () =>
    Effect.gen(function*() {
      const looks = yield* Ref.make(0)
      const { done, events, pool } = yield* attended(sampleChain, {
        chain: () => Effect.as(Ref.update(looks, (count) => count + 1), chainView())
      })
      const running = yield* Effect.forkChild(claudePoolIn({ pool, machine: onTerminal })("auto", "x"))
      yield* settle
      yield* TestClock.adjust("1 second")
      // Nothing is heard: once at the start, once after a second, however often it could be drawn.
      assert.strictEqual(yield* Ref.get(looks), 2)
      yield* Queue.offer(events, { _tag: "StepStarted", id: sampleChain, step: "plan" })
      yield* settle
      yield* TestClock.adjust("200 millis")
      assert.strictEqual(yield* Ref.get(looks), 3)
      yield* done
      const { screen, stdout } = yield* Fiber.join(running)

      const [, ...frames] = screen.split("\r")
      assert.strictEqual(frames.length, 4)
      assert.deepStrictEqual(screenOf(screen.slice(0, screen.lastIndexOf("\r"))).map((line) => line.trimEnd()), [
        `${sampleChain} done · 2 of 2 steps done · $0.0200 · 8s`,
        "STEP   STATE  TASK                TIME  COST     ABOUT",
        `plan   done   ${sampleId("a")}  4s    $0.0100  a plan`,
        `build  done   ${sampleId("b")}  4s    $0.0100`
      ])
      assert.deepStrictEqual(screenOf(screen), [])
      assert.strictEqual(stdout, "answer")
    }))

  it.effect("of which there is much is looked at in small parts, from the first that has not ended", () =>
    Effect.gen(function*() {
      const pages: Array<readonly [from: number, limit: number]> = []
      const total = 10_000
      const ended = 250
      const { done, pool } = yield* attended(sampleGroup, {
        group: () =>
          Effect.succeed(groupView({ state: "running", items: total, counts: { ...counts, running: total } })),
        items: (_, { from, limit }) =>
          Effect.sync(() => {
            pages.push([from, limit])
            const items = Array.from({ length: Math.min(limit, total - from) }, (_unused, at) =>
              from + at < ended ? doneView("d", { index: from + at }) : runningView(from + at, "x"))
            return { items, total, ...(from + limit < total ? { next_index: from + limit } : {}) }
          })
      })
      const running = yield* Effect.forkChild(claudePoolIn({ pool, machine: onTerminal })("auto", "x", "--json"))
      yield* settle
      assert.deepStrictEqual(pages, [[0, 100], [100, 100], [200, 100], [250, 100]])
      yield* TestClock.adjust("1 second")
      assert.deepStrictEqual(pages.slice(4), [[250, 100]])
      yield* done
      const { screen } = yield* Fiber.join(running)
      assert.include(screen, "\n250   running")
    }))
})
