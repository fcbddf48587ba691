/**
 * What has the say over the pool that runs: its slots, how many there are, drains, and what is thrown away.
 */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Duration, Effect } from "effect"
import { NoPool } from "../../src/domain/EnvironmentFailure.ts"
import { fail } from "../../src/domain/Failure.ts"
import type { SlotView } from "../../src/domain/PoolView.ts"
import type { PruneOptions, PruneReport } from "../../src/domain/Pruning.ts"
import { claudePoolIn } from "../support/FrontDoor.ts"
import { sampleId } from "../support/SampleViews.ts"

const busy: SlotView = {
  slot: "slot-1",
  state: "busy",
  task: sampleId("a"),
  pid: 42,
  role: "reviewer",
  rss_bytes: 1.5 * 2 ** 30,
  done: 12,
  restarts: 1
}
const resting: SlotView = {
  slot: "slot-2",
  state: "resting",
  error: "the worker ended\u001b[2J without a result",
  until: "2026-01-01T00:01:00.000Z",
  model: "opus",
  permissions: "full",
  cwd: "/elsewhere"
}

describe("claude-pool slots", () => {
  it.effect("shows who the slots are and how they do, and no column that none of them needs", () =>
    Effect.gen(function*() {
      const asked = yield* Deferred.make<unknown>()
      const looking = claudePoolIn({
        pool: { slots: (filter) => Effect.as(Deferred.succeed(asked, filter), { slots: [busy, resting], target: 4 }) }
      })
      const told = yield* looking(
        "slots",
        "--role",
        "reviewer",
        "--name",
        "ann",
        "--state",
        "busy",
        "--state",
        "resting"
      )
      const rows = told.stdout.split("\n").map((line) => line.replaceAll(/ {2,}/g, " | "))
      assert.deepStrictEqual(rows, [
        "SLOT | ROLE | STATE | TASK | PID | MEMORY | DONE | RESTARTS | WHY | MODEL | PERMISSIONS | CWD",
        `slot-1 | reviewer | busy | ${sampleId("a")} | 42 | 1.5 GiB | 12 | 1`,
        "slot-2 | resting | until 2026-01-01T00:01:00.000Z: the worker ended without a result | opus | full | /elsewhere"
      ])
      assert.deepStrictEqual(yield* Deferred.await(asked), {
        role: "reviewer",
        name: "ann",
        states: ["busy", "resting"]
      })
      assert.deepStrictEqual([told.stderr, told.modes], ["2 of these; the pool has 4", ["control"]])
      assert.deepStrictEqual(JSON.parse((yield* looking("slots", "--json")).stdout), {
        slots: [busy, resting],
        target: 4
      })
    }))

  it.effect("fits a narrow terminal", () =>
    Effect.gen(function*() {
      const told = yield* claudePoolIn({
        pool: { slots: () => Effect.succeed({ slots: [busy, resting], target: 2 }) },
        machine: { stdoutIsTerminal: true, columns: 30, env: { NO_COLOR: "1" } }
      })("slots")
      for (const line of told.stdout.split("\n")) assert.isAtMost(line.length, 30)
    }))

  it.effect("says that no pool runs, and how to start one", () =>
    Effect.gen(function*() {
      const refused = fail(new NoPool({ directory: "/project/.claude-pool" }))
      const none = claudePoolIn({
        pool: {
          slots: () => refused,
          scaleUp: () => refused,
          configureSlot: () => refused,
          drain: () => refused,
          resume: refused
        }
      })
      for (const argv of [["slots"], ["scale", "+1"], ["slots", "set", "1", "--role", "x"], ["drain"], ["resume"]]) {
        const told = yield* none(...argv)
        assert.deepStrictEqual([told.stdout, told.exitCode], ["", 6])
        assert.match(told.stderr, /^error: no pool runs for the store \S+\nhint: `claude-pool serve` starts one/)
      }
    }))
})

describe("claude-pool slots set", () => {
  const setBy = (...argv: ReadonlyArray<string>) =>
    Effect.gen(function*() {
      const asked = yield* Deferred.make<ReadonlyArray<unknown>>()
      const told = yield* claudePoolIn({
        pool: { configureSlot: (...given) => Effect.as(Deferred.succeed(asked, given), resting) }
      })("slots", "set", ...argv)
      return { told, given: yield* Effect.timeoutOption(Deferred.await(asked), 0) }
    })

  it.effect("changes what is said, and takes back what is none", () =>
    Effect.gen(function*() {
      const first = yield* setBy(
        "slot-2",
        "--role",
        "reviewer",
        "--model",
        "opus",
        "--permissions",
        "full",
        "--cwd",
        "sub"
      )
      assert.deepInclude(first.given, {
        value: [2, { role: "reviewer", model: "opus", permissions: "full", cwd: "/project/sub" }]
      })
      assert.match(first.told.stdout, /^SLOT +STATE/)
      assert.deepStrictEqual(first.told.modes, ["control"])
      const second = yield* setBy("2", "--role", "none", "--model", "none", "--reset", "permissions", "--reset", "cwd")
      assert.deepInclude(second.given, { value: [2, { role: null, model: null, permissions: null, cwd: null }] })
      assert.deepInclude((yield* setBy("2", "--name", "ann", "--description", "reads")).given, {
        value: [2, { name: "ann", description: "reads" }]
      })
    }))

  it.effect("refuses what is no slot, no change, or no role", () =>
    Effect.gen(function*() {
      for (
        const [argv, says] of [
          [["zwei", "--role", "x"], /"zwei" is not the name of a slot\nhint: a slot is called slot-2/],
          [["0", "--role", "x"], /"0" is not the name of a slot/],
          [["2"], /nothing is said that is to be changed\nhint: name at least one of --role/],
          [["2", "--role", "a,b"], /role: .*without commas/]
        ] as const
      ) {
        const { told } = yield* setBy(...argv)
        assert.strictEqual(told.exitCode, 2)
        assert.match(told.stderr, says)
      }
    }))
})

