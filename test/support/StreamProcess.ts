/**
 * A process that speaks stream-json, whichever it is: the real CLI or the simulator, started in a scope and spoken to
 * line by line.
 */
import { Effect, Predicate, type Scope } from "effect"
import { type ChildProcess, spawn } from "node:child_process"

export type RawEvent = Readonly<Record<string, unknown>>

export interface StreamProcess {
  /** Every event so far. */
  readonly events: ReadonlyArray<RawEvent>
  /** Writes lines; what is no string becomes JSON. */
  readonly send: (...lines: ReadonlyArray<unknown>) => Effect.Effect<void>
  /** The first event that fits, one that has come already included. Dies if the process ends without one. */
  readonly event: (fits: (event: RawEvent) => boolean) => Effect.Effect<RawEvent>
  /** Sends a control request and waits for its answer. */
  readonly control: (subtype: string, fields?: object) => Effect.Effect<RawEvent>
  readonly signal: (signal: NodeJS.Signals) => Effect.Effect<void>
  readonly hangUp: Effect.Effect<void>
  /** Its exit code, or the signal that ended it. */
  readonly ended: Effect.Effect<number | string>
}

export interface StreamProcessOptions {
  readonly command: readonly [string, ...ReadonlyArray<string>]
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
}

export const user = (content: unknown, fields: object = {}) => ({
  type: "user",
  message: { role: "user", content },
  parent_tool_use_id: null,
  client_composed: true,
  ...fields
})

export const isResult = (event: RawEvent): boolean => event["type"] === "result"
export const isInit = (event: RawEvent): boolean => event["subtype"] === "init"

const listen = (child: ChildProcess) => {
  const events: Array<RawEvent> = []
  const waiting = new Set<() => void>()
  const state = { rest: "", stderr: "", ended: undefined as number | string | undefined }
  const wake = () => {
    for (const look of waiting) look()
  }
  child.stdin?.on("error", () => undefined)
  child.stderr?.setEncoding("utf8").on("data", (chunk: string) => {
    state.stderr += chunk
  })
  child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
    const lines = (state.rest + chunk).split("\n")
    state.rest = lines.pop() ?? ""
    events.push(...lines.filter((line) => line !== "").map((line) => JSON.parse(line) as RawEvent))
    wake()
  })
  child.on("close", (code, signal) => {
    state.ended = code ?? signal ?? "unknown"
    wake()
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
  return { events, state, when }
}

const isAnswerTo = (id: string) => (event: RawEvent): boolean =>
  event["type"] === "control_response" && Predicate.hasProperty(event["response"], "request_id") &&
  event["response"].request_id === id

const make = (options: StreamProcessOptions): Effect.Effect<StreamProcess, never, Scope.Scope> =>
  Effect.gen(function*() {
    const [program, ...words] = options.command
    const child = yield* Effect.acquireRelease(
      Effect.sync(() => spawn(program, words, { cwd: options.cwd, env: options.env, stdio: "pipe" })),
      (started) =>
        Effect.sync(() => started.exitCode === null && started.signalCode === null && started.kill("SIGKILL"))
    )
    const { events, state, when } = listen(child)

    const send: StreamProcess["send"] = (...lines) =>
      Effect.sync(() => {
        child.stdin.write(lines.map((line) => `${typeof line === "string" ? line : JSON.stringify(line)}\n`).join(""))
      })
    const event: StreamProcess["event"] = (fits) =>
      when(() => {
        const found = events.find(fits)
        if (found !== undefined) return Effect.succeed(found)
        return state.ended === undefined
          ? undefined
          : Effect.die(new Error(`ended first: ${state.ended} ${state.stderr}`))
      })
    let requests = 0
    return {
      events,
      send,
      event,
      control: (subtype, fields) =>
        Effect.suspend(() => {
          const request_id = `request-${requests++}`
          const request = { type: "control_request", request_id, request: { subtype, ...fields } }
          return Effect.andThen(send(request), event(isAnswerTo(request_id)))
        }),
      signal: (signal) => Effect.sync(() => child.kill(signal)),
      hangUp: Effect.sync(() => child.stdin.end()),
      ended: when(() => state.ended === undefined ? undefined : Effect.succeed(state.ended))
    }
  })

export const StreamProcess = { make }
