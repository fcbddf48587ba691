/**
 * A span as OTLP has it.
 */
import { OtlpResource, type OtlpTracer } from "effect/observability"
import type { TraceSpan } from "../../domain/TraceSpan.ts"

type OtlpSpan = OtlpTracer.TraceData["resourceSpans"][number]["scopeSpans"][number]["spans"][number]

const kinds = { internal: 1, client: 3 }
const codes = { ok: 1, error: 2 } as const

const nanos = (millis: number): string => `${millis}000000`

export const otlpSpan = (span: TraceSpan): OtlpSpan => {
  const attributes = span.error === null ? span.attributes : { ...span.attributes, "error.type": span.error }
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    parentSpanId: span.parentId ?? undefined,
    name: span.name,
    kind: span.isCall ? kinds.client : kinds.internal,
    startTimeUnixNano: nanos(span.startedAt),
    endTimeUnixNano: nanos(Math.max(span.startedAt, span.endedAt)),
    attributes: OtlpResource.entriesToAttributes(Object.entries(attributes)),
    droppedAttributesCount: 0,
    events: [],
    droppedEventsCount: 0,
    status: span.error === null ? { code: codes.ok } : { code: codes.error, message: span.error },
    links: [],
    droppedLinksCount: 0
  }
}
