/**
 * The built program as a process of its own, with the simulator in the place of the CLI: in a directory of the test's, with
 * an environment built from nothing.
 */
import { Effect } from "effect"
import { type ChildProcess, spawn } from "node:child_process"
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, watch, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import metadata from "../../package.json" with { type: "json" }
import { compileCache } from "./CompileCache.ts"

const command = fileURLToPath(new URL("../../dist/claude-pool.js", import.meta.url))

/** The same build as another version: a copy of it in a directory of the test's. */
export const buildAs = (version: string, directory: string): string => {
  const copy = join(directory, `dist-${version}`)
  cpSync(dirname(command), copy, { recursive: true, filter: (path) => !path.endsWith("types") })
  for (const name of readdirSync(copy).filter((name) => name.endsWith(".js"))) {
    const text = readFileSync(join(copy, name), "utf8")
    writeFileSync(join(copy, name), text.replaceAll(`\`${metadata.version}\``, `\`${version}\``))
  }
  return join(copy, "claude-pool.js")
}

/** With a host, where one is wanted. The simulator notes there what it was asked. */
export const hostEnvironmentIn = (directory: string): Readonly<Record<string, string>> => ({
  PATH: "/usr/local/bin:/usr/bin:/bin",
  HOME: directory,
  TMPDIR: directory,
  ...compileCache,
  CLAUDE_POOL_SIMULATOR_LOG: join(directory, "log")
})

/** Each command has a pool of its own, and none is left. */
export const environmentIn = (directory: string): Readonly<Record<string, string>> => ({
  ...hostEnvironmentIn(directory),
  CLAUDE_POOL_IN_PROCESS: "true"
})

/** What is said on the command line of every command. */
export const flagsIn = (directory: string) => ["--simulate", "--store", join(directory, "store")]

export const program = (directory: string, argv: ReadonlyArray<string>, build = command) => [
  build,
  ...argv,
  ...flagsIn(directory)
]

const run = (
  directory: string,
  argv: ReadonlyArray<string>,
  cwd: string,
  env: Readonly<Record<string, string>> = environmentIn(directory),
  build = command
) => {
  mkdirSync(cwd, { recursive: true })
  const child = spawn(process.execPath, program(directory, argv, build), { cwd, env, stdio: "pipe" })
  const said = { stdout: "", stderr: "" }
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      said[name] += text
    })
  }
  const ended = new Promise<typeof said & { readonly end: number | string | null }>((resolve) => {
    child.on("close", (code, signal) => resolve({ ...said, end: code ?? signal }))
  })
  return { child, ended }
}

/** The program, of this build or another one; it is gone when the scope closes. */
export const start = (
  directory: string,
  argv: ReadonlyArray<string>,
  cwd = directory,
  env: Readonly<Record<string, string>> = environmentIn(directory),
  build = command
) =>
  Effect.acquireRelease(
    Effect.sync(() => run(directory, argv, cwd, env, build)),
    ({ child }) => Effect.sync(() => child.exitCode === null && child.signalCode === null && child.kill("SIGKILL"))
  )

/** Runs it to its end. */
export const ran = (
  directory: string,
  argv: ReadonlyArray<string>,
  cwd = directory,
  env: Readonly<Record<string, string>> = environmentIn(directory),
  build = command
) => Effect.scoped(Effect.flatMap(start(directory, argv, cwd, env, build), ({ ended }) => Effect.promise(() => ended)))

/** Waits until it says so on stderr; what it has said before is not heard. */
export const said = (child: ChildProcess, words: string) =>
  Effect.callback<void>((resume) => {
    let text = ""
    const leave = () => child.stderr?.off("data", hear)
    const hear = (more: string) => {
      text += more
      if (!text.includes(words)) return
      leave()
      resume(Effect.void)
    }
    child.stderr?.on("data", hear)
    return Effect.sync(leave)
  })

/** The first words of what workers were asked, in the order of the asking; who was cut off is asked to go on with the last. */
export const asked = (directory: string): ReadonlyArray<string> => {
  const log = join(directory, "log")
  const lines = existsSync(log) ? readFileSync(log, "utf8").split("\n").slice(0, -1) : []
  const prompts = lines.map((line) => JSON.parse(line) as { readonly event: string; readonly prompt: string })
    .filter(({ event }) => event === "prompt")
  const steps: Array<string> = []
  for (const { prompt } of prompts) {
    const step = prompt.includes("was cut off") ? steps.at(-1) : /^\w+/.exec(prompt)?.[0]
    steps.push(step ?? prompt)
  }
  return steps
}

/** Waits until so many prompts have been asked. */
export const prompted = (directory: string, count: number) =>
  Effect.callback<void>((resume) => {
    const end = Effect.sync(() => watcher.close())
    const look = () => {
      if (asked(directory).length >= count) resume(end)
    }
    const watcher = watch(directory, look)
    look()
    return end
  })
