/**
 * A server of a test on loopback, at a port of its own, for as long as its scope.
 */
import { Effect, Predicate, type Scope } from "effect"
import type { Server } from "node:http"

/** Its address, such as `http://127.0.0.1:40123`; in the end every connection is closed. */
export const onLoopback = (server: Server): Effect.Effect<string, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.callback<string>((resume) => {
      server.listen(0, "127.0.0.1", () => {
        const address = server.address()
        resume(
          Predicate.hasProperty(address, "port")
            ? Effect.succeed(`http://127.0.0.1:${String(address.port)}`)
            : Effect.die("the server has no port")
        )
      })
    }),
    () =>
      Effect.callback<void>((resume) => {
        server.close(() => resume(Effect.void))
        server.closeAllConnections()
      })
  )
