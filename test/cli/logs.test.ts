/**
 * What workers said and did, as lines: for people with and without colour, for programs, and as it happens.
 */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Queue, Ref, Stream } from "effect"
import { CliOutput } from "effect/cli"
import { TestClock } from "effect/testing"
import { wrap } from "../../src/cli/LogLines.ts"
import { fail } from "../../src/domain/Failure.ts"
import type { PoolEvent } from "../../src/domain/PoolEvent.ts"
import { NotFound, ShuttingDown } from "../../src/domain/RequestFailure.ts"
import type { TaskView } from "../../src/domain/TaskView.ts"
import type { TurnView } from "../../src/domain/Turn.ts"
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
import { settle } from "../support/Time.ts"

const turn = (seq: number, text: string, more: Partial<TurnView> = {}): TurnView => ({
  seq,
  attempt: 1,
  at: `2026-01-01T10:00:0${seq % 10}.000Z`,
  kind: "said",
  text,
  ...more
})

const life = [
  turn(1, "attempt 1 on slot-1", { kind: "notice" }),
  turn(2, "mend it", { kind: "prompt" }),
  turn(3, "a word or two", { kind: "thought" }),
  turn(4, "npm test", { kind: "tool", tool: "Bash" }),
  turn(5, "1 failed\nof 2", { kind: "result", failed: true }),
  turn(6, "ls", { kind: "tool", tool: "Bash", nested: true }),
  turn(7, "file", { kind: "result", nested: true }),
  turn(8, "It is mended.", { attempt: 2, at: "2026-01-02T00:00:01.000Z" })
]

const lines = [
  "2026-01-01 UTC",
  "10:00:01  - attempt 1 on slot-1",
  "10:00:02  > mend it",
  "10:00:03  ~ a word or two",
  "10:00:04  $ Bash npm test",
  "10:00:05  ! 1 failed",
  "          ! of 2",
  "10:00:06    $ Bash ls",
  "10:00:07    | file",
  "2026-01-02 UTC",
  "00:00:01  It is mended."
]

/** Pages of two, so that there are always several. */
const turnsOf =
  (all: { readonly [task: string]: ReadonlyArray<TurnView> }): Pool["Service"]["turns"] => (id, { since }) => {
    const after = (all[id] ?? []).filter(({ seq }) => seq > since)
    const turns = after.slice(0, 2)
    return Effect.succeed({ id, turns, seq: turns.at(-1)?.seq ?? since, more: after.length > turns.length })
  }

const one = (turns: ReadonlyArray<TurnView>, more: Partial<Pool["Service"]> = {}) => ({
  result: () => Effect.succeed(doneView("a")),
  turns: turnsOf({ [sampleId("a")]: turns }),
  ...more
})

