/**
 * The pool's own part of a task: from `submit` to its acceptance on disk, and from there to the prompt in a worker's
 * hands, with workers that answer at once. And how fast tasks are accepted, against the bare database underneath.
 */
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Array, Duration, Effect, Layer } from "effect"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { TaskId } from "../../src/domain/TaskId.ts"
import * as StoreDirectory from "../../src/layers/StoreDirectory.ts"
import { Pool } from "../../src/services/Pool.ts"
import { Census } from "../support/Census.ts"
import { answer } from "../support/ScriptedClaude.ts"
import { testPool } from "../support/TestPool.ts"
import { type Figure, median, quantile } from "./Figure.ts"

const tasks = 500
const callers = [1, 16, 256]
const rounds = 8
const submits = 500
const commits = 50

const prompt = "Read the file and say what it does. ".repeat(10)

const onDisk = (directory: string) =>
  StoreDirectory.layer({ directory, owner: "bench" }).pipe(Layer.provide(NodeServices.layer))

/** One durable commit of the bare database, in milliseconds: measured in between, because disks have moods. */
const bareDatabase = (directory: string) =>
  Effect.map(
    Effect.acquireRelease(
      Effect.sync(() => {
        const database = new DatabaseSync(join(directory, "bare.db"))
        database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE task (prompt TEXT)")
        return database
      }),
      (database) => Effect.sync(() => database.close())
    ),
    (database) => {
      const insert = database.prepare("INSERT INTO task VALUES (?)")
      return (): number => {
        const start = performance.now()
        insert.run(prompt)
        return performance.now() - start
      }
    }
  )

/** One task at a time, each to a pool with nothing else to do; before each of them a bare commit. */
const overheads = (directory: string, commit: () => number) => {
  let asked = 0
  const run = () =>
    Effect.sync(() => {
      asked = performance.now()
      return answer("done")
    })
  return Effect.gen(function*() {
    const pool = yield* Pool
    return yield* Effect.forEach(Array.range(1, tasks), (number) =>
      Effect.gen(function*() {
        const bare = commit()
        const start = performance.now()
        const { id } = yield* pool.submit({ prompt: `${number} ${prompt}` })
        const accepted = performance.now()
        yield* pool.wait({ ids: [TaskId.make(id)], mode: "all", timeout: Duration.minutes(1) })
        // The caller may be told a little after the dispatcher.
        return { bare, pool: asked - start, dispatch: Math.max(0, asked - accepted) }
      }))
  }).pipe(Effect.provide(testPool({ script: { run }, spares: true, store: onDisk(directory) })))
}

/** Tasks a second, accepted by a pool that is busy with others; in turns with bare commits. */
const submitsPerSecond = (directory: string, concurrency: number, commit: () => number) =>
  Effect.gen(function*() {
    const pool = yield* Pool
    const round = Effect.gen(function*() {
      const bare = median(Array.makeBy(commits, commit))
      const start = performance.now()
      yield* Effect.replicateEffect(pool.submit({ prompt }), submits, { concurrency, discard: true })
      return { bare: 1000 / bare, pool: submits / (performance.now() - start) * 1000 }
    })
    // The first one warms up.
    const all = (yield* Effect.replicateEffect(round, rounds + 1)).slice(1)
    return { bare: median(all.map(({ bare }) => bare)), pool: median(all.map(({ pool }) => pool)) }
  }).pipe(
    Effect.provide(testPool({ script: { run: () => Effect.never }, queueLimit: 100_000, store: onDisk(directory) }))
  )

export const dispatchFigures = Effect.gen(function*() {
  const directory = yield* Census.directory("bench-dispatch-")
  const commit = yield* bareDatabase(directory)
  const times = yield* overheads(join(directory, "overhead"), commit)
  const rates = yield* Effect.forEach(
    callers,
    (count) => submitsPerSecond(join(directory, `submit-${count}`), count, commit)
  )
  const submitToPrompt = (name: string, q: number, aim: string): Figure => ({
    name: `submit to prompt, ${name}`,
    value: quantile(times.map(({ pool }) => pool), q),
    unit: "ms",
    baseline: { name: "one bare commit", value: quantile(times.map(({ bare }) => bare), q) },
    aim
  })
  const acceptedToPrompt = (name: string, q: number, aim: string): Figure => ({
    name: `accepted to prompt, ${name}`,
    value: quantile(times.map(({ dispatch }) => dispatch), q),
    unit: "ms",
    baseline: { name: "one bare commit", value: quantile(times.map(({ bare }) => bare), q) },
    aim
  })
  return [
    submitToPrompt("p50", 0.5, ""),
    submitToPrompt("p99", 0.99, ""),
    acceptedToPrompt("p50", 0.5, "at most 1 ms"),
    acceptedToPrompt("p99", 0.99, "at most 5 ms"),
    ...rates.map(({ bare, pool }, at): Figure => ({
      name: `durable submits, ${callers[at]} at once`,
      value: pool,
      unit: "/s",
      baseline: { name: "bare commits", value: bare },
      aim: callers[at] === 1 ? "" : "at least 3000/s"
    }))
  ] satisfies ReadonlyArray<Figure>
}).pipe(Effect.scoped)
