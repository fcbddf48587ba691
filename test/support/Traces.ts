/**
 * What a pool has traced: an exporter that keeps it, and what has to hold of it.
 */
import { assert } from "@effect/vitest"
import { Effect, Layer } from "effect"
import type { ChainId } from "../../src/domain/ChainId.ts"
import type { GroupId } from "../../src/domain/GroupId.ts"
import type { TraceSpan } from "../../src/domain/TraceSpan.ts"
import { Store } from "../../src/services/Store.ts"
import { Telemetry } from "../../src/services/Telemetry.ts"
import { type Exporter, Unsent } from "../../src/services/telemetry/Exporter.ts"

export const keptTraces = () => {
  const spans: Array<TraceSpan> = []
  const counted: Array<TraceSpan> = []
  let refusals: Array<Unsent> = []
  let tries = 0
  const exporter: Exporter = {
    spans: (ended) =>
      Effect.suspend(() => {
        tries++
        const refusal = refusals.shift()
        if (refusal !== undefined) return refusal
        spans.push(...ended)
        return Effect.void
      }),
    count: (ended) => Effect.sync(() => counted.push(...ended)),
    measure: () => Effect.void
  }
  return {
    spans,
    counted,
    tries: () => tries,
    /** The next batches do not arrive. */
    refuse: (...mayPass: ReadonlyArray<boolean>) => {
      refusals = mayPass.map((one) => new Unsent({ detail: "nobody is there", mayPass: one }))
    },
    layer: Layer.fresh(Telemetry.layer({ exporter, workersTrace: true }))
  }
}

const nameOf = ({ attributes, name }: TraceSpan): string => {
  const of = (key: string) => String(attributes[`claude_pool.${key}`])
  switch (name) {
    case "invoke_agent claude":
      return `${of("task.id")}/${of("attempt.number")}`
    case "task":
      return of("task.id")
    case "group":
      return of("group.id")
    case "chain":
      return of("chain.id")
    default:
      return `${of("chain.id")} ${of("step")}`
  }
}

/** Each is there once, and its parent is there, in the same trace. */
export const assertJoined = (spans: ReadonlyArray<TraceSpan>) => {
  const byId = new Map(spans.map((span) => [span.spanId, span]))
  assert.strictEqual(byId.size, spans.length)
  for (const span of spans) {
    if (span.parentId === null) continue
    assert.strictEqual(byId.get(span.parentId)?.traceId, span.traceId, `the parent of ${nameOf(span)}`)
  }
  return { nameOf, parentOf: (span: TraceSpan) => span.parentId === null ? null : nameOf(byId.get(span.parentId)!) }
}

/** Every task, attempt, step, group and chain of the store has one span. */
export const assertTraced = Effect.fnUntraced(function*(
  spans: ReadonlyArray<TraceSpan>,
  wholes: { readonly chains?: ReadonlyArray<ChainId>; readonly groups?: ReadonlyArray<GroupId> } = {}
) {
  const store = yield* Store
  const { tasks } = yield* store.list({ limit: 1000 })
  const attempts = (yield* Effect.forEach(tasks, ({ id }) => store.attempts(id))).flat()
  const { chains = [], groups = [] } = wholes
  const steps = yield* Effect.forEach(
    chains,
    (id) => Effect.map(store.chains.journal(id), (journal) => journal.map(({ key }) => `${id} ${key}`))
  )
  const expected = [
    ...tasks.filter(({ isFinished }) => isFinished).map(({ id }) => id),
    ...attempts.filter(({ outcome }) => outcome._tag !== "Running").map(({ number, task }) => `${task}/${number}`),
    ...steps.flat().filter((name) => !name.endsWith("/group")),
    ...chains,
    ...groups
  ]
  assert.deepStrictEqual(spans.map(nameOf).toSorted(), expected.toSorted())
  return assertJoined(spans)
})
