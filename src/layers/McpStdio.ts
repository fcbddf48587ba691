/**
 * The MCP server on this process's own stdin and stdout. It serves one client and ends with it.
 */
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js"
import { Effect, Fiber, Logger } from "effect"
import process from "node:process"
import type { Readable, Writable } from "node:stream"
import { connectBoth } from "../mcp/Era.ts"
import type { Offer } from "../mcp/Offer.ts"
import type { ServerOptions } from "../mcp/SdkServer.ts"

export interface StdioOptions extends ServerOptions {
  readonly offer: Offer
  readonly stdin?: Readable
  readonly stdout?: Writable
}

/** `line`: the client has written one that is longer than the SDK's transport holds, 10 MiB. */
type End = "line" | "stdin" | "stdout" | NodeJS.Signals

const signals: ReadonlyArray<NodeJS.Signals> = ["SIGINT", "SIGTERM", "SIGHUP"]

/** How long a client that has closed its side may still be given the answers that are almost there. */
const lastWords = "500 millis"

/** The first sign that nobody is there any more. The SDK's transport waits for none of them. */
const awaitEnd = (stdin: Readable, stdout: Writable): Effect.Effect<End> =>
  Effect.callback((resume) => {
    const because = (end: End) => () => resume(Effect.succeed(end))
    const onStdin = because("stdin")
    const onSignal = (signal: NodeJS.Signals) => resume(Effect.succeed(signal))
    for (const event of ["end", "close", "error"]) stdin.once(event, onStdin)
    for (const signal of signals) process.on(signal, onSignal)
    // Stays to the end of the process: a broken pipe without a listener would throw.
    stdout.on("error", because("stdout"))
    return Effect.sync(() => {
      for (const event of ["end", "close", "error"]) stdin.off(event, onStdin)
      for (const signal of signals) process.off(signal, onSignal)
    })
  })

/** Serves until the client has gone or a signal comes. What the pool still does then is the pool's to end. */
export const serve = Effect.fn("McpStdio.serve")(
  function*(options: StdioOptions) {
    const { stdin = process.stdin, stdout = process.stdout, offer, ...server } = options
    const ended = yield* Effect.forkScoped(awaitEnd(stdin, stdout), { startImmediately: true })
    const connection = yield* connectBoth(offer, new StdioServerTransport(stdin, stdout), server)

    const end = yield* Effect.raceFirst(Fiber.join(ended), Effect.as(connection.closed, "line" as const))
    yield* end === "line"
      ? Effect.logWarning(
        "the client is let go: it wrote a line that is too long, send what is long in parts or as files"
      )
      : Effect.logDebug("the client has gone", end)
    if (end === "stdin") {
      // The answer of a call that has ended is written a turn of the event loop later.
      yield* connection.idle.pipe(Effect.andThen(Effect.sleep(0)), Effect.timeoutOption(lastWords))
    }
  },
  Effect.scoped,
  // Stdout belongs to the protocol.
  Effect.provideService(Logger.LogToStderr, true)
)
