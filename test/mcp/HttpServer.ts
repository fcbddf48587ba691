/**
 * An HTTP server over a scripted pool, in this process, and how tests speak with it.
 */
import { Effect, Redacted, type Scope } from "effect"
import { listen, type ListenOptions } from "../../src/layers/McpHttp.ts"
import { poolOffer } from "../../src/mcp/PoolOffer.ts"
import { ask, type RawRequest } from "./RawHttp.ts"
import { knownRandom, scriptedPool } from "./ScriptedPool.ts"
import { initialize, type Message } from "./StdioDriver.ts"

export const token = "a-token-that-only-this-test-knows"

export const [hello, ready] = initialize.map((message) => JSON.stringify(message)) as [string, string]

export const serverWith = Effect.fnUntraced(function*(options: Partial<ListenOptions> = {}) {
  const { port, sessions } = yield* listen({
    offer: poolOffer({ toolsets: ["default"], readOnly: false, reviewBy: "coordinator" }),
    version: "0.0.0-test",
    port: 0,
    token: Redacted.make(token),
    ...options
  })
  const asked = (request: RawRequest, enough?: (body: string) => boolean) => ask(port, token, request, enough)
  const begun = Effect.map(asked({ body: hello }), ({ headers }) => headers["mcp-session-id"] ?? "")
  return { port, sessions, asked, begun }
})

export const server = serverWith()

type Server = Effect.Success<typeof server>

export const withPool = Effect.provide([
  scriptedPool({ list: () => Effect.succeed({ tasks: [], total: 0 }) }),
  knownRandom
])

/** A test of a server that nobody has spoken to yet. */
export const tested = (test: (server: Server) => Effect.Effect<unknown, unknown, Scope.Scope>) =>
  Effect.flatMap(server, test).pipe(Effect.scoped, withPool)

/** The message in a stream of events. */
export const messageIn = (body: string): Message => JSON.parse(/^data: (.+)$/m.exec(body)?.[1] ?? "{}") as Message

export const session = (id: string) => ({ "mcp-session-id": id, "mcp-protocol-version": "2025-11-25" })
