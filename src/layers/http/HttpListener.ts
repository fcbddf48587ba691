/**
 * A port of this machine's own address, on which requests are taken from this machine alone. Who sends slowly, or without
 * end, is cut off, and so is who does not read.
 */
import { Duration, Effect, Predicate, type Scope } from "effect"
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http"
import { fail, type Failure } from "../../domain/Failure.ts"
import { InvalidRequest } from "../../domain/RequestFailure.ts"

export const address = "127.0.0.1"

export interface Limits {
  /** For all of a request's headers, and for all of a request. */
  readonly headers: Duration.Duration
  readonly request: Duration.Duration
  /** For a part of an answer that the client does not read: whatever is open says something now and then. */
  readonly unread: Duration.Duration
  readonly connections: number
}

export const usualLimits: Limits = {
  headers: Duration.seconds(10),
  request: Duration.seconds(30),
  unread: Duration.minutes(1),
  connections: 256
}

const headerBytes = 16 * 1024

/** So long a connection may have nothing to do. */
const keepAlive = Duration.minutes(1)

/** So long are answers given that are almost there. */
const lastWords = "500 millis"

type Listener = (request: IncomingMessage, response: ServerResponse) => void

const make = (limits: Limits, listener: Listener): Server => {
  const server = createServer({
    maxHeaderSize: headerBytes,
    headersTimeout: Duration.toMillis(limits.headers),
    requestTimeout: Duration.toMillis(limits.request),
    keepAliveTimeout: Duration.toMillis(keepAlive),
    connectionsCheckingInterval: Duration.toMillis(limits.headers) / 5
  }, listener)
  server.setTimeout(Duration.toMillis(limits.unread))
  server.maxConnections = limits.connections
  return server
}

const refused = (port: number, error: Error): Failure => {
  const isTaken = Predicate.hasProperty(error, "code") && error.code === "EADDRINUSE"
  return fail(
    new InvalidRequest({
      issues: [isTaken ? `port ${port} of ${address} is in use` : `port ${port} of ${address}: ${error.message}`],
      hint:
        "end what listens there, which may be another claude-pool, or take another port with --port N (0: any that is free)"
    })
  )
}

const listen = (server: Server, port: number): Effect.Effect<number, Failure> =>
  Effect.callback((resume) => {
    server.once("error", (error) => resume(refused(port, error)))
    server.listen({ host: address, port, exclusive: true }, () => {
      const bound = server.address()
      resume(Effect.succeed(Predicate.hasProperty(bound, "port") ? Number(bound.port) : port))
    })
  })

const close = (server: Server): Effect.Effect<void> =>
  Effect.callback<void>((resume) => {
    server.close(() => resume(Effect.void))
    server.closeIdleConnections()
  }).pipe(
    Effect.timeoutOption(lastWords),
    Effect.andThen(Effect.sync(() => server.closeAllConnections()))
  )

/** Listens until the scope closes; 0 is any port that is free. Which one it is, is what comes back. */
export const listenOn = (
  port: number,
  listener: Listener,
  limits: Limits = usualLimits
): Effect.Effect<number, Failure, Scope.Scope> =>
  Effect.acquireRelease(Effect.sync(() => make(limits, listener)), close).pipe(
    Effect.flatMap((server) => listen(server, port))
  )
