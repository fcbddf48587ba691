/**
 * The simulator as a process for tests: started in a scope, spoken to line by line, gone when the scope closes.
 */
import { Effect, Predicate, type Scope } from "effect"
import { type ChildProcess, spawn } from "node:child_process"
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const entry = fileURLToPath(new URL("../../dist/simulator.js", import.meta.url))

/** An event, as tests look at it. */
// oxlint-disable-next-line typescript/no-explicit-any -- what is asserted is the shape itself
export type Event = Record<string, any>

export interface Exit {
  readonly code: number | null
  readonly signal: string | null
}

export interface Simulated {
  readonly pid: number
  /** Everything on stdout so far, whole lines. */
  readonly lines: ReadonlyArray<string>
  /** Of those, the ones that are JSON objects. */
  readonly events: ReadonlyArray<Event>
  /** All of stderr, once the process has closed it. */
  readonly stderr: Effect.Effect<string>
  /** Writes lines; what is no string becomes JSON. */
  readonly send: (...lines: ReadonlyArray<unknown>) => Effect.Effect<void>
  /** The next event that was not taken yet and fits. Dies if the process ends without one. */
  readonly take: (fits: (event: Event) => boolean) => Effect.Effect<Event>
  /** Sends a prompt and waits for its result. */
  readonly ask: (prompt: string, fields?: object) => Effect.Effect<Event>
  readonly control: (subtype: string, fields?: object) => Effect.Effect<Event>
  readonly kill: (signal: NodeJS.Signals) => Effect.Effect<void>
  readonly exit: Effect.Effect<Exit>
  readonly closeStdin: Effect.Effect<void>
  /** Closes stdin and waits for the end. */
  readonly end: Effect.Effect<Exit>
}

export const user = (content: unknown, fields: object = {}) => ({
  type: "user",
  message: { role: "user", content },
  parent_tool_use_id: null,
  ...fields
})

export const isResult = (event: Event): boolean => event["type"] === "result"

export const isType = (type: string, subtype?: string) => (event: Event): boolean =>
  event["type"] === type && (subtype === undefined || event["subtype"] === subtype)

export const baseFlags = ["-p", "--input-format=stream-json", "--output-format=stream-json", "--verbose"]

export interface Options {
  readonly flags?: ReadonlyArray<string>
  /** All the arguments, in place of the usual ones and `flags`. */
  readonly argv?: ReadonlyArray<string>
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
}

export const temporary: Effect.Effect<string, never, Scope.Scope> = Effect.acquireRelease(
  Effect.sync(() => {
    const directory = realpathSync(mkdtempSync(join(tmpdir(), "simulated-")))
    mkdirSync(join(directory, "config"))
    return directory
  }),
  (directory) => Effect.sync(() => rmSync(directory, { recursive: true, force: true }))
)

const parse = (line: string): ReadonlyArray<Event> => {
  try {
    const value: unknown = JSON.parse(line)
    return Predicate.isObject(value) ? [value as Event] : []
  } catch {
    return []
  }
}

export const start = (options: Options = {}): Effect.Effect<Simulated, never, Scope.Scope> =>
  Effect.acquireRelease(Effect.sync(() => launch(options)), ({ child, hasEnded, simulated }) =>
    Effect.suspend(() => {
      if (hasEnded()) return Effect.void
      child.kill("SIGKILL")
      return simulated.exit
    })).pipe(Effect.map(({ simulated }) => simulated))

const launch = (options: Options) => {
  const child: ChildProcess = spawn(
    process.execPath,
    [entry, ...options.argv ?? [...baseFlags, ...options.flags ?? []]],
    { cwd: options.cwd, env: { PATH: process.env["PATH"], ...options.env }, stdio: "pipe" }
  )
  const lines: Array<string> = []
  const events: Array<Event> = []
  const waiting = new Set<() => void>()
  let rest = ""
  let stderr = ""
  let taken = 0
  let ended: Exit | undefined
  const wake = () => {
    for (const look of waiting) look()
  }
  child.stdin?.on("error", () => undefined)
  child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
    const parts = (rest + chunk).split("\n")
    rest = parts.pop() ?? ""
    lines.push(...parts)
    events.push(...parts.flatMap(parse))
    wake()
  })
  let stderrIsClosed = false
  child.stderr?.setEncoding("utf8").on("data", (chunk: string) => {
    stderr += chunk
  }).on("close", () => {
    stderrIsClosed = true
    wake()
  })
  // `exit`, and then what is still in the pipes: a daemon may hold them open for longer. It may be heard of before what
  // was said last: only once all pipes were looked at after it has everything been read.
  child.on("exit", (code, signal) => {
    setImmediate(() => {
      setImmediate(() => {
        ended = { code, signal }
        wake()
      })
    })
  })

  const when = <A>(look: () => Effect.Effect<A> | undefined): Effect.Effect<A> =>
    Effect.callback<A>((resume) => {
      const attempt = () => {
        const found = look()
        if (found === undefined) return
        waiting.delete(attempt)
        resume(found)
      }
      waiting.add(attempt)
      attempt()
      return Effect.sync(() => waiting.delete(attempt))
    })

  const exit = when(() => ended === undefined ? undefined : Effect.succeed(ended))

  const take: Simulated["take"] = (fits) =>
    when(() => {
      for (; taken < events.length; taken++) {
        const event = events[taken]
        if (event !== undefined && fits(event)) {
          taken++
          return Effect.succeed(event)
        }
      }
      return ended === undefined ? undefined : Effect.die(new Error(`ended first: ${JSON.stringify(ended)} ${stderr}`))
    })

  const send: Simulated["send"] = (...messages) =>
    Effect.sync(() => {
      child.stdin?.write(messages.map((one) => `${typeof one === "string" ? one : JSON.stringify(one)}\n`).join(""))
    })

  const closeStdin = Effect.sync(() => void child.stdin?.end())

  let requests = 0
  const simulated: Simulated = {
    pid: child.pid ?? 0,
    lines,
    events,
    stderr: when(() => stderrIsClosed ? Effect.succeed(stderr) : undefined),
    send,
    take,
    ask: (prompt, fields) => Effect.andThen(send(user(prompt, fields)), take(isResult)),
    control: (subtype, fields) =>
      Effect.suspend(() => {
        const request_id = `request-${requests++}`
        return Effect.andThen(
          send({ type: "control_request", request_id, request: { subtype, ...fields } }),
          take((event) => event["type"] === "control_response" && event["response"].request_id === request_id)
        )
      }).pipe(Effect.map((event) => event["response"] as Event)),
    kill: (signal) => Effect.sync(() => child.kill(signal)),
    exit,
    closeStdin,
    end: Effect.andThen(closeStdin, exit)
  }
  return { child, simulated, hasEnded: () => ended !== undefined }
}

/** Whether there is such a process, and it is no zombie that only waits to be collected. */
export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
