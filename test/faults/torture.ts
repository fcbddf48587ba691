/**
 * `npm run torture`: the long run of the proof. Kills, cells of the matrix under many seeds, and schedules, as many as are
 * asked for; what was played is counted, and what failed is printed with the seed that replays it.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { Console, Effect } from "effect"
import process from "node:process"
import { parseArgs } from "node:util"
import { killLoop } from "./KillLoop.ts"
import { nameOf } from "./matrix/Cell.ts"
import { cells } from "./matrix/Matrix.ts"
import { schedules } from "./Schedules.ts"
import { drawFrom } from "./Seed.ts"

const usage = `npm run torture -- [--kills 10000] [--rounds 20] [--minutes 10] [--seed 1]

  --kills    how often a pool under load is killed
  --rounds   how often every cell of the fault matrix is played, each time with another seed
  --minutes  for how long schedules are played
  --seed     what all of it is drawn from

0 leaves a part out. It exits with 1 if anything was not as it has to be.`

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "10000" },
    rounds: { type: "string", default: "20" },
    minutes: { type: "string", default: "10" },
    seed: { type: "string", default: "1" },
    help: { type: "boolean", default: false }
  }
})

const seed = Number(values.seed)

/** Kills in one directory: a store grows with them, and a new one is a new beginning. */
const killsEach = 50

const kills = Effect.gen(function*() {
  const lanes = Math.ceil(Number(values.kills) / killsEach)
  const reports = yield* Effect.forEach(
    Array.from({ length: lanes }, (_, lane) => lane),
    (lane) =>
      Effect.tap(
        killLoop({ seed: seed + lane, kills: Math.min(killsEach, Number(values.kills) - lane * killsEach) }),
        (report) =>
          Console.error(`kills: ${(lane + 1) * killsEach}, seed ${report.seed}: ${report.problems.length} bad`)
      ),
    { concurrency: 3 }
  )
  const sum = (of: (report: typeof reports[number]) => number) => reports.reduce((total, one) => total + of(one), 0)
  yield* Console.log(
    `kills: ${sum((one) => one.kills)}, accepted ${sum((one) => one.accepted)}, attempts ${
      sum((one) => one.attempts)
    }, told ${sum((one) => one.told)}`
  )
  return reports.flatMap(({ problems, seed }) => problems.map((problem) => `kills, --seed ${seed}: ${problem}`))
})

const matrix = Effect.gen(function*() {
  const rounds = Array.from({ length: Number(values.rounds) }, (_, round) => seed + round * cells.length)
  const problems = yield* Effect.forEach(
    rounds,
    (base) =>
      Effect.forEach(cells, (cell, index) =>
        Effect.scoped(cell.play(drawFrom(base + index))).pipe(
          Effect.map((found) => found.map((one) => `${nameOf(cell)}: ${one}, SEED=${base}`))
        ), { concurrency: 2 })
  )
  yield* Console.log(`matrix: ${rounds.length * cells.length} cells played, ${cells.length} different ones`)
  return problems.flat(2)
})

const interleavings = Effect.gen(function*() {
  const end = performance.now() + Number(values.minutes) * 60_000
  const report = yield* schedules({ seed, isOver: () => performance.now() >= end })
  yield* Console.log(`schedules: ${report.played}, with ${report.choices} choices among ready fibers`)
  return report.failures.map(({ cause, seed, steps }) => `schedule, --seed ${seed}: ${steps}\n${cause}`)
})

const all = Effect.gen(function*() {
  const problems = [
    ...Number(values.minutes) > 0 ? yield* interleavings : [],
    ...Number(values.rounds) > 0 ? yield* matrix : [],
    ...Number(values.kills) > 0 ? yield* kills : []
  ]
  yield* Console.log(problems.length === 0 ? "nothing was wrong" : problems.join("\n"))
  // What pools that were ended as by a crash still wait for keeps nobody here.
  process.exit(problems.length === 0 ? 0 : 1)
})

NodeRuntime.runMain(values.help ? Console.log(usage) : all)
