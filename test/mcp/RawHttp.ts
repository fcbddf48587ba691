/**
 * A client of an HTTP server on this machine that is nothing but a socket: what it sends is what stands in the test.
 */
import { Effect, type Scope } from "effect"
import { connect, type Socket } from "node:net"

export interface RawAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** With the chunks of its encoding put together. */
  readonly body: string
}

const separator = "\r\n\r\n"

/** The parts of a chunked body, and whether the last one is among them. */
const unchunk = (text: string): { readonly body: string; readonly isWhole: boolean } => {
  let body = ""
  let rest = text
  while (true) {
    const line = /^([0-9a-f]+)\r\n/i.exec(rest)
    if (line === null) return { body, isWhole: false }
    const size = Number.parseInt(line[1]!, 16)
    if (size === 0) return { body, isWhole: true }
    const from = line[0].length
    if (rest.length < from + size + 2) return { body, isWhole: false }
    body += rest.slice(from, from + size)
    rest = rest.slice(from + size + 2)
  }
}

/** Undefined while there is more to come. `enough` is for a body that has no end of its own. */
const parse = (text: string, hasEnded: boolean, enough: (body: string) => boolean): RawAnswer | undefined => {
  const at = text.indexOf(separator)
  if (at < 0) return undefined
  const [first = "", ...lines] = text.slice(0, at).split("\r\n")
  const headers = Object.fromEntries(lines.map((line) => {
    const colon = line.indexOf(":")
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
  }))
  const rest = text.slice(at + separator.length)
  const { body, isWhole } = headers["transfer-encoding"] === "chunked"
    ? unchunk(rest)
    : { body: rest, isWhole: rest.length >= Number(headers["content-length"] ?? 0) }
  const status = Number(first.split(" ")[1])
  return isWhole || hasEnded || enough(body) ? { status, headers, body } : undefined
}

export interface RawConnection {
  readonly send: (text: string | Uint8Array) => Effect.Effect<void>
  /** The answer to what was sent, or as much of it as is enough. */
  readonly answer: (enough?: (body: string) => boolean) => Effect.Effect<RawAnswer>
  /** Waits until the other side has closed the connection; whatever it has said is what comes back. */
  readonly closed: Effect.Effect<string>
}

/** Closed with the scope. */
export const rawConnection = (port: number): Effect.Effect<RawConnection, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.sync(() => connect({ host: "127.0.0.1", port })),
    (socket) =>
      Effect.callback<void>((resume) => {
        if (socket.closed) return resume(Effect.void)
        socket.once("close", () => resume(Effect.void))
        socket.destroy()
      })
  ).pipe(Effect.map((socket) => conversation(socket)))

const conversation = (socket: Socket): RawConnection => {
  let text = ""
  let hasEnded = false
  const watchers = new Set<() => void>()
  const wake = () => {
    for (const look of watchers) look()
  }
  socket.setEncoding("latin1").on("data", (chunk: string) => {
    text += chunk
    wake()
  })
  for (const event of ["end", "close", "error"]) {
    socket.on(event, () => {
      hasEnded = true
      wake()
    })
  }
  const when = <A>(look: () => A | undefined) =>
    Effect.callback<A>((resume) => {
      const attempt = () => {
        const found = look()
        if (found !== undefined) resume(Effect.succeed(found))
      }
      watchers.add(attempt)
      attempt()
      return Effect.sync(() => watchers.delete(attempt))
    })
  return {
    send: (sent) => Effect.sync(() => socket.writable && socket.write(sent)),
    answer: (enough = () => false) =>
      when(() => parse(text, hasEnded, enough) ?? (hasEnded ? { status: 0, headers: {}, body: text } : undefined)),
    closed: when(() => hasEnded ? text : undefined)
  }
}

export interface RawRequest {
  readonly method?: string
  readonly path?: string
  /** An undefined one is left out, and one of several values is sent so often. */
  readonly headers?: Readonly<Record<string, string | ReadonlyArray<string> | undefined>>
  readonly body?: string | Uint8Array
}

/** With what a client of the protocol sends, where the request does not say otherwise. */
export const rawRequest = (
  port: number,
  token: string,
  { body = "", headers = {}, method = "POST", path = "/mcp" }: RawRequest
): Uint8Array => {
  const bytes = Buffer.from(body)
  const all = {
    host: `127.0.0.1:${port}`,
    authorization: `Bearer ${token}`,
    accept: "application/json, text/event-stream",
    ...(method === "POST" ? { "content-type": "application/json", "content-length": String(bytes.length) } : {}),
    ...headers
  }
  const lines = Object.entries(all).flatMap(([name, value]) =>
    (value === undefined ? [] : [value].flat()).map((one) => `${name}: ${one}`)
  )
  return Buffer.concat([Buffer.from(`${[`${method} ${path} HTTP/1.1`, ...lines].join("\r\n")}${separator}`), bytes])
}

/** One request on a connection of its own. */
export const ask = (port: number, token: string, request: RawRequest, enough?: (body: string) => boolean) =>
  Effect.gen(function*() {
    const connection = yield* rawConnection(port)
    yield* connection.send(rawRequest(port, token, request))
    return yield* connection.answer(enough)
  }).pipe(Effect.scoped)
