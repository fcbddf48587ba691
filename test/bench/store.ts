/**
 * What the store can do on this machine, over a real directory: `node test/bench/store.ts`.
 */
import { NodeRuntime, NodeServices } from "@effect/platform-node"
import { Array, Clock, Console, Duration, Effect, FileSystem, Layer, Order } from "effect"
import * as StoreDirectory from "../../src/layers/StoreDirectory.ts"
import { Store, type TaskFilter } from "../../src/services/Store.ts"
import { seal, unseal } from "../../src/services/store/Seal.ts"
import { sampleTask, started } from "../support/SampleTask.ts"
import { storeTasks } from "./StoredTasks.ts"

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

/** As the kernel would leave it after a kill: nobody has taken the owner's description away. */
const killed = (directory: string) =>
  Effect.flatMap(FileSystem.FileSystem, (fs) => fs.writeFileString(`${directory}/owner.json`, ""))

/** To be refused while another has it, again and again. */
const refused = (directory: string) => {
  const owner = StoreDirectory.layer({ directory, owner: "bench" })
  return Effect.provide(
    Effect.replicateEffect(millis(Effect.flip(Effect.provide(Store, Layer.fresh(owner)))), 20),
    owner
  )
}

/** After a kill with 100,000 tasks and a thousand of them unfinished: until one more is accepted, and one is begun. */
const reopening = Effect.fnUntraced(function*(directory: string) {
  yield* storeTasks(directory, total)
  const owner = StoreDirectory.layer({ directory, owner: "bench" })
  const open = Effect.flatMap(
    Store,
    (store) =>
      Effect.forEach(Array.range(1, 1000), (number) => store.accept(sampleTask(total + number)), { concurrency: 500 })
  )
  yield* Effect.provide(open, Layer.fresh(owner))
  const once = (number: number) =>
    Effect.gen(function*() {
      yield* killed(directory)
      const began = yield* Clock.currentTimeMillis
      return yield* Effect.provide(
        Effect.gen(function*() {
          const store = yield* Store
          yield* Effect.all([store.spent, store.running, store.queued])
          const next = yield* store.accept(sampleTask(2 * total + number))
          const accepting = (yield* Clock.currentTimeMillis) - began
          yield* store.commit(started(next))
          return { accepting, begun: (yield* Clock.currentTimeMillis) - began }
        }),
        Layer.fresh(owner)
      )
    })
  const times = yield* Effect.forEach(Array.range(1, 5), once)
  const prune = (dryRun: boolean) =>
    Effect.flatMap(Store, (store) => {
      const options = { olderThan: null, dryRun }
      return Effect.flatMap(store.prune({ ...options, keepBytes: null, dryRun: true }), ({ bytes_before }) =>
        Effect.timed(store.prune({ ...options, keepBytes: Math.round(bytes_before * 0.53) })))
    })
  const [foresight] = yield* Effect.provide(prune(true), Layer.fresh(owner))
  const [took, report] = yield* Effect.provide(prune(false), Layer.fresh(owner))
  const median = (values: ReadonlyArray<number>) => quantile(values, 0.5)
  return [
    { name: "after a kill, until accepting, 100k tasks", value: median(times.map((one) => one.accepting)), unit: "ms" },
    {
      name: "after a kill, until a task is begun, 100k tasks",
      value: median(times.map((one) => one.begun)),
      unit: "ms"
    },
    { name: "tasks pruned of 100k", value: report.tasks, unit: "" },
    { name: "to prune them", value: Duration.toMillis(took), unit: "ms" },
    { name: "to say what would be pruned", value: Duration.toMillis(foresight), unit: "ms" }
  ] satisfies ReadonlyArray<Measure>
})

/** What a seal costs: it is made when a row is written, and made again when it is read. */
const sealing = Effect.sync((): ReadonlyArray<Measure> => {
  const text = JSON.stringify({ prompt: "Read the file and say what it does. ".repeat(60) })
  const many = 20_000
  const begun = performance.now()
  for (let round = 0; round < many; round++) unseal(seal(text))
  return [{ name: "to seal 2 KB and to see that it is whole", value: (performance.now() - begun) / many, unit: "ms" }]
})

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
    ...latency("refused while another has it", yield* refused(directory)),
    ...yield* sealing,
    ...yield* reopening(yield* fs.makeTempDirectoryScoped()),
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
