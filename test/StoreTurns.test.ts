/**
 * What is kept of the turns of workers: in order, bounded, and for as long as their task.
 */
import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Array, Duration, Effect, FileSystem, Option, Path } from "effect"
import { TestClock } from "effect/testing"
import type { NewTurn } from "../src/domain/Turn.ts"
import * as StoreDirectory from "../src/layers/StoreDirectory.ts"
import { Store } from "../src/services/Store.ts"
import { mostBytes, mostPieces } from "../src/services/store/TurnTable.ts"
import { at, completed, cost, sampleId, sampleTask, started } from "./support/SampleTask.ts"
import { onEachStore } from "./support/StoreLayers.ts"

const piece = (text: string, more: Partial<NewTurn> = {}): NewTurn => ({
  attempt: 1,
  at: at(5),
  kind: "said",
  text,
  ...more
})

const all = { since: 0, limit: 10_000 }

const texts = (id: ReturnType<typeof sampleId>, page = all) =>
  Effect.flatMap(Store, (store) => Effect.map(store.turns.list(id, page), Array.map(({ text }) => text)))

onEachStore("Store.turns", (test) => {
  test(
    "keeps pieces in order, each with a number of its task's own",
    Effect.gen(function*() {
      const store = yield* Store
      yield* Effect.forEach([1, 2], (number) => store.accept(sampleTask(number)))
      const call = piece("npm test", { kind: "tool", tool: "Bash", nested: true })
      const failure = piece("exit 1\u0000 \ud83d", { kind: "result", failed: true, attempt: 2, at: at(9) })
      assert.strictEqual(yield* store.turns.append(sampleId(1), [piece("one"), call]), 2)
      assert.strictEqual(yield* store.turns.append(sampleId(2), [piece("other")]), 1)
      assert.strictEqual(yield* store.turns.append(sampleId(1), [failure]), 3)
      assert.deepStrictEqual(yield* store.turns.list(sampleId(1), all), [
        { ...piece("one"), seq: 1 },
        { ...call, seq: 2 },
        { ...failure, seq: 3 }
      ])
      assert.deepStrictEqual(yield* texts(sampleId(1), { since: 1, limit: 1 }), ["npm test"])
      assert.deepStrictEqual(yield* texts(sampleId(2)), ["other"])
    })
  )

  test(
    "keeps nothing of a task that is not there, and nothing of nothing",
    Effect.gen(function*() {
      const store = yield* Store
      yield* store.accept(sampleTask(1))
      assert.strictEqual(yield* store.turns.append(sampleId(9), [piece("x")]), 0)
      assert.strictEqual(yield* store.turns.append(sampleId(1), []), 0)
      assert.deepStrictEqual(yield* texts(sampleId(9)), [])
    })
  )

  test(
    "keeps those of a change with it, or not at all",
    Effect.gen(function*() {
      const store = yield* Store
      const task = yield* store.accept(sampleTask(1))
      const start = { ...started(task), turns: [piece("begins", { kind: "notice" })] }
      yield* store.commit(start)
      yield* Effect.flip(store.commit(start))
      assert.deepStrictEqual(yield* texts(task.id), ["begins"])
    })
  )

  test(
    "gives up the middle of too many pieces, and goes on with its numbers",
    Effect.gen(function*() {
      const store = yield* Store
      yield* store.accept(sampleTask(1))
      const batches = Array.chunksOf(Array.makeBy(mostPieces + 100, (index) => piece(`${index + 1}`)), 700)
      yield* Effect.forEach(batches, (batch) => store.turns.append(sampleId(1), batch))
      const kept = yield* store.turns.list(sampleId(1), all)
      assert.isAtMost(kept.length, mostPieces)
      assert.isAtLeast(kept.length, mostPieces / 2)
      assert.strictEqual(kept[0]?.text, "1")
      assert.strictEqual(kept.at(-1)?.seq, mostPieces + 100)
      for (const { seq, text } of kept) assert.strictEqual(text, `${seq}`)
      assert.strictEqual(yield* store.turns.append(sampleId(1), [piece("more")]), mostPieces + 101)
    })
  )

  test(
    "gives up the middle of too much text",
    Effect.gen(function*() {
      const store = yield* Store
      yield* store.accept(sampleTask(1))
      const long = "x".repeat(8000)
      const count = Math.ceil(mostBytes / 8000) + 20
      yield* Effect.forEach(
        Array.chunksOf(Array.makeBy(count, (index) => piece(`${index + 1} ${long}`)), 20),
        (batch) => store.turns.append(sampleId(1), batch)
      )
      const kept = yield* texts(sampleId(1))
      assert.isAtMost(kept.join("").length, mostBytes)
      assert.isAtLeast(kept.join("").length, mostBytes / 2)
      assert.match(kept[0] ?? "", /^1 /)
      assert.match(kept.at(-1) ?? "", new RegExp(`^${count} `))
    })
  )

  test(
    "throws them away with their task",
    Effect.gen(function*() {
      const store = yield* Store
      const task = yield* store.accept(sampleTask(1))
      const start = started(task)
      yield* store.commit(start)
      yield* store.turns.append(task.id, [piece("x".repeat(8000))])
      const small = (yield* store.prune({ olderThan: null, keepBytes: null, dryRun: true })).bytes_after
      yield* store.commit(completed(start.task, { output: "", spend: cost(1) }))
      yield* TestClock.setTime(Duration.toMillis("2 days"))
      const options = { olderThan: Duration.hours(1), keepBytes: null }
      assert.isAtMost((yield* store.prune({ ...options, dryRun: true })).bytes_after, small - 8000)
      assert.strictEqual((yield* store.prune({ ...options, dryRun: false })).tasks, 1)
      assert.deepStrictEqual(yield* store.find(task.id), Option.none())
      assert.deepStrictEqual(yield* texts(task.id), [])
    })
  )
})

layer(NodeServices.layer, { excludeTestServices: true })("a store opened for reading", (it) => {
  it.effect("shows them while their owner adds to them, and takes none", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const path = yield* Path.Path
      const directory = path.join(yield* fs.makeTempDirectoryScoped(), ".claude-pool")
      yield* Effect.gen(function*() {
        const owner = yield* Store
        yield* owner.accept(sampleTask(1))
        yield* owner.turns.append(sampleId(1), [piece("one")])
        yield* Effect.gen(function*() {
          const reader = yield* Store
          assert.deepStrictEqual(yield* texts(sampleId(1)), ["one"])
          yield* owner.turns.append(sampleId(1), [piece("two")])
          assert.deepStrictEqual(yield* texts(sampleId(1), { since: 1, limit: 9 }), ["two"])
          const refused = yield* Effect.flip(reader.turns.append(sampleId(1), [piece("three")]))
          assert.strictEqual(refused.reason._tag, "StoreOwned")
        }).pipe(Effect.provide(StoreDirectory.layerReader({ directory })))
      }).pipe(Effect.provide(StoreDirectory.layer({ directory, owner: "test" })))
    }))
})
