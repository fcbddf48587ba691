/**
 * What one process for all costs: its start with the first answer, a command that goes to it, and memory.
 */
import { Effect } from "effect"
import { spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { Census } from "../support/Census.ts"
import { type Figure, median, quantile } from "./Figure.ts"

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

const residentMegabytes = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024

const request = (id: number, method: string, params: object) => JSON.stringify({ jsonrpc: "2.0", id, method, params })

/** Of a coordinator's server whose pool is the host's, once it has answered one call. */
const clientMegabytes = async ({ cwd, env }: Place): Promise<number> => {
  const child = spawn(process.execPath, [command, "mcp"], { cwd, env, stdio: ["pipe", "pipe", "inherit"] })
  const ended = once(child, "exit")
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  const clientInfo = { name: "bench", version: "1" }
  child.stdin.write(`${request(1, "initialize", { protocolVersion: "2025-11-25", capabilities: {}, clientInfo })}\n`)
  await lines.next()
  child.stdin.write(`${JSON.stringify({ jsonrpc: "2.0", method: "notifications/initialized" })}\n`)
  child.stdin.write(`${request(2, "tools/call", { name: "pool_list", arguments: {} })}\n`)
  await lines.next()
  const megabytes = residentMegabytes(child.pid ?? 0)
  child.stdin.end()
  await ended
  return megabytes
}

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
    { name: "host: resident memory of an mcp client", value: await clientMegabytes(place), unit: "MiB" }
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
