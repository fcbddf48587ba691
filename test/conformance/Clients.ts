/**
 * The clients that nobody here wrote, as processes: each runs to its end, in a directory of the test's own and with an
 * environment built from nothing.
 */
import { Effect } from "effect"
import { spawn } from "node:child_process"
import { join } from "node:path"
import { inject } from "vitest"

export interface ClientRun {
  readonly code: number | string
  readonly stdout: string
  readonly stderr: string
}

const run = (program: string, args: ReadonlyArray<string>, home: string, env: Readonly<Record<string, string>> = {}) =>
  Effect.callback<ClientRun>((resume) => {
    const child = spawn(process.execPath, [program, ...args], {
      cwd: home,
      env: { PATH: "/usr/local/bin:/usr/bin:/bin", HOME: home, TMPDIR: home, ...env },
      stdio: ["ignore", "pipe", "pipe"]
    })
    const said = { stdout: "", stderr: "" }
    for (const name of ["stdout", "stderr"] as const) {
      child[name].setEncoding("utf8").on("data", (text: string) => (said[name] += text))
    }
    child.on("close", (code, signal) => resume(Effect.succeed({ ...said, code: code ?? signal ?? "unknown" })))
    return Effect.sync(() => child.kill("SIGKILL"))
  })

const installed = (...path: ReadonlyArray<string>): string =>
  join(inject("clients"), "node_modules", "@modelcontextprotocol", ...path)

/** The protocol's own conformance suite. It speaks HTTP alone. */
export const conformance = (home: string, url: string, ...args: ReadonlyArray<string>) =>
  run(installed("conformance", "dist", "index.js"), ["server", "--url", url, ...args], home)

/** The protocol's own inspector, on the command line. */
export const inspector = (home: string, args: ReadonlyArray<string>, server: ReadonlyArray<string>) =>
  run(
    installed("inspector", "clients", "launcher", "build", "index.js"),
    ["--cli", "-q", ...args, ...(server.length === 0 ? [] : ["--", ...server])],
    home,
    { MCP_INSPECTOR_SECRET_STORE: "file" }
  )
