/**
 * `claude-pool --simulate` as a child process in a directory of its own, with what its workers were asked, what they have
 * cost, and what they have written: all of it as they said it themselves.
 */
import { Effect } from "effect"
import { spawn } from "node:child_process"
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import type { TaskView } from "../../src/domain/TaskView.ts"
import { Census } from "./Census.ts"
import { compileCache } from "./CompileCache.ts"
import { FileWatch } from "./FileWatch.ts"

const command = fileURLToPath(new URL("../../dist/claude-pool.js", import.meta.url))

/** A line of the simulator's log. */
interface Logged {
  readonly event: "start" | "prompt" | "cost"
  readonly pid: number
  readonly session?: string
  readonly prompt?: string
  readonly usd?: number
}

export interface Ended {
  readonly stdout: string
  readonly stderr: string
  readonly end: number | string | null
}

const launch = (directory: string, argv: ReadonlyArray<string>, more: Readonly<Record<string, string>>) => {
  const env = {
    PATH: "/usr/local/bin:/usr/bin:/bin",
    HOME: directory,
    TMPDIR: directory,
    ...compileCache,
    CLAUDE_POOL_SIMULATOR_LOG: join(directory, "log"),
    CLAUDE_POOL_IN_PROCESS: "true",
    ...more
  }
  const flags = ["--simulate", "--store", join(directory, "store")]
  const child = spawn(process.execPath, [command, ...argv, ...flags], { cwd: directory, env, stdio: "pipe" })
  const said = { stdout: "", stderr: "" }
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      said[name] += text
    })
  }
  const ended = new Promise<Ended>((resolve) => {
    child.on("close", (code, signal) => resolve({ ...said, end: code ?? signal }))
  })
  return { child, ended: Effect.promise(() => ended) }
}

const make = Effect.fnUntraced(function*(prefix: string) {
  const directory = yield* Census.directory(prefix)
  mkdirSync(join(directory, "store"))

  const start = (argv: ReadonlyArray<string>, env: Readonly<Record<string, string>> = {}) =>
    Effect.acquireRelease(
      Effect.sync(() => launch(directory, argv, env)),
      ({ child }) => Effect.sync(() => child.exitCode === null && child.signalCode === null && child.kill("SIGKILL"))
    )

  /** Runs it to its end. */
  const ran = (...argv: ReadonlyArray<string>): Effect.Effect<Ended> =>
    Effect.scoped(Effect.flatMap(start(argv), ({ ended }) => ended))

  const log = (): ReadonlyArray<Logged> => {
    const file = join(directory, "log")
    const lines = existsSync(file) ? readFileSync(file, "utf8").split("\n").slice(0, -1) : []
    return lines.map((line) => JSON.parse(line) as Logged)
  }

  /** Every prompt that was ever sent, in order. */
  const asked = (): ReadonlyArray<string> =>
    log().flatMap(({ event, prompt }) => event === "prompt" && prompt !== undefined ? [prompt] : [])

  /** What each session has cost, in dollars, as its process said. */
  const costs = (): ReadonlyMap<string, number> =>
    new Map(
      log().flatMap(({ event, session, usd }) =>
        event === "cost" && session !== undefined && usd !== undefined ? [[session, usd] as const] : []
      )
    )

  /** The lines of all transcripts. */
  const transcripts = (): ReadonlyArray<string> => {
    const sessions = join(directory, "store", "sessions")
    if (!existsSync(sessions)) return []
    return readdirSync(sessions, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".jsonl"))
      .flatMap((file) => readFileSync(join(sessions, file), "utf8").split("\n"))
  }

  /** Waits for what files say; what changes none of them is not seen. */
  const until = (look: () => boolean) => FileWatch.until(directory, look)

  /** Waits until so many texts stand in transcripts as the ends of answers. */
  const answered = (...texts: ReadonlyArray<string>) =>
    until(() => {
      const ends = transcripts().filter((line) => line.includes("\"stop_reason\":\"end_turn\""))
      return texts.every((text) => ends.some((line) => line.includes(text)))
    })

  const touch = (name: string) => Effect.sync(() => writeFileSync(join(directory, name), ""))

  /** Ends what was started as a crash does, with nothing left of it. */
  const kill = Effect.fnUntraced(function*({ child, ended }: ReturnType<typeof launch>) {
    child.kill("SIGKILL")
    yield* ended
    const left = yield* Census.survivorsOf(directory)
    if (left.length > 0) return yield* Effect.die(new Error(`processes outlived the pool: ${left.join(", ")}`))
  })

  const tasks = Effect.map(
    ran("list", "--json"),
    ({ stdout }) => (JSON.parse(stdout) as { readonly tasks: ReadonlyArray<TaskView> }).tasks
  )

  return { directory, start, ran, log, asked, costs, transcripts, until, answered, touch, kill, tasks }
})

export const SimulatedPool = { make }
