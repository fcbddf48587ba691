/**
 * How long the command takes to start, against Node that does nothing, and how much memory a pool needs.
 */
import { Effect } from "effect"
import { spawnSync } from "node:child_process"
import { mkdirSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { Census } from "../support/Census.ts"
import { type Figure, median } from "./Figure.ts"
import { servingMegabytes } from "./ResidentMemory.ts"
import { storeTasks } from "./StoredTasks.ts"

const command = fileURLToPath(new URL("../../dist/claude-pool.js", import.meta.url))
const rounds = 15
const many = 10_000

/** A home of its own, and none of what slows the start of every Node down, such as `NODE_EXTRA_CA_CERTS`. */
const environmentIn = (home: string) => ({
  PATH: process.env["PATH"],
  HOME: home,
  TMPDIR: home,
  CLAUDE_POOL_IN_PROCESS: "true"
})

const timed = (argv: ReadonlyArray<string>, env: NodeJS.ProcessEnv): number => {
  const start = performance.now()
  const { status, stderr } = spawnSync(process.execPath, argv, { env, stdio: ["ignore", "ignore", "pipe"] })
  if (status !== 0) throw new Error(`${argv.join(" ")} ended with ${status}: ${String(stderr)}`)
  return performance.now() - start
}

/** Every command once in each round, so that a busy moment hits all of them; a first round warms up and does not count. */
const interleaved = (commands: ReadonlyArray<ReadonlyArray<string>>, env: NodeJS.ProcessEnv): ReadonlyArray<number> => {
  const times = Array.from({ length: rounds + 1 }, () => commands.map((argv) => timed(argv, env))).slice(1)
  return commands.map((_, at) => median(times.map((round) => round[at]!)))
}

export const startFigures = Effect.gen(function*() {
  const directory = yield* Census.directory("bench-start-")
  const [home, few, filled] = ["home", "few", "filled"].map((name) => join(directory, name)) as [string, string, string]
  mkdirSync(home)
  const env = environmentIn(home)
  yield* storeTasks(few, 0)
  yield* storeTasks(filled, many)

  const aim = "at most 3 x"
  const commands = [
    { name: "claude-pool --version", argv: ["--version"], aim },
    { name: "claude-pool --help", argv: ["--help"], aim: "" },
    { name: "claude-pool status, no tasks", argv: ["status", "--store", few], aim },
    { name: `claude-pool status, ${many} tasks`, argv: ["status", "--store", filled], aim }
  ]
  const [node = Number.NaN, ...times] = interleaved(
    [["-e", "0"], ...commands.map(({ argv }) => [command, ...argv])],
    env
  )
  const baseline = { name: "node -e 0", value: node }
  const rss = yield* Effect.promise(() =>
    servingMegabytes([command, "mcp", "--simulate", "--hot-spares=false", "--store", filled], { env })
  )

  return [
    ...commands.map(({ aim, name }, at): Figure => ({ name, value: times[at]!, unit: "ms", baseline, aim })),
    { name: `resident memory of a pool, ${many} tasks`, value: rss, unit: "MiB", aim: "at most 150 MiB" }
  ] satisfies ReadonlyArray<Figure>
}).pipe(Effect.scoped)
