/**
 * Telemetry over OTLP: traces and metrics as JSON, by HTTP, to a collector. Only the pool's own spans and numbers go out, not
 * those of the libraries that it is made of.
 */
import { Duration, Effect, Layer, Metric, Result } from "effect"
import { FetchHttpClient, Headers, HttpClient, HttpClientError, HttpClientRequest } from "effect/http"
import { OtlpExporter, OtlpMetrics, OtlpResource, OtlpSerialization } from "effect/observability"
import metadata from "../../package.json" with { type: "json" }
import { Failure } from "../domain/Failure.ts"
import { InvalidRequest } from "../domain/RequestFailure.ts"
import { Telemetry } from "../services/Telemetry.ts"
import { type Exporter, Unsent } from "../services/telemetry/Exporter.ts"
import { makeInstruments } from "./telemetry/Instruments.ts"
import { otlpSpan } from "./telemetry/OtlpSpan.ts"

export interface OtlpOptions {
  /** The collector's base: `http://127.0.0.1:4318`. */
  readonly url: string
  /** The user's environment: what a collector wants to know of its senders is said there, secrets above all. */
  readonly env: Readonly<Record<string, string | undefined>>
  readonly workersTrace: boolean
}

/** How long a collector may take to answer. */
const answerWithin = Duration.seconds(5)
const shutdownTimeout = Duration.seconds(1)
const exportInterval = Duration.seconds(15)

const scope = { name: metadata.name, version: metadata.version }
const resource = { serviceName: metadata.name, serviceVersion: metadata.version }

/** The spans are refused for what they are, and would be again. */
const forGood = new Set([400, 413, 415, 422])

const baseOf = (url: string): Effect.Effect<string, Failure> =>
  URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)
    ? Effect.succeed(url.replace(/\/+$/, ""))
    : new Failure({
      reason: new InvalidRequest({
        issues: [`otlp: ${JSON.stringify(url.slice(0, 200))} is not the address of a collector`],
        hint: "write it as http://127.0.0.1:4318: the collector's base for OTLP over HTTP"
      })
    })

/** What is no encoding, or one of no text, is taken as it is written. */
const decoded = (text: string): string =>
  Result.getOrElse(Result.try(() => decodeURIComponent(text.trim())), () => text.trim())

/** `name=value,name=value`, as OpenTelemetry writes them. */
const headersIn = (written: string): Headers.Headers =>
  Headers.fromInput(
    written.split(",").flatMap((pair) => {
      const at = pair.indexOf("=")
      const name = pair.slice(0, Math.max(0, at)).trim()
      return /^[\w-]+$/.test(name) ? [[name, decoded(pair.slice(at + 1))] as const] : []
    })
  )

const makeExporter = Effect.fnUntraced(function*({ env, url }: OtlpOptions) {
  const base = yield* baseOf(url)
  const headers = headersIn(env["OTEL_EXPORTER_OTLP_HEADERS"] ?? "")
  const serialization = yield* OtlpSerialization.OtlpSerialization
  const client = HttpClient.transform(
    yield* HttpClient.HttpClient,
    (answer, request) =>
      Effect.timeoutOrElse(answer, {
        duration: answerWithin,
        orElse: () => new HttpClientError.HttpClientError({ reason: new HttpClientError.TransportError({ request }) })
      })
  )
  const described = OtlpResource.make(resource)
  const instruments = makeInstruments()
  // The numbers of this pool alone, whatever else the process counts.
  const registry: Metric.MetricRegistry = new Map()
  const counting = Effect.provideService(Metric.MetricRegistry, registry)

  yield* OtlpMetrics.make({ url: `${base}/v1/metrics`, resource, headers, exportInterval, shutdownTimeout }).pipe(
    counting,
    Effect.provideService(HttpClient.HttpClient, client)
  )

  const spans: Exporter["spans"] = (ended) => {
    const body = serialization.traces({
      resourceSpans: [{ resource: described, scopeSpans: [{ scope, spans: ended.map(otlpSpan) }] }]
    })
    return client.execute(
      HttpClientRequest.post(`${base}/v1/traces`, { headers }).pipe(HttpClientRequest.setBody(body))
    ).pipe(
      Effect.tap((response) => Effect.ignore(response.arrayBuffer)),
      // Neither the address nor the headers are told: there may be secrets in them.
      Effect.mapError(() => new Unsent({ detail: "the collector cannot be reached", mayPass: true })),
      Effect.flatMap(({ status }) =>
        status >= 200 && status < 300
          ? Effect.void
          : new Unsent({ detail: `the collector answers with ${status}`, mayPass: !forGood.has(status) })
      ),
      Effect.scoped,
      Effect.provideService(HttpClient.TracerPropagationEnabled, false),
      Effect.withTracerEnabled(false)
    )
  }

  return {
    spans,
    count: (ended) => counting(instruments.count(ended)),
    measure: (counts) => counting(instruments.measure(counts))
  } satisfies Exporter as Exporter
})

export const layer = (options: OtlpOptions) =>
  Layer.unwrap(
    Effect.map(makeExporter(options), (exporter) => Telemetry.layer({ exporter, workersTrace: options.workersTrace }))
  ).pipe(
    Layer.provide([OtlpSerialization.layerJson, OtlpExporter.layerFlusher, FetchHttpClient.layer]),
    // A header with a secret goes to the address that it was said for, and to no other.
    Layer.provide(Layer.succeed(FetchHttpClient.RequestInit, { redirect: "error" }))
  )
