/**
 * The built program with a host, as users have it; the host is stopped in the end, and what is left then is a leak.
 */
import { assert } from "@effect/vitest"
import { Effect } from "effect"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import process from "node:process"
import { driveServer, initialize } from "../mcp/StdioDriver.ts"
import { Census } from "./Census.ts"
import { hostEnvironmentIn, program, ran, start } from "./Program.ts"

interface Note {
  readonly pid: number
  readonly version: string
  readonly socket: string
  readonly settings: Readonly<Record<string, string>>
}

/** How many connections a socket has taken: in the kernel's list, they bear its name and are in this state. */
const connections = (socket: string): number =>
  readFileSync("/proc/net/unix", "utf8").split("\n")
    .filter((line) => line.endsWith(` ${socket}`) && line.split(/ +/)[5] === "03").length

/** Workers that stand by unused cost a process each. */
const sparing = {
  CLAUDE_POOL_SLOTS: "2",
  CLAUDE_POOL_HOT_SPARES: "false"
}

const make = Effect.fnUntraced(function*(prefix: string, more: Readonly<Record<string, string>> = {}) {
  const directory = yield* Effect.acquireRelease(
    Census.directory(prefix),
    (directory) =>
      existsSync(join(directory, "store", "owner.json"))
        ? ran(directory, ["stop", "--grace", "0s"], directory, { ...hostEnvironmentIn(directory), ...sparing })
        : Effect.void
  )
  const env = { ...hostEnvironmentIn(directory), ...sparing, ...more }
  const store = join(directory, "store")
  const noteFile = join(store, "socket.json")
  const note = () => JSON.parse(readFileSync(noteFile, "utf8")) as Note

  /** Until so many commands are connected to the host. */
  const connected = (count: number) => Effect.repeat(Census.pass, { until: () => connections(note().socket) === count })

  const startIn = (argv: ReadonlyArray<string>) => start(directory, argv, directory, env)
  return {
    directory,
    store,
    env,
    noteFile,
    hasNote: () => existsSync(noteFile),
    note,
    /** Runs a command to its end. */
    ran: (argv: ReadonlyArray<string>, own: Readonly<Record<string, string>> = {}) =>
      ran(directory, argv, directory, { ...env, ...own }),
    /** The same, where it has to succeed; what it has printed is JSON. */
    json: <A>(argv: ReadonlyArray<string>) =>
      Effect.map(ran(directory, [...argv, "--json"], directory, env), ({ end, stderr, stdout }) => {
        assert.strictEqual(end, 0, `${stdout}${stderr}`)
        return JSON.parse(stdout) as A
      }),
    start: startIn,
    /** Starts a command that stays, and waits until the host has it as its only client: those before it have ended. */
    startConnected: Effect.fnUntraced(function*(argv: ReadonlyArray<string>) {
      yield* connected(0)
      const started = yield* startIn(argv)
      yield* connected(1)
      return started
    }),
    /** A coordinator's server. */
    serve: Effect.fnUntraced(function*(...flags: ReadonlyArray<string>) {
      const server = yield* driveServer(program(directory, ["mcp", ...flags]), { cwd: directory, env })
      yield* server.send(...initialize)
      yield* server.reply(0)
      return server
    }),
    /** Ends a process at once, and waits until it is no more. */
    kill: (pid: number) =>
      Effect.callback<void>((resume) => {
        process.kill(pid, "SIGKILL")
        const look = () => {
          try {
            process.kill(pid, 0)
            setImmediate(look)
          } catch {
            resume(Effect.void)
          }
        }
        look()
      })
  }
})

export const Hosted = { make }
