/**
 * The resident memory of a process, and of a server that has answered a client.
 */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { readFileSync } from "node:fs"
import process from "node:process"
import { createInterface } from "node:readline"

/** In MiB. */
export const residentMegabytes = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024

const request = (id: number, method: string, params: object) => JSON.stringify({ jsonrpc: "2.0", id, method, params })

interface Place {
  readonly env: NodeJS.ProcessEnv
  readonly cwd?: string
}

/** In MiB, of `node` with these arguments as an MCP server on stdio, once it has answered one call. */
export const servingMegabytes = async (argv: ReadonlyArray<string>, place: Place): Promise<number> => {
  const child = spawn(process.execPath, argv, { ...place, stdio: ["pipe", "pipe", "inherit"] })
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
