/**
 * An OpenTelemetry collector on loopback: it keeps what arrives, and answers as it is told.
 */
import { Effect } from "effect"
import { createServer, type IncomingHttpHeaders } from "node:http"
import { onLoopback } from "./Loopback.ts"

export interface Arrived {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** A span as it is sent, by the pool or by the CLI. */
export interface SentSpan {
  readonly name: string
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
}

interface Sent {
  readonly resourceSpans?: ReadonlyArray<
    { readonly scopeSpans: ReadonlyArray<{ readonly spans: ReadonlyArray<SentSpan> }> }
  >
  readonly resourceMetrics?: ReadonlyArray<
    { readonly scopeMetrics: ReadonlyArray<{ readonly metrics: ReadonlyArray<{ readonly name: string }> }> }
  >
}

/** `hangs`: it takes everything in, and answers nothing. */
const make = Effect.fnUntraced(function*({ hangs = false }: { readonly hangs?: boolean } = {}) {
  const arrived: Array<Arrived> = []
  let connections = 0
  const server = createServer((request, response) => {
    const chunks: Array<Buffer> = []
    request.on("data", (chunk: Buffer) => chunks.push(chunk))
    request.on("end", () => {
      arrived.push({
        path: request.url ?? "",
        headers: request.headers,
        body: Buffer.concat(chunks).toString("utf8")
      })
      if (hangs) return
      response.writeHead(200, { "content-type": "application/json" })
      response.end("{}")
    })
  })
  server.on("connection", () => connections++)
  const url = yield* onLoopback(server)
  const sent = (path: string) => arrived.filter((one) => one.path === path).map(({ body }) => JSON.parse(body) as Sent)
  return {
    url,
    arrived,
    connections: () => connections,
    spans: () =>
      sent("/v1/traces").flatMap(({ resourceSpans = [] }) =>
        resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans))
      ),
    metrics: () =>
      sent("/v1/metrics").flatMap(({ resourceMetrics = [] }) =>
        resourceMetrics.flatMap(({ scopeMetrics }) => scopeMetrics.flatMap(({ metrics }) => metrics))
      )
  }
})

export const Collector = { make }
