/**
 * A server on stdio that is at work before its client starts it: what the client starts in its place only hands on, byte by
 * byte. Claude Code waits three seconds for the first answer of a server on stdio, and then speaks the older protocol: on a
 * busy machine a server may need longer than that to start.
 */
import { Effect, type Scope } from "effect"
import { spawn } from "node:child_process"
import { createServer } from "node:net"
import { join } from "node:path"

export interface ReadyServer {
  /** What the client is to start. */
  readonly type: "stdio"
  readonly command: string
  readonly args: ReadonlyArray<string>
}

export interface ReadyServerOptions {
  /** Where its socket lies. */
  readonly directory: string
  /** Of Node. */
  readonly args: ReadonlyArray<string>
  readonly env?: Readonly<Record<string, string>>
}

const handOn = "const s = require('net').connect(process.argv[1]); process.stdin.pipe(s); s.pipe(process.stdout)"

/** It ends when its client hangs up, or with the scope. `isReady`: waits until it has started. */
export const readyServer = (
  { args, directory, env = {} }: ReadyServerOptions,
  isReady: Effect.Effect<void>
): Effect.Effect<ReadyServer, never, Scope.Scope> =>
  Effect.gen(function*() {
    const child = yield* Effect.acquireRelease(
      Effect.sync(() => {
        const server = spawn(process.execPath, args, { cwd: directory, env, stdio: ["pipe", "pipe", "ignore"] })
        server.stdin.on("error", () => undefined)
        return server
      }),
      (server) =>
        Effect.callback<void>((resume) => {
          if (server.exitCode !== null || server.signalCode !== null) return resume(Effect.void)
          server.once("exit", () => resume(Effect.void))
          server.stdin.end()
        })
    )
    yield* isReady
    const path = join(directory, "server.sock")
    yield* Effect.acquireRelease(
      Effect.callback<ReturnType<typeof createServer>>((resume) => {
        const listener = createServer((client) => {
          client.on("error", () => undefined)
          client.pipe(child.stdin)
          child.stdout.pipe(client)
        })
        listener.listen(path, () => resume(Effect.succeed(listener)))
      }),
      (listener) => Effect.callback<void>((resume) => void listener.close(() => resume(Effect.void)))
    )
    return { type: "stdio", command: process.execPath, args: ["-e", handOn, path] }
  })
