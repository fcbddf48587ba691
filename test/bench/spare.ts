/**
 * A hot spare against a cold start, both of the real CLI: how long until the prompt is at the provider, and how many
 * turns there are in a second. The provider is a script on loopback that answers at once.
 */
import * as NodeCrypto from "@effect/platform-node/NodeCrypto"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Array, Duration, Effect, Layer, Schedule } from "effect"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { mkdirSync } from "node:fs"
import { join } from "node:path"
import * as App from "../../src/layers/App.ts"
import { Configuration } from "../../src/services/Configuration.ts"
import { Machine } from "../../src/services/Machine.ts"
import { Pool } from "../../src/services/Pool.ts"
import { Census } from "../support/Census.ts"
import { RealClaude } from "../support/RealClaude.ts"
import { ScriptedApi } from "../support/ScriptedApi.ts"
import { testMachine } from "../support/TestMachine.ts"
import { type Figure, median, quantile } from "./Figure.ts"

const rounds = 12
const slots = 2
const tasks = 6

export const spareFigures = Effect.gen(function*() {
  const directory = yield* Census.directory("bench-spare-")
  const [home, project] = ["home", "project"].map((name) => join(directory, name)) as [string, string]
  for (const made of [home, project]) mkdirSync(made)
  const api = yield* ScriptedApi.make([])
  const env = RealClaude.cleanEnvironment({ home, url: api.url })

  const cold = (prompt: string) =>
    Effect.promise(async () => {
      const child = spawn(RealClaude.binary, ["-p", prompt], {
        cwd: project,
        env,
        stdio: ["ignore", "ignore", "inherit"]
      })
      const [code] = await once(child, "exit")
      if (code !== 0) throw new Error(`claude ended with ${code}`)
    })

  const layer = App.layer("host").pipe(
    Layer.provide([
      Configuration.layer({ claude: RealClaude.binary, store: join(directory, "store"), slots }, project),
      Machine.layer({ ...testMachine, env, home, cwd: project, temporary: directory, node: process.execPath }),
      NodeServices.layer,
      NodeCrypto.layerSecureRandom,
      NodeCrypto.layerDigest
    ])
  )

  return yield* Effect.gen(function*() {
    const pool = yield* Pool
    const stocked = pool.status.pipe(
      Effect.map((now) => now.slots.length === slots && now.slots.every((slot) => slot.state === "idle" && slot.pid)),
      Effect.repeat({ until: (ready) => ready === true, schedule: Schedule.spaced("20 millis") })
    )
    const hot = (prompt: string) => pool.run({ prompt })

    /** Milliseconds from the call to the request's arrival; then everything comes to rest. */
    const arrival = Effect.fnUntraced(function*<A, E>(ask: Effect.Effect<A, E>) {
      yield* stocked
      const index = api.main.length
      const start = performance.now()
      yield* ask
      return api.main[index]!.at - start
    })

    /** Turns a second, from the first call to the last answer. */
    const rate = Effect.fnUntraced(function*<A, E>(
      ask: (prompt: string) => Effect.Effect<A, E>,
      count: number,
      concurrency: number
    ) {
      yield* stocked
      const [took] = yield* Effect.timed(
        Effect.forEach(Array.range(1, count), (number) => ask(`task ${number}`), { concurrency, discard: true })
      )
      return count / Duration.toSeconds(took)
    })

    const pairs = yield* Effect.forEach(
      Array.range(1, rounds),
      (round) => Effect.all([arrival(hot(`hot ${round}`)), arrival(cold(`cold ${round}`))])
    )
    const [hots, colds] = [pairs.map(([time]) => time), pairs.map(([, time]) => time)]
    const bursts = yield* Effect.replicateEffect(Effect.all([rate(hot, slots, slots), rate(cold, slots, slots)]), 5)
    const lasting = yield* Effect.replicateEffect(
      Effect.all([rate(hot, tasks, tasks), rate(cold, tasks, slots), rate(cold, tasks, 1)]),
      3
    )
    const [through, two, one] = [0, 1, 2].map((at) => median(lasting.map((rates) => rates[at]!))) as [
      number,
      number,
      number
    ]

    return [
      {
        name: "hot spare: call to request, p50",
        value: median(hots),
        unit: "ms",
        baseline: { name: "claude -p", value: median(colds) },
        aim: "at most 100 ms, 1/10"
      },
      {
        name: "hot spare: call to request, p95",
        value: quantile(hots, 0.95),
        unit: "ms",
        baseline: { name: "claude -p", value: quantile(colds, 0.95) }
      },
      {
        name: `turns, ${slots} at once on ${slots} spares`,
        value: median(bursts.map(([burst]) => burst)),
        unit: "/s",
        baseline: { name: `${slots} claude -p at once`, value: median(bursts.map(([, burst]) => burst)) },
        aim: "at least 10 x"
      },
      {
        name: `turns, ${tasks} through ${slots} slots`,
        value: through,
        unit: "/s",
        baseline: { name: `claude -p, ${slots} at once`, value: two }
      },
      {
        name: `turns, ${tasks} through ${slots} slots`,
        value: through,
        unit: "/s",
        baseline: { name: "claude -p, one by one", value: one }
      }
    ] satisfies ReadonlyArray<Figure>
  }).pipe(Effect.provide(layer))
}).pipe(Effect.scoped)
