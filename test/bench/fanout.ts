/**
 * A fan-out of ten thousand items: how long its durable acceptance takes, against the bare rows in one transaction of the
 * bare database, and what the pool keeps of it in memory while it waits.
 */
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Array, Effect, Layer, type Scope } from "effect"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import type { Failure } from "../../src/domain/Failure.ts"
import * as StoreDirectory from "../../src/layers/StoreDirectory.ts"
import { Pool } from "../../src/services/Pool.ts"
import { Census } from "../support/Census.ts"
import { testPool } from "../support/TestPool.ts"
import { type Figure, median } from "./Figure.ts"

const size = 10_000
const rounds = 4

const items = Array.makeBy(
  size,
  (index) => ({ prompt: `Review src/file-${index}.ts and say what is wrong with it`, input: index })
)

/** In milliseconds. */
const bareRows = (directory: string): number => {
  const database = new DatabaseSync(join(directory, "bare.db"))
  database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE IF NOT EXISTS item (body TEXT)")
  const insert = database.prepare("INSERT INTO item VALUES (?)")
  const start = performance.now()
  database.exec("BEGIN")
  for (const item of items) insert.run(JSON.stringify(item))
  database.exec("COMMIT")
  const took = performance.now() - start
  database.close()
  return took
}

setFlagsFromString("--expose-gc")
const collect = runInNewContext("gc") as () => void

/** What is in use, in bytes, once all garbage is gone. */
const inUse = Effect.sync(() => {
  collect()
  return process.memoryUsage().heapUsed
})

export const fanOutFigures = Effect.gen(function*(): Effect.fn.Return<ReadonlyArray<Figure>, Failure, Scope.Scope> {
  const directory = yield* Census.directory("bench-fan-out-")
  const store = StoreDirectory.layer({ directory: join(directory, "store"), owner: "bench" }).pipe(
    Layer.provide(NodeServices.layer)
  )
  const measured = yield* Effect.gen(function*() {
    const pool = yield* Pool
    const accept = Effect.gen(function*() {
      const bare = bareRows(directory)
      const start = performance.now()
      yield* pool.fanOut(items)
      return { bare, took: performance.now() - start }
    })
    yield* accept
    const before = yield* inUse
    const all = yield* Effect.replicateEffect(accept, rounds)
    return { all, kept: ((yield* inUse) - before) / rounds }
  }).pipe(Effect.provide(testPool({ script: { run: () => Effect.never }, queueLimit: 100_000, store })))
  return [
    {
      name: "fan-out of 10000 items, accepted",
      value: median(measured.all.map(({ took }) => took)),
      unit: "ms",
      baseline: { name: "10000 bare rows", value: median(measured.all.map(({ bare }) => bare)) },
      aim: "about 1000 ms"
    },
    { name: "memory kept of 10000 waiting items", value: measured.kept / 2 ** 20, unit: "MiB" }
  ]
}).pipe(Effect.scoped)
