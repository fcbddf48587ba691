/**
 * The radar over real worktrees: what it tells of, when it looks, and how often it tells.
 */
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect, Layer, Path, Ref } from "effect"
import { TestClock } from "effect/testing"
import { rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { ChainId } from "../src/domain/ChainId.ts"
import { CommitId } from "../src/domain/Commit.ts"
import { zeroUsd } from "../src/domain/MicroUsd.ts"
import { formatOverlap, type Overlap, overlapText, viewOverlap } from "../src/domain/Overlap.ts"
import { PoolEvent } from "../src/domain/PoolEvent.ts"
import type { Phase } from "../src/domain/Progress.ts"
import { TaskId } from "../src/domain/TaskId.ts"
import { Pool } from "../src/services/Pool.ts"
import { Radar } from "../src/services/Radar.ts"
import { RadarWorld } from "./support/RadarWorld.ts"
import { plainGit } from "./support/Repositories.ts"
import { sampleId } from "./support/SampleTask.ts"
import { testPool } from "./support/TestPool.ts"
import { settle } from "./support/Time.ts"

const lines = (count: number, changed: Readonly<Record<number, string>> = {}): string =>
  Array.from({ length: count }, (_, at) => `${changed[at + 1] ?? `line ${at + 1}`}\n`).join("")

const files = {
  "src/a.ts": lines(100),
  "b.bin": "\0one",
  "gone.txt": lines(5),
  "moved.txt": lines(30),
  "empty": ""
}

const brief = (overlaps: ReadonlyArray<Overlap>) => overlaps.map(({ lines, path }) => ({ path, lines }))

const progressed = (id: TaskId, phase: Phase = "waiting-model") =>
  PoolEvent.cases.Progressed.make({
    id,
    progress: { phase, tool: null, turns: 1, outputTokens: 0, cost: zeroUsd, lastEventAt: DateTime.makeUnsafe(0) }
  })

const both = Effect.fnUntraced(function*(world: RadarWorld) {
  return [yield* world.enter(2), yield* world.enter(5)] as const
})

const change = { "src/a.ts": lines(100, { 40: "here" }) }

describe("two branches", () => {
  it.effect("that change the same lines are told of, with where that is", () =>
    RadarWorld.use(files, (world) =>
      Effect.gen(function*() {
        const [two, five] = yield* both(world)
        yield* two.write({ "src/a.ts": lines(100, { 10: "x", 40: "x", 55: "x", 70: "x" }) })
        // Committed or not is the same.
        yield* five.write({ "src/a.ts": lines(100, { 40: "y", 70: "y", 90: "y" }) })
        plainGit(five.top, "commit", "-qam", "mine")
        yield* world.sweep
        const [overlap] = yield* world.overlaps
        assert.deepStrictEqual(overlap, {
          first: two.task,
          second: five.task,
          path: "src/a.ts",
          lines: { from: 40, to: 70 }
        })
        const slots = new Map([[two.task, "slot-2"], [five.task, "slot-5"]])
        assert.strictEqual(
          overlapText(viewOverlap(overlap!, slots)),
          "slot-2 and slot-5 both change src/a.ts 40–70"
        )
        assert.strictEqual(
          overlapText(viewOverlap(overlap!, new Map())),
          formatOverlap({ path: "src/a.ts", lines: { from: 40, to: 70 } }, two.task, five.task)
        )
      })))

  it.effect("that change other lines of a file, or other files, are not", () =>
    RadarWorld.use(files, (world) =>
      Effect.gen(function*() {
        const [two, five] = yield* both(world)
        yield* two.write({ "src/a.ts": lines(100, { 10: "x", 50: "x" }), "mine.txt": "x" })
        yield* five.write({ "src/a.ts": lines(100, { 12: "y", 48: "y" }), "yours.txt": "y" })
        yield* world.sweep
        assert.deepStrictEqual(yield* world.overlaps, [])
      })))

  it.effect("that put something in at the same place do overlap, and one line further they do not", () =>
    RadarWorld.use(files, (world) =>
      Effect.gen(function*() {
        const [two, five] = yield* both(world)
        yield* two.write({ "src/a.ts": lines(100, { 7: "line 7\nmine", 20: "line 20\nmine", 30: "mine" }) })
        yield* five.write({ "src/a.ts": lines(100, { 7: "line 7\nyours", 21: "line 21\nyours", 31: "yours" }) })
        yield* world.sweep
        // Between 7 and 8; and 30 is right beside 31.
        assert.deepStrictEqual(brief(yield* world.overlaps), [{ path: "src/a.ts", lines: { from: 7, to: 31 } }])
      })))

  it.effect("that rename, delete, or add are seen, and what has no lines is told of as a whole", () =>
    RadarWorld.use({ ...files, "quo\"ted\ttab": lines(3) }, (world) =>
      Effect.gen(function*() {
        const path = yield* Path.Path
        const [two, five] = yield* both(world)
        plainGit(two.top, "mv", "moved.txt", "elsewhere.txt")
        plainGit(two.top, "rm", "-q", "gone.txt", "empty")
        yield* two.write({ "b.bin": "\0two", "new/file.txt": "mine", "quo\"ted\ttab": "1", "node": "file" })
        yield* five.write({
          "moved.txt": lines(30, { 9: "y" }),
          "gone.txt": lines(5, { 2: "y" }),
          "b.bin": "\0five",
          "new/file.txt": "yours",
          "empty": "no more",
          "quo\"ted\ttab": "2",
          "node/file": "folder"
        })
        plainGit(five.top, "add", "-A")
        rmSync(path.join(five.top, "new/file.txt"))
        writeFileSync(path.join(five.top, "new/file.txt"), "changed since")
        yield* world.sweep
        assert.deepStrictEqual(brief(yield* world.overlaps), [
          { path: "b.bin", lines: null },
          { path: "empty", lines: null },
          { path: "gone.txt", lines: { from: 2, to: 2 } },
          { path: "moved.txt", lines: { from: 9, to: 9 } },
          { path: "new/file.txt", lines: null },
          // One has a folder where the other has a file.
          { path: "node", lines: null },
          { path: "quo\"ted\ttab", lines: { from: 1, to: 3 } }
        ])
      })))

  it.effect("that began at other commits are compared by lines where the file is the same in both", () =>
    RadarWorld.use({ ...files, "same.txt": lines(20) }, (world) =>
      Effect.gen(function*() {
        const two = yield* world.enter(2)
        writeFileSync(join(world.repository, "src/a.ts"), lines(100, { 1: "before" }))
        plainGit(world.repository, "commit", "-qam", "the second")
        const five = yield* world.enter(5)
        yield* two.write({ "src/a.ts": lines(100, { 50: "x" }), "same.txt": lines(20, { 3: "x", 8: "x" }) })
        yield* five.write({ "src/a.ts": lines(100, { 1: "before", 90: "y" }), "same.txt": lines(20, { 8: "y" }) })
        yield* world.sweep
        assert.deepStrictEqual(brief(yield* world.overlaps), [
          { path: "same.txt", lines: { from: 8, to: 8 } },
          { path: "src/a.ts", lines: null }
        ])
      })))

  it.effect("that are one branch, as a chain's tasks have it, do not overlap with themselves", () =>
    RadarWorld.use(files, (world) =>
      Effect.gen(function*() {
        const id = ChainId.make("c_0000000000000000")
        const two = yield* world.enter(2, { holder: { _tag: "Chain", id }, branch: `cp/${id}` })
        const [stay] = yield* Ref.get(world.live)
        const other = yield* world.enter(3)
        yield* Ref.update(world.live, () => [stay!, { ...stay!, task: other.task }])
        yield* two.write(change)
        yield* world.sweep
        assert.deepStrictEqual(yield* world.overlaps, [])
      })))
})

describe("the status of a pool", () => {
  it.effect("has what overlaps, with the slots that are at work on it", () => {
    const found = Ref.makeUnsafe<ReadonlyArray<Overlap>>([])
    const radar = Layer.succeed(Radar, Radar.of({ sweep: Effect.void, overlaps: Ref.get(found) }))
    return Effect.gen(function*() {
      const pool = yield* Pool
      assert.notProperty(yield* pool.status, "overlaps")
      const { id: first } = yield* pool.submit({ prompt: "a" })
      yield* settle
      const shown = { first: TaskId.make(first), second: sampleId(9), path: "a", lines: null }
      yield* Ref.set(found, [shown])
      const { overlaps } = yield* pool.status
      assert.deepStrictEqual(overlaps, [{ first, second: shown.second, first_slot: "slot-1", path: "a" }])
    }).pipe(Effect.provide(Layer.provide(testPool({ script: { run: () => Effect.never } }), radar)))
  })
})

describe("the radar", () => {
  it.effect("sweeps by itself, and tells of an overlap once, and again when it comes back", () =>
    RadarWorld.use(files, (world) =>
      Effect.gen(function*() {
        const [two, five] = yield* both(world)
        yield* two.write(change)
        yield* five.write(change)
        yield* TestClock.adjust("9 seconds")
        assert.deepStrictEqual(yield* world.overlaps, [])
        yield* TestClock.adjust("1 second")
        const expected = PoolEvent.cases.Overlapped.make({
          first: two.task,
          second: five.task,
          path: "src/a.ts",
          lines: { from: 40, to: 40 }
        })
        assert.deepStrictEqual(yield* world.next, expected)
        assert.deepStrictEqual((yield* world.store.events(0, 10)).map(({ event }) => event), [expected])

        const again = Effect.andThen(
          world.events.publish(progressed(five.task)),
          Effect.andThen(settle, world.sweep)
        )
        yield* five.write({ "src/a.ts": lines(100, { 39: "more", 40: "here" }) })
        yield* again
        assert.deepStrictEqual(yield* world.told, [])
        plainGit(five.top, "checkout", "-q", "--", ".")
        yield* again
        assert.deepStrictEqual([yield* world.told, yield* world.overlaps], [[], []])
        yield* five.write(change)
        yield* again
        assert.deepStrictEqual(yield* world.told, [expected])
        yield* Ref.update(world.live, (all) => all.slice(1))
        yield* world.sweep
        assert.deepStrictEqual(yield* world.overlaps, [])
      })))

  it.effect("asks git nothing of a worktree in which nothing has moved", () =>
    RadarWorld.use(files, (world) =>
      Effect.gen(function*() {
        const [two, five] = yield* both(world)
        yield* two.write(change)
        const sweep = world.commands(world.sweep)
        const tell = (event: PoolEvent) => Effect.andThen(world.events.publish(event), settle)
        assert.strictEqual(yield* sweep, 6)
        assert.strictEqual(yield* sweep, 0)
        yield* tell(progressed(two.task))
        assert.strictEqual(yield* sweep, 3)
        assert.strictEqual(yield* sweep, 0)
        // A tool writes as long as it runs.
        yield* tell(progressed(five.task, "running-tool"))
        assert.deepStrictEqual([yield* sweep, yield* sweep], [3, 3])
        yield* tell(progressed(five.task))
        assert.deepStrictEqual([yield* sweep, yield* sweep], [3, 0])
        plainGit(two.top, "add", "-A")
        assert.deepStrictEqual([yield* sweep, yield* sweep], [3, 0])
      })))

  it.effect("goes on where git fails in one worktree, and looks there again", () =>
    RadarWorld.use(files, (world) =>
      Effect.gen(function*() {
        const [two, five] = yield* both(world)
        const broken = yield* world.enter(6)
        yield* Effect.forEach([two, five, broken], ({ write }) => write(change))
        yield* world.break(broken.top)
        yield* world.sweep
        assert.deepStrictEqual((yield* world.overlaps).map(({ first, second }) => [first, second]), [
          [two.task, five.task]
        ])
        assert.strictEqual(yield* world.commands(world.sweep), 1)
        yield* world.break(two.top)
        yield* world.events.publish(progressed(two.task))
        yield* TestClock.adjust("10 seconds")
        yield* world.sweep
        // What was known of it is still known.
        assert.lengthOf(yield* world.overlaps, 1)
      })))

  it.effect("sees results that wait for a review, on their branches", () =>
    RadarWorld.use(files, (world) =>
      Effect.gen(function*() {
        const [two, five] = yield* both(world)
        yield* two.write(change)
        plainGit(two.top, "commit", "-qam", "done")
        yield* world.present(two, 2, CommitId.make(plainGit(two.top, "rev-parse", "HEAD").trim()))
        yield* Ref.update(world.live, (all) => all.slice(1))
        yield* five.write(change)
        yield* world.sweep
        assert.deepStrictEqual(brief(yield* world.overlaps), [{ path: "src/a.ts", lines: { from: 40, to: 40 } }])
        assert.strictEqual(yield* world.commands(world.sweep), 0)
      })))
})