describe("claude-pool logs", () => {
  it.effect("is a text, with a mark for each kind, from the store itself", () =>
    Effect.gen(function*() {
      const { exitCode, modes, stdout } = yield* claudePoolIn({ pool: one(life) })("logs", sampleId("a"))
      assert.deepStrictEqual([exitCode, modes], [0, ["reader"]])
      assert.deepStrictEqual(stdout.split("\n"), lines)
    }))

  it.effect("is faint where it is only work, and red where it failed, on a terminal that has colours", () =>
    Effect.gen(function*() {
      const machine = { stdoutIsTerminal: true, columns: 80 }
      const { stdout } = yield* claudePoolIn({ pool: one(life), machine })("logs", sampleId("a"))
      assert.include(stdout, "\u001b[2m$ Bash npm test\u001b[0m")
      assert.include(stdout, "\u001b[31m! 1 failed\u001b[0m")
      // oxlint-disable-next-line no-control-regex
      assert.deepStrictEqual(stdout.replaceAll(/\u001b\[\d+m/g, "").split("\n"), lines)
    }))

  it.effect("fits the terminal, whatever is in it, and cannot steer it", () =>
    Effect.gen(function*() {
      const machine = { stdoutIsTerminal: true, columns: 40, env: { NO_COLOR: "1" } }
      const text = `\u001b[2J\u001b]0;x\u0007\u009b31m\r\n${"日本語".repeat(30)}\t😀 word `.repeat(3)
      const hostile = [turn(1, text), turn(2, text, { kind: "tool", tool: `Ba\u001b]0;x\u0007sh` })]
      const { stdout } = yield* claudePoolIn({ pool: one(hostile), machine })("logs", sampleId("a"))
      // oxlint-disable-next-line no-control-regex
      assert.notMatch(stdout, /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/)
      for (const line of stdout.split("\n")) assert.isAtMost(CliOutput.displayWidth(line), 40)
    }))

  it.effect("shows one attempt, the last pieces, or those after a number", () =>
    Effect.gen(function*() {
      const look = (...argv: ReadonlyArray<string>) =>
        Effect.map(
          claudePoolIn({ pool: one(life) })("logs", sampleId("a"), ...argv, "--json"),
          ({ stdout }) => JSON.parse(stdout) as { readonly turns: ReadonlyArray<TurnView>; readonly seq: number }
        )
      assert.deepStrictEqual(yield* look(), { id: sampleId("a"), turns: life, seq: 8 } as never)
      assert.deepStrictEqual((yield* look("--attempt", "2")).turns, [life[7]!])
      assert.deepStrictEqual((yield* look("--tail", "2")).turns, life.slice(6))
      assert.deepStrictEqual((yield* look("--tail", "0")).turns, [])
      assert.deepStrictEqual((yield* look("--since", "6")).turns, life.slice(6))
      assert.deepInclude(yield* look("--since", "8"), { turns: [], seq: 8 })
    }))

  it.effect("says where something is not kept, and where nothing is", () =>
    Effect.gen(function*() {
      const { stdout } = yield* claudePoolIn({ pool: one([life[0]!, life[4]!]) })("logs", sampleId("a"))
      assert.include(stdout, "slot-1\n… 3 pieces are not kept: there was too much\n")
      const nothing = yield* claudePoolIn({ pool: one([]) })("logs", sampleId("a"))
      assert.deepStrictEqual([nothing.stdout, nothing.exitCode], ["", 0])
      assert.include(nothing.stderr, "nothing is kept")
    }))

  it.effect("refuses what is no number of it, and fails as usual where there is no such task", () =>
    Effect.gen(function*() {
      const refused = [
        ["logs", "nonsense"],
        ["logs", sampleId("a"), "--attempt", "0"],
        ["logs", sampleId("a"), "--tail", "-1"],
        ["logs", sampleGroup, "--since", "1"]
      ]
      for (const argv of refused) assert.strictEqual((yield* claudePoolIn({})(...argv)).exitCode, 2, argv.join(" "))
      const result = () => fail(new NotFound({ id: sampleId("a") }))
      const missing = yield* claudePoolIn({ pool: { result } })("logs", sampleId("a"), "-f")
      assert.include(missing, { exitCode: 2 })
      assert.include(missing.stderr, `there is no task ${sampleId("a")} in this store`)
    }))
})

describe("the log of many tasks", () => {
  const parts: ReadonlyArray<TaskView> = [
    doneView("b", { index: 1 }),
    doneView("a", { index: 0 }),
    queuedView("q", { index: 2 })
  ]
  const said = {
    [sampleId("a")]: [turn(1, "a one"), turn(2, "a two", { at: "2026-01-01T10:00:09.000Z" })],
    [sampleId("b")]: [
      turn(1, "b one", { at: "2026-01-01T10:00:02.000Z" }),
      turn(2, "b two", { at: "2026-01-01T10:00:03.000Z" })
    ]
  }

  it.effect("is in the order of time, and each line says which item it is of", () =>
    Effect.gen(function*() {
      const told = claudePoolIn({
        pool: {
          group: () => Effect.succeed(groupView({ items: 3 })),
          list: () => Effect.succeed({ tasks: parts, total: 3 }),
          turns: turnsOf(said)
        }
      })
      const { stdout } = yield* told("logs", sampleGroup)
      assert.deepStrictEqual(stdout.split("\n").slice(1), [
        "10:00:01  [0] a one",
        "10:00:02  [1] b one",
        "10:00:03  [1] b two",
        "10:00:09  [0] a two"
      ])
      const { stdout: json } = yield* told("logs", sampleGroup, "--tail", "1", "--json")
      assert.deepStrictEqual(JSON.parse(json), {
        id: sampleGroup,
        turns: [{ task: sampleId("a"), index: 0, ...said[sampleId("a")]![1] }]
      } as never)
    }))

  it.effect("of a chain has its steps, and the items of a step that is a group", () =>
    Effect.gen(function*() {
      const steps = [
        stepView("plan", { task: sampleId("p") }),
        stepView("files", { kind: "items", group: sampleGroup })
      ]
      const told = yield* claudePoolIn({
        pool: {
          chain: () => Effect.succeed(chainView({ steps })),
          list: ({ tag }) =>
            Effect.succeed({
              tasks: tag === sampleGroup ? parts.slice(1, 2) : [doneView("p", { step: "plan" })],
              total: 1
            }),
          turns: turnsOf({ [sampleId("a")]: [turn(2, "done it")], [sampleId("p")]: [turn(1, "a plan")] })
        }
      })("logs", sampleChain, "--json")
      assert.deepStrictEqual((JSON.parse(told.stdout) as { readonly turns: ReadonlyArray<object> }).turns, [
        { task: sampleId("p"), step: "plan", ...turn(1, "a plan") },
        { task: sampleId("a"), index: 0, ...turn(2, "done it") }
      ])
    }))
})

describe("following", () => {
  /** A task that the test lets go on. */
  const living = Effect.gen(function*() {
    const turns = yield* Ref.make<ReadonlyArray<TurnView>>([turn(1, "one")])
    const task = yield* Ref.make<TaskView>({ ...queuedView("a", { attempts: 1 }), state: "running" })
    const events = yield* Queue.unbounded<PoolEvent>()
    const looks = yield* Ref.make(0)
    const pool: Partial<Pool["Service"]> = {
      result: () => Effect.andThen(Ref.update(looks, (count) => count + 1), Ref.get(task)),
      turns: (id, page) => Effect.flatMap(Ref.get(turns), (all) => turnsOf({ [id]: all })(id, page)),
      events: Stream.fromQueue(events)
    }
    const say = (text: string) => Ref.update(turns, (all) => [...all, turn(all.length + 1, text)])
    return { pool, say, events, looks, end: Ref.set(task, doneView("a")) }
  })

  it.effect("prints what is new when something is told, and ends with the task", () =>
    Effect.gen(function*() {
      const { end, events, looks, pool, say } = yield* living
      const running = yield* Effect.forkChild(claudePoolIn({ pool })("logs", "-f", sampleId("a")))
      yield* settle
      yield* say("two")
      yield* Queue.offer(events, { _tag: "Turned", id: sampleId("a"), seq: 2 })
      yield* settle
      const seen = yield* Ref.get(looks)
      yield* Queue.offer(events, { _tag: "Reported", id: sampleId("a"), text: "" })
      yield* settle
      assert.strictEqual(yield* Ref.get(looks), seen)
      yield* say("three")
      yield* end
      yield* Queue.offer(events, { _tag: "Finished", id: sampleId("a"), state: "Done" })
      const { exitCode, stdout } = yield* Fiber.join(running)
      assert.strictEqual(exitCode, 0)
      assert.deepStrictEqual(stdout.split("\n").slice(1), ["10:00:01  one", "10:00:02  two", "10:00:03  three"])
    }))

  it.effect("looks every half a second where nothing is told, and prints a line of JSON for each piece", () =>
    Effect.gen(function*() {
      const { end, pool, say } = yield* living
      const deaf = { ...pool, events: Stream.fail(fail(new ShuttingDown({}))) }
      const running = yield* Effect.forkChild(claudePoolIn({ pool: deaf })("logs", "-f", sampleId("a"), "--json"))
      yield* settle
      yield* say("two")
      yield* TestClock.adjust("500 millis")
      yield* settle
      yield* end
      yield* TestClock.adjust("500 millis")
      const { stdout } = yield* Fiber.join(running)
      assert.deepStrictEqual(stdout.split("\n").map((line) => JSON.parse(line) as unknown), [
        turn(1, "one"),
        turn(2, "two")
      ])
    }))

  it.effect("only stops looking when it is interrupted", () =>
    Effect.gen(function*() {
      const { pool } = yield* living
      const begun = yield* Deferred.make<void>()
      const result: Pool["Service"]["result"] = (id) =>
        Effect.andThen(Deferred.succeed(begun, undefined), pool.result!(id))
      // Anything else of the pool dies in this test.
      const running = yield* Effect.forkChild(claudePoolIn({ pool: { ...pool, result } })("logs", "-f", sampleId("a")))
      yield* Deferred.await(begun)
      yield* settle
      yield* Fiber.interrupt(running)
    }))
})

describe("a text", () => {
  it("is broken between words, keeps how its lines begin, and loses nothing", () => {
    assert.deepStrictEqual(wrap("  two words and more\n\nend", 11), ["  two words", "and more", "", "end"])
    assert.deepStrictEqual(wrap("abcdefghij", 4), ["abcd", "efgh", "ij"])
    assert.deepStrictEqual(wrap("日本語", 4), ["日本", "語"])
    assert.deepStrictEqual(wrap("", 4), [""])
  })
})
