/**
 * What a call of a tool costs besides what the tool does: `pool_status` of a pool at rest, over stdio and HTTP, against a
 * server of the bare SDK that gives the same answer; and how much memory the servers need. The pool is a host's, as
 * coordinators have it, and once the server's own.
 */
import { Effect } from "effect"
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdirSync } from "node:fs"
import { Agent, request } from "node:http"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { Census } from "../support/Census.ts"
import { type Figure, quantile } from "./Figure.ts"
import { residentMegabytes } from "./ResidentMemory.ts"

const command = fileURLToPath(new URL("../../dist/claude-pool.js", import.meta.url))
const bare = fileURLToPath(new URL("bareServer.ts", import.meta.url))

const rounds = 20
const calls = 100
const token = "a-token-that-only-this-bench-knows"

interface Message {
  readonly id?: number
  readonly result?: { readonly structuredContent?: unknown }
}

interface Served {
  readonly ask: (message: object) => Promise<Message>
  readonly child: ChildProcess
}

const start = (home: string, argv: ReadonlyArray<string>): ChildProcess =>
  spawn(process.execPath, argv, {
    cwd: home,
    env: { PATH: process.env["PATH"], HOME: home, TMPDIR: home, CLAUDE_POOL_HTTP_TOKEN: token },
    stdio: ["pipe", "pipe", "pipe"]
  })

const overStdio = (child: ChildProcess): Served => {
  const lines = createInterface(child.stdout!)[Symbol.asyncIterator]()
  child.stderr?.resume()
  return {
    child,
    ask: async (message) => {
      child.stdin!.write(`${JSON.stringify(message)}\n`)
      return "id" in message ? JSON.parse((await lines.next()).value as string) as Message : {}
    }
  }
}

const overHttp = async (child: ChildProcess): Promise<Served> => {
  let said = ""
  for await (const chunk of child.stderr!) {
    said += String(chunk)
    if (/(\d{4,5})(\/mcp|\})[^]*\n/.test(said)) break
  }
  const port = Number(/(\d{4,5})(\/mcp|\})/.exec(said)?.[1])
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  child.once("exit", () => agent.destroy())
  let session: string | undefined
  const headers = {
    authorization: `Bearer ${token}`,
    accept: "application/json, text/event-stream",
    "content-type": "application/json"
  }
  return {
    child,
    ask: (message) =>
      new Promise((resolve, reject) => {
        const sent = request({
          agent,
          host: "127.0.0.1",
          port,
          path: "/mcp",
          method: "POST",
          headers: { ...headers, ...(session === undefined ? {} : { "mcp-session-id": session }) }
        }, (response) => {
          const id = response.headers["mcp-session-id"]
          if (typeof id === "string") session = id
          let text = ""
          response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk)).on("end", () => {
            const data = /^data: (.+)$/m.exec(text)?.[1]
            resolve(data === undefined ? {} : JSON.parse(data) as Message)
          })
        })
        sent.on("error", reject).end(JSON.stringify(message))
      })
  }
}

const call = (id: number) => ({
  jsonrpc: "2.0",
  id,
  method: "tools/call",
  params: { name: "pool_status", arguments: {} }
})

const shakeHands = async ({ ask }: Served): Promise<void> => {
  const clientInfo = { name: "bench", version: "1" }
  const params = { protocolVersion: "2025-11-25", capabilities: {}, clientInfo }
  await ask({ jsonrpc: "2.0", id: 0, method: "initialize", params })
  await ask({ jsonrpc: "2.0", method: "notifications/initialized" })
}

const timed = async ({ ask }: Served, id: number): Promise<number> => {
  const began = performance.now()
  const answer = await ask(call(id))
  if (answer.result?.structuredContent === undefined) throw new Error(`no answer: ${JSON.stringify(answer)}`)
  return performance.now() - began
}

const end = async ({ child }: Served): Promise<void> => {
  const ended = once(child, "exit")
  child.kill("SIGTERM")
  await ended
}

/** Its host would stay for a while. */
const stop = async (home: string): Promise<void> => {
  const child = start(home, [command, "stop", "--grace", "0s"])
  for (const stream of [child.stdout!, child.stderr!]) stream.resume()
  child.stdin!.end()
  await once(child, "close")
}

const measure = async (directory: string) => {
  const home = (name: string): string => {
    mkdirSync(join(directory, name))
    return join(directory, name)
  }
  const homes = [home("stdio"), home("http"), home("own")] as const
  const pool = [command, "mcp", "--simulate", "--hot-spares=false"]
  const [stdio, http, own] = [
    overStdio(start(homes[0], pool)),
    await overHttp(start(homes[1], [...pool, "--http", "--port", "0"])),
    overStdio(start(homes[2], [...pool, "--in-process"]))
  ]
  await shakeHands(stdio)
  const answer = JSON.stringify((await stdio.ask(call(1))).result?.structuredContent)
  const servers = [
    stdio,
    overStdio(start(directory, [bare, "stdio", answer])),
    http,
    await overHttp(start(directory, [bare, "http", answer])),
    own
  ]
  await Promise.all(servers.slice(1).map(shakeHands))
  const times = servers.map((): Array<number> => [])
  // In turns, so that a busy moment hits all of them; a first round warms up and does not count.
  for (let round = 0; round <= rounds; round++) {
    for (const [at, server] of servers.entries()) {
      for (let number = 0; number < calls; number++) {
        // oxlint-disable-next-line eslint/no-await-in-loop -- one after the other is what is measured
        const took = await timed(server, 10 + round * calls + number)
        if (round > 0) times[at]!.push(took)
      }
    }
  }
  const memory = servers.map(({ child }) => residentMegabytes(child.pid ?? 0))
  await Promise.all(servers.map(end))
  await Promise.all(homes.map(stop))
  return { times, memory }
}

const bareSdk = "bare SDK"

const callFigure = (name: string, q: number, times: ReadonlyArray<number>, others: ReadonlyArray<number>): Figure => ({
  name,
  value: quantile(times, q),
  unit: "ms",
  baseline: { name: bareSdk, value: quantile(others, q) }
})

export const mcpFigures = Effect.gen(function*() {
  const directory = yield* Census.directory("bench-mcp-")
  const { memory, times } = yield* Effect.promise(() => measure(directory))
  const measured = [["stdio", 0, 1], ["HTTP", 2, 3], ["stdio, in process", 4, 1]] as const
  return measured.flatMap(([transport, at, other]): ReadonlyArray<Figure> => [
    callFigure(`MCP call over ${transport}, p50`, 0.5, times[at]!, times[other]!),
    callFigure(`MCP call over ${transport}, p99`, 0.99, times[at]!, times[other]!),
    {
      name: `MCP server over ${transport}, resident memory`,
      value: memory[at]!,
      unit: "MiB",
      baseline: { name: bareSdk, value: memory[other]! }
    }
  ])
}).pipe(Effect.scoped)
