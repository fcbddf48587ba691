/**
 * A process that owns the store in the directory of its first argument, keeps one task in it, says so, and stays.
 */
import { NodeRuntime, NodeServices } from "@effect/platform-node"
import { Console, Effect, Layer } from "effect"
import * as StoreDirectory from "../../src/layers/StoreDirectory.ts"
import { Store } from "../../src/services/Store.ts"
import { sampleTask } from "./SampleTask.ts"

const directory = process.argv[2] ?? ""

Effect.gen(function*() {
  const store = yield* Store
  yield* store.accept(sampleTask(1, { key: "one" }))
  yield* Console.log("owned")
  return yield* Effect.never
}).pipe(
  Effect.provide(StoreDirectory.layer({ directory, owner: "another pool" }).pipe(Layer.provide(NodeServices.layer))),
  NodeRuntime.runMain
)