describe("claude-pool scale", () => {
  it.effect("sets how many slots there are, or changes it", () =>
    Effect.gen(function*() {
      const called: Array<string> = []
      const reply = (name: string) => (slots: number) =>
        Effect.sync(() => {
          called.push(`${name} ${slots}`)
          return { before: 4, target: 2, draining: ["slot-3", "slot-4"] }
        })
      const scaling = claudePoolIn({
        pool: {
          scaleUp: reply("up"),
          scaleDown: reply("down"),
          setTargetSlots: reply("to")
        }
      })
      const told = yield* scaling("scale", "+3")
      assert.strictEqual(told.stdout, "2 slots now, 4 before; as soon as their tasks have ended: slot-3, slot-4 less")
      yield* scaling("scale", "-1")
      yield* scaling("scale", "8", "--json")
      assert.deepStrictEqual(called, ["up 3", "down 1", "to 8"])
      for (const wrong of ["0", "many", "+0", "1.5"]) {
        const refused = yield* scaling("scale", wrong)
        assert.strictEqual(refused.exitCode, 2)
        assert.match(refused.stderr, /is not a number of slots\nhint: say how many/)
      }
    }))
})

describe("claude-pool drain", () => {
  const report = { finished: [sampleId("a")], cut: [sampleId("b"), sampleId("c")], queued: 1200, s: 3.5 }

  it.effect("says what has finished and what was cut off, and how to go on", () =>
    Effect.gen(function*() {
      const asked = yield* Deferred.make<unknown>()
      const draining = claudePoolIn({
        pool: { drain: (options) => Effect.as(Deferred.succeed(asked, options), report), resume: Effect.void }
      })
      const told = yield* draining("drain", "--grace", "90s")
      assert.strictEqual(
        told.stdout,
        `drained: 1 finished (${sampleId("a")}), 2 cut off and wait again (${sampleId("b")}, ${
          sampleId("c")
        }), 1,200 tasks wait`
      )
      assert.include(told.stderr, "`claude-pool resume`")
      assert.deepStrictEqual(yield* Deferred.await(asked), { grace: Duration.seconds(90) })
      assert.deepStrictEqual(JSON.parse((yield* draining("drain", "--json")).stdout), report)
      assert.strictEqual((yield* draining("resume")).stdout, "the pool takes work in again, and starts what waits")
      const taken = yield* claudePoolIn({
        pool: { drain: () => Effect.succeed({ finished: [], cut: [], queued: 0, taken_back: true as const, s: 1 }) }
      })("drain")
      assert.deepStrictEqual([taken.stdout, taken.stderr], ["the drain was taken back, and work is started again", ""])
      const wrong = yield* draining("drain", "--grace", "30")
      assert.strictEqual(wrong.exitCode, 2)
      assert.match(wrong.stderr, /--grace: "30" is not a duration .*\nhint: write it with its unit/)
    }))
})

describe("claude-pool prune", () => {
  const report: PruneReport = {
    chains: 0,
    groups: 1,
    tasks: 12,
    events: 100,
    messages: 0,
    files: 3,
    bytes_before: 3 * 2 ** 30,
    bytes_after: 2 ** 30,
    dry_run: false
  }

  it.effect("throws away by the settings, or by what is said", () =>
    Effect.gen(function*() {
      const asked: Array<PruneOptions> = []
      const pruning = claudePoolIn({
        pool: {
          prune: (options) =>
            Effect.sync(() => {
              asked.push(options)
              return { ...report, dry_run: options.dryRun }
            })
        }
      })
      const told = yield* pruning("prune")
      assert.strictEqual(
        told.stdout,
        "gone: 1 group, 12 tasks, 100 events, 3 files; 3 GiB on disk before, 1 GiB now"
      )
      const dry = yield* pruning("prune", "--dry-run", "--older-than", "7d", "--keep-bytes", "500MiB")
      assert.match(dry.stdout, /^would go: 1 group, .*; 3 GiB on disk$/)
      assert.deepStrictEqual(asked, [
        { olderThan: Duration.days(30), keepBytes: 2 * 2 ** 30, dryRun: false },
        { olderThan: Duration.days(7), keepBytes: 500 * 2 ** 20, dryRun: true }
      ])
    }))
})
