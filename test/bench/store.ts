/**
 * What the store can do on this machine, over a real directory: `node test/bench/store.ts`.
 */
import { NodeRuntime, NodeServices } from "@effect/platform-node"
import { Array, Console, Duration, Effect, FileSystem, Layer, Order } from "effect"
import * as StoreDirectory from "../../src/layers/StoreDirectory.ts"
import { Store, type TaskFilter } from "../../src/services/Store.ts"
import { sampleTask } from "../support/SampleTask.ts"

export interface Measure {
  readonly name: string
  readonly value: number
  readonly unit: string
}

const lone = 1000
const together = 20_000
const total = 100_000

/** About what a real task weighs. */
const task = (number: number) =>
  sampleTask(number, {
    prompt: "Read the file and say what it does. ".repeat(10),
    key: `key-${number}`,
    options: { tags: ["bench", `tag-${number % 10}`], name: `name-${number % 100}` }
  })

const accept = (number: number) => Effect.flatMap(Store, (store) => store.accept(task(number)))

const millis = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.map(Effect.timed(effect), ([duration]) => Duration.toMillis(duration))

const quantile = (values: ReadonlyArray<number>, q: number): number =>
  Array.sort(values, Order.Number)[Math.floor(values.length * q)] ?? 0

const latency = (name: string, values: ReadonlyArray<number>): ReadonlyArray<Measure> => [
  { name: `${name}, p50`, value: quantile(values, 0.5), unit: "ms" },
  { name: `${name}, p99`, value: quantile(values, 0.99), unit: "ms" }
]

const perSecond = (name: string, count: number, took: number): Measure => ({
  name,
  value: Math.round(count / took * 1000),
  unit: "/s"
})

const rss = (name: string): Effect.Effect<Measure> =>
  Effect.sync(() => ({ name, value: Math.round(process.memoryUsage().rss / 2 ** 20), unit: "MiB" }))

const filters: Record<string, TaskFilter> = {
  "list": { limit: 50 },
  "list by tag": { limit: 50, tag: "bench" },
  "list by state, tag and name": { limit: 50, states: ["Queued", "Failed"], tag: "tag-7", name: "name-7" },
  "list from the middle": { limit: 50, cursor: `${total / 2}` }
}

const writing = Effect.gen(function*() {
  const alone = yield* Effect.forEach(Array.range(1, lone), (number) => millis(accept(number)))
  const group = yield* millis(
    Effect.forEach(Array.range(lone + 1, lone + together), accept, { concurrency: 100, discard: true })
  )
  const crowd = yield* millis(
    Effect.forEach(Array.range(lone + together + 1, total), accept, { concurrency: 1000, discard: true })
  )
  return [
    ...latency("lone accept", alone),
    perSecond("accepts, 100 callers", together, group),
    perSecond("accepts, 1000 callers", total - lone - together, crowd)
  ]
})

const reading = Effect.gen(function*() {
  const store = yield* Store
  const lists = yield* Effect.forEach(Object.entries(filters), ([name, filter]) =>
    Effect.map(
      Effect.replicateEffect(millis(store.list(filter)), 1000),
      (values) => latency(`${name}, 100k tasks`, values)
    ))
  const counts = yield* Effect.replicateEffect(millis(store.counts), 1000)
  const queued = yield* millis(store.queued)
  return [
    ...lists.flat(),
    ...latency("counts, 100k tasks", counts),
    { name: "queued, 100k tasks", value: queued, unit: "ms" }
  ]
})

/** The median of opening a store, asking for its counts, and closing it. */
const opened = (layer: Layer.Layer<Store, unknown, NodeServices.NodeServices>) =>
  Effect.map(
    Effect.replicateEffect(
      millis(Effect.provide(Effect.flatMap(Store, (store) => store.counts), Layer.fresh(layer))),
      20
    ),
    (values) => quantile(values, 0.5)
  )

/** Everything above, and how long a store takes to open. */
export const storeBench = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  const directory = yield* fs.makeTempDirectoryScoped()
  const owner = (check: boolean) => StoreDirectory.layer({ directory, owner: "bench", check })
  const first = yield* opened(owner(false))
  const written = yield* Effect.provide(writing, owner(false))
  const read = yield* Effect.provide(reading, owner(false))
  return [
    ...written,
    ...read,
    { name: "open, count and close, empty", value: first, unit: "ms" },
    { name: "open, count and close, 100k tasks", value: yield* opened(owner(false)), unit: "ms" },
    {
      name: "open, count and close as a reader, 100k tasks",
      value: yield* opened(StoreDirectory.layerReader({ directory })),
      unit: "ms"
    },
    { name: "open, count and close with a check, 100k tasks", value: yield* opened(owner(true)), unit: "ms" },
    {
      name: "size, 100k tasks",
      value: Number((yield* fs.stat(`${directory}/store.db`)).size / 2n ** 20n),
      unit: "MiB"
    },
    yield* rss("resident memory at the end")
  ] satisfies ReadonlyArray<Measure>
}).pipe(Effect.scoped, Effect.provide(NodeServices.layer))

if (import.meta.main) {
  storeBench.pipe(
    Effect.flatMap(
      Effect.forEach(({ name, unit, value }) => Console.log(`${name}: ${Number(value.toFixed(3))} ${unit}`))
    ),
    NodeRuntime.runMain
  )
}
