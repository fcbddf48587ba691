/**
 * A TCP port of this machine on which nobody listens.
 */
import { Effect } from "effect"
import { createServer } from "node:net"

/** As the kernel picks it; null: there is none. */
export const freePort: Effect.Effect<number | null> = Effect.callback<number | null>((resume) => {
  const server = createServer()
  server.once("error", () => resume(Effect.succeed(null)))
  server.listen({ host: "127.0.0.1", port: 0, exclusive: true }, () => {
    const address = server.address()
    const port = address !== null && typeof address === "object" ? address.port : null
    server.close(() => resume(Effect.succeed(port)))
  })
  return Effect.sync(() => server.close())
})
