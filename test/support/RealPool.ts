/**
 * `claude-pool` through its front door, as a child process, with the pinned real CLI as its worker and the scripted API
 * as its provider. All of it lives in one directory that is gone afterwards, with every process in it.
 */
import { Effect, type Scope } from "effect"
import { spawn } from "node:child_process"
import { existsSync, mkdirSync, readdirSync, readFileSync, watch, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import type { TaskView } from "../../src/domain/TaskView.ts"
import { Census } from "./Census.ts"
import { compileCache } from "./CompileCache.ts"
import { RealClaude } from "./RealClaude.ts"
import { type ApiScript, ScriptedApi } from "./ScriptedApi.ts"

const command = fileURLToPath(new URL("../../dist/claude-pool.js", import.meta.url))

/** What `run --json` prints of a task. */
export type Printed = TaskView & { readonly output: string }

export interface Ran {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
  /** The processes of the test that were there at the moment of its end. */
  readonly survivors: ReadonlyArray<string>
}

export interface Running {
  readonly pid: number
  readonly kill: (signal: NodeJS.Signals) => Effect.Effect<void>
  readonly ended: Effect.Effect<Ran>
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly stdin?: string
}

export interface RealPool {
  readonly directory: string
  readonly home: string
  /** The working directory, which is also the workers'. */
  readonly project: string
  readonly store: string
  readonly api: ScriptedApi
  readonly start: (argv: ReadonlyArray<string>, options?: RunOptions) => Effect.Effect<Running, never, Scope.Scope>
  /** Runs it to its end; dies if any process is left at that moment. */
  readonly run: (argv: ReadonlyArray<string>, options?: RunOptions) => Effect.Effect<Ran>
  /** `run --json` with these arguments. */
  readonly task: (
    argv: ReadonlyArray<string>,
    options?: RunOptions
  ) => Effect.Effect<{ readonly code: number | null; readonly task: Printed; readonly stderr: string }>
  /** Writes a file below the test's directory, and answers with its path. */
  readonly write: (path: string, content: string, mode?: number) => string
  /** Waits for a file that another process writes, up to its last line's end. */
  readonly file: (path: string) => Effect.Effect<string>
}

export interface PoolOptions {
  readonly apiKey?: string | null
  readonly env?: Readonly<Record<string, string>>
}

const launch = (
  directory: string,
  cwd: string,
  env: Record<string, string>,
  argv: ReadonlyArray<string>,
  stdin = ""
) => {
  const child = spawn(process.execPath, [command, ...argv], { cwd, env, stdio: "pipe" })
  const said = { stdout: "", stderr: "" }
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (chunk: string) => {
      said[name] += chunk
    })
  }
  child.stdin.on("error", () => undefined)
  child.stdin.end(stdin)
  let survivors: ReadonlyArray<string> = []
  child.on("exit", () => {
    survivors = Census.processesOf(directory)
  })
  const ended = new Promise<Ran>((resolve) => {
    child.on("close", (code, signal) => resolve({ ...said, code, signal, survivors }))
  })
  return { child, ended }
}

/** Waits for a file that another process writes, up to its last line's end. */
const awaitFile = (path: string): Effect.Effect<string> =>
  Effect.callback((resume) => {
    const look = () => {
      const text = existsSync(path) ? readFileSync(path, "utf8") : ""
      if (text.endsWith("\n")) resume(Effect.succeed(text))
    }
    const watcher = watch(dirname(path), look)
    look()
    return Effect.sync(() => watcher.close())
  })

const make = Effect.fnUntraced(function*(script: ApiScript = [], options: PoolOptions = {}) {
  const directory = yield* Census.directory("real-pool-")
  const [home, project, temporary, store] = ["home", "project", "tmp", "store"].map((name) =>
    join(directory, name)
  ) as [
    string,
    string,
    string,
    string
  ]
  for (const made of [home, project, temporary]) mkdirSync(made)
  const api = yield* ScriptedApi.make(script)
  const { apiKey, env: extra } = options
  const environment = (more: RunOptions["env"]) => ({
    ...RealClaude.cleanEnvironment({ home, url: api.url, ...(apiKey === undefined ? {} : { apiKey }) }),
    TMPDIR: temporary,
    ...compileCache,
    CLAUDE_POOL_CLAUDE: RealClaude.binary,
    CLAUDE_POOL_STORE: store,
    CLAUDE_POOL_IN_PROCESS: "true",
    ...extra,
    ...more
  })

  const start: RealPool["start"] = (argv, { env, stdin } = {}) =>
    Effect.acquireRelease(
      Effect.sync(() => launch(directory, project, environment(env), argv, stdin)),
      ({ child, ended }) =>
        Effect.suspend(() => {
          if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL")
          return Effect.promise(() => ended)
        })
    ).pipe(Effect.map(({ child, ended }): Running => ({
      pid: child.pid ?? 0,
      kill: (signal) => Effect.sync(() => child.kill(signal)),
      ended: Effect.promise(() => ended)
    })))

  const run: RealPool["run"] = (argv, settings) =>
    Effect.scoped(Effect.flatMap(start(argv, settings), ({ ended }) => ended)).pipe(
      Effect.tap(({ survivors }) =>
        survivors.length === 0
          ? Effect.void
          : Effect.die(new Error(`processes outlived the pool: ${survivors.join(", ")}`))
      ),
      Effect.tap(() => {
        const left = readdirSync(temporary)
        return left.length === 0 ? Effect.void : Effect.die(new Error(`temporary files are left: ${left.join(", ")}`))
      })
    )

  const task: RealPool["task"] = (argv, settings) =>
    Effect.map(run(["run", "--json", ...argv], settings), ({ code, stderr, stdout }) => {
      return { code, stderr, task: JSON.parse(stdout) as Printed }
    })

  const write: RealPool["write"] = (path, content, mode = 0o644) => {
    const file = join(directory, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, content, { mode })
    return file
  }

  return {
    directory,
    home,
    project,
    store,
    api,
    start,
    run,
    task,
    write,
    file: (path) => awaitFile(path)
  } satisfies RealPool as RealPool
})

export const RealPool = { make }
