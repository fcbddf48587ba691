/**
 * `npm run soak`: a pool of sixteen slots under mixed load for a given time, and how much it holds at the beginning and at
 * the end: memory, descriptors, files.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Console, Effect } from "effect"
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { drawWork } from "./Load.ts"
import { drawFrom } from "./Seed.ts"
import { makeWorld, type World } from "./World.ts"

const usage = `npm run soak -- [--minutes 10] [--tasks 0] [--seed 1]

  --minutes  for how long there is load
  --tasks    ends earlier, when so many pieces of work have been done; 0: it does not
  --seed     what the load is drawn from`

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "10" },
    tasks: { type: "string", default: "0" },
    seed: { type: "string", default: "1" },
    help: { type: "boolean", default: false }
  }
})

const slots = 16

interface Sample {
  readonly hours: number
  readonly rss: number
  readonly descriptors: number
  readonly wal: number
  readonly store: number
  readonly temporary: number
  readonly zombies: number
}

const mebibytes = (bytes: number): number => Math.round(bytes / 2 ** 20 * 100) / 100

const sizeOf = (file: string): number => existsSync(file) ? mebibytes(statSync(file).size) : 0

const zombiesOf = (pid: number): number =>
  readdirSync("/proc").filter((name) => /^\d+$/.test(name)).filter((name) => {
    try {
      const [, state, parent] = readFileSync(`/proc/${name}/stat`, "utf8").split(") ").at(-1)?.match(/^(\w) (\d+)/) ??
        []
      return state === "Z" && Number(parent) === pid
    } catch {
      // It has ended.
      return false
    }
  }).length

const sample = (world: World, pid: number, since: number): Sample => ({
  hours: (performance.now() - since) / 3_600_000,
  rss: Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024,
  descriptors: readdirSync(`/proc/${pid}/fd`).length,
  wal: sizeOf(join(world.store, "store.db-wal")),
  store: sizeOf(join(world.store, "store.db")),
  temporary: readdirSync(join(world.directory, "tmp"), { recursive: true }).length,
  zombies: zombiesOf(pid)
})

/** Megabytes an hour: the straight line through the samples that lies nearest to them. */
const slopeOf = (samples: ReadonlyArray<Sample>): number => {
  const mean = (of: (one: Sample) => number) => samples.reduce((sum, one) => sum + of(one), 0) / samples.length
  const [time, rss] = [mean(({ hours }) => hours), mean((one) => one.rss)]
  const above = samples.reduce((sum, one) => sum + (one.hours - time) * (one.rss - rss), 0)
  const below = samples.reduce((sum, one) => sum + (one.hours - time) ** 2, 0)
  return below === 0 ? 0 : above / below
}

const soak = Effect.gen(function*() {
  const world = yield* makeWorld
  const draw = drawFrom(Number(values.seed))
  const pool = yield* world.open({
    slots,
    flags: ["--hot-spares=false", "--keep-bytes=16MB"],
    // What the simulator counts by is none of the pool's temporary files.
    env: { CLAUDE_POOL_SIMULATOR_STATE: join(world.directory, "state") }
  })
  const began = performance.now()
  const end = began + Number(values.minutes) * 60_000
  const most = Number(values.tasks) > 0 ? Number(values.tasks) : Number.POSITIVE_INFINITY
  const samples: Array<Sample> = []
  let works = 0
  for (let round = 0; performance.now() < end && works < most; round++) {
    const all = Array.from({ length: slots }, (_, n) => drawWork(draw, `w${round}.${n}`))
    // One in each round ends its worker the hard way, and is tried again.
    const crash = `[[fail:1,exit=137,key=c${round}]] [[say:ok]] <c${round}>`
    const ids = yield* Effect.forEach(
      [...all, { key: `c${round}`, token: `<c${round}>`, tool: "pool_submit", args: { prompt: crash } }],
      (work) => Effect.map(pool.run(work), ({ id }) => id),
      { concurrency: "unbounded" }
    )
    yield* pool.ask("pool_wait", { ids, wait_s: 44 })
    works += ids.length
    samples.push(sample(world, pool.driver.pid, began))
  }
  // The first quarter warms up.
  const warm = samples.slice(Math.floor(samples.length / 4))
  const [first, last] = [warm[0], warm.at(-1)]
  if (first === undefined || last === undefined) return yield* Console.log("it was over before it began")
  const line = (name: string, of: (one: Sample) => number, unit = "") =>
    `${name.padEnd(18)} first ${of(first).toFixed(2)}${unit}, last ${of(last).toFixed(2)}${unit}`
  yield* Console.log([
    `${works} pieces of work in ${(last.hours * 60).toFixed(1)} minutes, ${slots} slots`,
    `${"memory, slope".padEnd(18)} ${slopeOf(warm).toFixed(2)} MiB/h`,
    line("memory", ({ rss }) => rss, " MiB"),
    line("descriptors", ({ descriptors }) => descriptors),
    line("journal", ({ wal }) => wal, " MiB"),
    line("store", ({ store }) => store, " MiB"),
    line("temporary files", ({ temporary }) => temporary),
    line("zombies", ({ zombies }) => zombies)
  ].join("\n"))
  yield* pool.close
}).pipe(Effect.scoped)

NodeRuntime.runMain(values.help ? Console.log(usage) : soak)
