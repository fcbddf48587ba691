/**
 * What a store has beside its database: transcripts go with the last task that could go on from them.
 */
import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Duration, Effect, FileSystem, Layer } from "effect"
import * as StoreDirectory from "../src/layers/StoreDirectory.ts"
import { Store } from "../src/services/Store.ts"
import { Census } from "./support/Census.ts"
import { completed, cost, sampleTask, started } from "./support/SampleTask.ts"

const finished = Effect.fnUntraced(function*(number: number, session: string) {
  const store = yield* Store
  const start = started(yield* store.accept(sampleTask(number)))
  yield* store.commit(start)
  yield* store.commit(completed(start.task, { output: "", spend: cost(1), session }))
})

layer(NodeServices.layer, { excludeTestServices: true })("a store's files", (it) => {
  it.effect("go with the tasks that have them, and what is younger than the pool and unknown stays", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const directory = `${yield* Census.directory("folder-")}/store`
      const owner = StoreDirectory.layer({ directory, owner: "test" })
      const project = `${directory}/sessions/-w`
      const kept = Effect.map(fs.readDirectory(project), (names) => names.toSorted())
      const text = "line\n".repeat(50_000)
      yield* Effect.provide(
        Effect.gen(function*() {
          const store = yield* Store
          yield* finished(1, "one")
          yield* finished(2, "shared")
          const again = started(yield* store.accept(sampleTask(3)))
          yield* store.commit({ ...again, attempt: again.attempt })
          yield* fs.makeDirectory(`${project}/one`, { recursive: true })
          for (const name of ["one.jsonl", "one/part", "shared.jsonl", "running.jsonl", "forgotten.jsonl"]) {
            yield* fs.writeFileString(`${project}/${name}`, text)
          }
          yield* fs.utimes(`${project}/forgotten.jsonl`, 1, 1)
          // A task that is not finished has the same session.
          yield* store.commit({
            ...started(yield* store.accept(sampleTask(4))),
            attempt: started(sampleTask(4)).attempt
          })
          const foreseen = yield* store.prune({ olderThan: Duration.zero, keepBytes: null, dryRun: true })
          assert.deepStrictEqual(yield* kept, ["forgotten.jsonl", "one", "one.jsonl", "running.jsonl", "shared.jsonl"])
          const report = yield* store.prune({ olderThan: Duration.zero, keepBytes: null, dryRun: false })
          assert.strictEqual(report.files, foreseen.files)
          assert.deepInclude(report, { tasks: 2, files: 4 })
          assert.isBelow(report.bytes_after, report.bytes_before - 3 * text.length)
          assert.deepStrictEqual(yield* kept, ["running.jsonl"])
        }),
        owner
      )
    }).pipe(Effect.scoped))

  it.effect("stay where a kept task has their session, and count for the store's size", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const directory = `${yield* Census.directory("folder-")}/store`
      const project = `${directory}/sessions/-w`
      yield* Effect.provide(
        Effect.gen(function*() {
          const store = yield* Store
          yield* finished(1, "first")
          yield* finished(2, "second")
          yield* store.accept(sampleTask(3, { options: { continueFrom: sampleTask(2).id } }))
          yield* fs.makeDirectory(project, { recursive: true })
          for (const name of ["first.jsonl", "second.jsonl"]) {
            yield* fs.writeFileString(`${project}/${name}`, "line\n".repeat(500_000))
          }
          const report = yield* store.prune({ olderThan: null, keepBytes: 3_500_000, dryRun: false })
          assert.deepInclude(report, { tasks: 1, files: 1 })
          assert.isAbove(report.bytes_before, 5_000_000)
          assert.isAtMost(report.bytes_after, 3_500_000)
          assert.deepStrictEqual(yield* fs.readDirectory(project), ["second.jsonl"])
        }),
        Layer.fresh(StoreDirectory.layer({ directory, owner: "test" }))
      )
    }).pipe(Effect.scoped))
})
