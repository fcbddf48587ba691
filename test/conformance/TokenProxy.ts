/**
 * A way to a server for clients that cannot send a token: it adds the token, and passes on everything else as it came.
 */
import { Effect, Predicate, type Scope } from "effect"
import { createServer, request, type Server } from "node:http"

/** The server's names for itself, in the place of the proxy's; another host stays what it is. */
const renamed = (value: string | undefined, from: number, to: number): string | undefined =>
  value?.replace(new RegExp(`(127\\.0\\.0\\.1|localhost):${from}$`), `$1:${to}`)

const portOf = (server: Server): number => {
  const address = server.address()
  return Predicate.hasProperty(address, "port") ? Number(address.port) : 0
}

/** The address of the proxy before the server at `port`, until the scope closes. */
export const tokenProxy = (port: number, token: string): Effect.Effect<string, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.callback<Server>((resume) => {
      const server = createServer((incoming, outgoing) => {
        const { host, origin, ...headers } = incoming.headers
        const own = portOf(server)
        const passed = request({
          host: "127.0.0.1",
          port,
          method: incoming.method,
          path: incoming.url,
          agent: false,
          headers: {
            ...headers,
            host: renamed(host, own, port),
            ...(origin === undefined ? {} : { origin: renamed(origin, own, port) }),
            authorization: `Bearer ${token}`
          }
        }, (answer) => {
          outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
          answer.pipe(outgoing)
        })
        passed.on("error", () => outgoing.destroy())
        outgoing.on("close", () => passed.destroy())
        incoming.pipe(passed)
      })
      server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
    }),
    (server) =>
      Effect.callback<void>((resume) => {
        server.close(() => resume(Effect.void))
        server.closeAllConnections()
      })
  ).pipe(Effect.map((server) => `http://127.0.0.1:${portOf(server)}/mcp`))
