/**
 * A raw client of an MCP server in a process of its own: it writes lines and keeps whatever comes back.
 */
import { Effect, type Scope } from "effect"
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process"
import { createInterface } from "node:readline"

export interface Message {
  readonly jsonrpc?: string
  readonly id?: number
  readonly method?: string
  readonly params?: Readonly<Record<string, unknown>>
  readonly result?: Readonly<Record<string, unknown>>
  readonly error?: { readonly code: number; readonly message: string }
}

export interface StdioDriver {
  readonly pid: number
  readonly send: (...messages: ReadonlyArray<Message>) => Effect.Effect<void>
  /** Closes the server's stdin, as a client that goes away does. */
  readonly hangUp: Effect.Effect<void>
  readonly closeStdout: Effect.Effect<void>
  readonly signal: (signal: NodeJS.Signals) => Effect.Effect<void>
  /** The first message that fits, one that has come already included. */
  readonly next: (fits: (message: Message) => boolean) => Effect.Effect<Message>
  readonly reply: (id: number) => Effect.Effect<Message>
  /** How the process ended: its exit code, or the signal. */
  readonly ended: Effect.Effect<number | string>
  /** Every line of stdout so far. */
  readonly lines: ReadonlyArray<string>
  readonly stderr: Effect.Effect<string>
  /** Waits until stderr has something that fits. */
  readonly said: (pattern: RegExp) => Effect.Effect<RegExpExecArray>
}

export interface DriverOptions {
  /** In the place of Node, of which the arguments then are no longer. */
  readonly program?: string
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
}

const makeDriver = (child: ChildProcessWithoutNullStreams): StdioDriver => {
  const lines: Array<string> = []
  const messages: Array<Message> = []
  const errors: Array<string> = []
  const watchers = new Set<() => void>()
  createInterface({ input: child.stdout }).on("line", (line) => {
    lines.push(line)
    // What is no message at all is for the test to see, in `lines`: so is half a one, with which a killed server may end.
    if (line.startsWith("{") && !child.stdout.readableEnded) messages.push(JSON.parse(line) as Message)
    for (const look of watchers) look()
  })
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors.push(text)
    for (const look of watchers) look()
  })
  // A server that has ended does not read any more: what is written to it then is lost, and that is no failure.
  child.stdin.on("error", () => undefined)

  const ended = new Promise<number | string>((resolve) =>
    child.on("close", (code, signal) => resolve(code ?? signal ?? "unknown"))
  )

  const when = <A>(find: () => A | null | undefined) =>
    Effect.callback<A>((resume) => {
      const look = () => {
        const found = find()
        if (found !== undefined && found !== null) resume(Effect.succeed(found))
      }
      watchers.add(look)
      look()
      return Effect.sync(() => watchers.delete(look))
    })

  const next = (fits: (message: Message) => boolean) => when(() => messages.find(fits))

  return {
    pid: child.pid ?? 0,
    send: (...sent) => Effect.sync(() => child.stdin.write(sent.map((one) => `${JSON.stringify(one)}\n`).join(""))),
    hangUp: Effect.sync(() => child.stdin.end()),
    closeStdout: Effect.sync(() => child.stdout.destroy()),
    signal: (signal) => Effect.sync(() => child.kill(signal)),
    next,
    reply: (id) => next((message) => message.id === id && message.method === undefined),
    ended: Effect.promise(() => ended),
    lines,
    stderr: Effect.sync(() => errors.join("")),
    said: (pattern) => when(() => pattern.exec(errors.join("")))
  }
}

/** Runs `node` with these arguments. The process is gone when the scope closes. */
export const driveServer = (
  args: ReadonlyArray<string>,
  { program = process.execPath, ...options }: DriverOptions = {}
): Effect.Effect<StdioDriver, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => spawn(program, args, { stdio: "pipe", ...options })),
    (child) => Effect.sync(() => child.exitCode === null && child.signalCode === null && child.kill("SIGKILL"))
  ).pipe(Effect.map(makeDriver))

export const initialize: ReadonlyArray<Message> = [
  {
    jsonrpc: "2.0",
    id: 0,
    method: "initialize",
    params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "driver", version: "1" } }
  },
  { jsonrpc: "2.0", method: "notifications/initialized" }
]

export const call = (id: number, name: string, args: Record<string, unknown> = {}): Message => ({
  jsonrpc: "2.0",
  id,
  method: "tools/call",
  params: { name, arguments: args, _meta: { progressToken: id } }
})
