/**
 * A store in a directory with a number of finished tasks in it.
 */
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Array, Effect, Layer } from "effect"
import * as StoreDirectory from "../../src/layers/StoreDirectory.ts"
import { Store } from "../../src/services/Store.ts"
import { completed, cost, sampleTask, started } from "../support/SampleTask.ts"

/** About 1 KB each. */
const prompt = "Say what this file does, and for whom. ".repeat(25)
const output = "It reads a file, and says what is in it. ".repeat(25)

const storeOne = Effect.fnUntraced(function*(number: number) {
  const store = yield* Store
  const queued = sampleTask(number, { prompt: `File ${number}. ${prompt}`, options: { tags: ["bench"] } })
  yield* store.accept(queued)
  const running = started(queued)
  yield* store.commit(running)
  yield* store.commit(completed(running.task, { output, spend: cost(15_000), session: `session-${number}` }))
})

/** Makes the store, fills it and closes it. */
export const storeTasks = (directory: string, count: number) => {
  const store = StoreDirectory.layer({ directory, owner: "bench" }).pipe(Layer.provide(NodeServices.layer))
  const fill = count === 0
    ? Effect.asVoid(Store)
    : Effect.forEach(Array.range(1, count), storeOne, { concurrency: 500, discard: true })
  return Effect.provide(fill, store)
}
