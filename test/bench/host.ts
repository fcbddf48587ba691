/**
 * What one process for all costs: its start with the first answer, a command that goes to it, and memory.
 */
import { Effect } from "effect"
import { spawnSync } from "node:child_process"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { Census } from "../support/Census.ts"
import { type Figure, median, quantile } from "./Figure.ts"
import { residentMegabytes, servingMegabytes } from "./ResidentMemory.ts"

const command = fileURLToPath(new URL("../../dist/claude-pool.js", import.meta.url))
const starts = 7
const calls = 25

interface Place {
  readonly env: NodeJS.ProcessEnv
  readonly cwd: string
}

const ran = (argv: ReadonlyArray<string>, { cwd, env }: Place): { readonly ms: number; readonly stdout: string } => {
  const begun = performance.now()
  const { status, stderr, stdout } = spawnSync(process.execPath, [command, ...argv], { cwd, env, encoding: "utf8" })
  if (status !== 0) throw new Error(`${argv.join(" ")} ended with ${status}: ${stderr}`)
  return { ms: performance.now() - begun, stdout }
}

const timed = (argv: ReadonlyArray<string>, place: Place): number => ran(argv, place).ms

const measure = async (place: Place): Promise<ReadonlyArray<Figure>> => {
  const alone = { ...place, env: { ...place.env, CLAUDE_POOL_IN_PROCESS: "true" } }
  const cold: Array<number> = []
  const inProcess: Array<number> = []
  for (let round = 0; round <= starts; round++) {
    cold.push(timed(["wait"], place))
    timed(["stop"], place)
    inProcess.push(timed(["wait"], alone))
  }
  timed(["wait"], place)
  const version: Array<number> = []
  const status: Array<number> = []
  for (let round = 0; round <= calls; round++) {
    version.push(timed(["--version"], place))
    status.push(timed(["status"], place))
  }
  const { host } = JSON.parse(ran(["status", "--json"], place).stdout) as { readonly host: { readonly pid: number } }
  // The first round warms up.
  const [colds, alones, versions, statuses] = [cold, inProcess, version, status].map((all) => all.slice(1)) as [
    Array<number>,
    Array<number>,
    Array<number>,
    Array<number>
  ]
  return [
    {
      name: "host: start and first answer (`wait`)",
      value: median(colds),
      unit: "ms",
      baseline: { name: "in process", value: median(alones) }
    },
    {
      name: "host: `status` against it, p50",
      value: median(statuses),
      unit: "ms",
      baseline: { name: "--version", value: median(versions) }
    },
    { name: "host: `status` against it, p95", value: quantile(statuses, 0.95), unit: "ms" },
    { name: "host: its resident memory", value: residentMegabytes(host.pid), unit: "MiB", aim: "at most 150 MiB" },
    {
      name: "host: resident memory of an mcp client",
      value: await servingMegabytes([command, "mcp"], place),
      unit: "MiB"
    }
  ]
}

export const hostFigures = Effect.gen(function*() {
  const home = yield* Census.directory("bench-host-")
  const env = {
    PATH: process.env["PATH"],
    HOME: home,
    TMPDIR: home,
    CLAUDE_POOL_SIMULATE: "true",
    CLAUDE_POOL_HOT_SPARES: "false",
    CLAUDE_POOL_STORE: join(home, "store")
  }
  const place = { cwd: home, env }
  return yield* Effect.ensuring(
    Effect.promise(() => measure(place)),
    Effect.sync(() => ran(["stop", "--grace", "0s"], place))
  )
}).pipe(Effect.scoped)
