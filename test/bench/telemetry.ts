/**
 * What tracing costs a pool: tasks whose workers answer at once, with a collector on loopback and without one, in turns.
 */
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Array, Duration, Effect, Layer } from "effect"
import { join } from "node:path"
import { TaskId } from "../../src/domain/TaskId.ts"
import * as OtlpTelemetry from "../../src/layers/OtlpTelemetry.ts"
import * as StoreDirectory from "../../src/layers/StoreDirectory.ts"
import { Pool } from "../../src/services/Pool.ts"
import { Census } from "../support/Census.ts"
import { Collector } from "../support/Collector.ts"
import { answer } from "../support/ScriptedClaude.ts"
import { testPool } from "../support/TestPool.ts"
import { type Figure, median } from "./Figure.ts"

const tasks = 400
const rounds = 6
const patience = Duration.minutes(1)

/** Milliseconds a task, of this process's own time and of the clock. */
interface Cost {
  readonly cpu: number
  readonly time: number
}

const run = () => Effect.succeed(answer("done"))

/** One pool, its end included: what has not been sent then is sent then. */
const cost = (directory: string, url: string | null) =>
  Effect.gen(function*() {
    const store = StoreDirectory.layer({ directory, owner: "bench" }).pipe(Layer.provide(NodeServices.layer))
    const telemetry = url === null ? {} : { telemetry: OtlpTelemetry.layer({ url, env: {}, workersTrace: false }) }
    const work = Effect.gen(function*() {
      const pool = yield* Pool
      const all = yield* Effect.forEach(Array.range(1, tasks), (number) => pool.submit({ prompt: `task ${number}` }), {
        concurrency: 16
      })
      yield* Effect.forEach(all, ({ id }) => pool.wait({ ids: [TaskId.make(id)], mode: "all", timeout: patience }))
    })
    const cpu = process.cpuUsage()
    const start = performance.now()
    yield* Effect.provide(work, testPool({ script: { run }, spares: true, store, ...telemetry }), { local: true })
    const { system, user } = process.cpuUsage(cpu)
    return { cpu: (user + system) / 1000 / tasks, time: (performance.now() - start) / tasks } satisfies Cost
  })

export const telemetryFigures = Effect.gen(function*() {
  const directory = yield* Census.directory("bench-telemetry-")
  const collector = yield* Collector.make()
  const pairs = yield* Effect.forEach(Array.range(0, rounds), (round) =>
    Effect.all([
      cost(join(directory, `on-${round}`), collector.url),
      cost(join(directory, `off-${round}`), null)
    ]))
  // The first round warms up.
  const [on, off] = [0, 1].map((at) => pairs.slice(1).map((pair) => pair[at]!)) as [Array<Cost>, Array<Cost>]
  const sent = collector.spans().length
  if (sent < tasks) return yield* Effect.die(`the collector has only ${sent} spans`)
  const figure = (name: string, of: (cost: Cost) => number): Figure => ({
    name,
    value: median(on.map(of)),
    unit: "ms",
    baseline: { name: "without", value: median(off.map(of)) },
    aim: "at most 1.2 x"
  })
  return [
    figure("a traced task, of the clock", ({ time }) => time),
    figure("a traced task, of the processor, the collector's part included", ({ cpu }) => cpu)
  ] satisfies ReadonlyArray<Figure>
}).pipe(Effect.scoped)
