/**
 * `pool_context`: what workers are told beside their prompts.
 */
import { Effect, Schema } from "effect"
import { ContextKey, ContextScope, ContextValue } from "../../domain/ContextEntry.ts"
import { fail, type Failure } from "../../domain/Failure.ts"
import { InvalidRequest } from "../../domain/RequestFailure.ts"
import { Pool } from "../../services/Pool.ts"
import { capTokens, fitting } from "../Tokens.ts"
import { replyOf, structuredTool } from "../Tool.ts"

/** In tokens, of a list; a value is one call away. */
const room = 8000
const valueSize = 100

const Entry = Schema.Struct({ key: Schema.String, value: Schema.String })

const needs = (field: string, op: string): Failure =>
  fail(new InvalidRequest({ issues: [`${field} is missing for op ${op}`], hint: `give ${field}` }))

export const PoolContext = structuredTool({
  name: "pool_context",
  title: "Shared context of the workers",
  description:
    "Use to tell all workers facts that their prompts need not repeat: keys with short values, for the pool or for one " +
    "task, group or chain (scope). They see what is set before they start.",
  hints: { readOnly: false, destructive: true, idempotent: true, openWorld: false },
  input: Schema.Struct({
    op: Schema.Literals(["get", "set", "delete", "list"]),
    key: Schema.optionalKey(Schema.String.pipe(Schema.decodeTo(ContextKey))),
    value: Schema.optionalKey(Schema.String.pipe(Schema.decodeTo(ContextValue))),
    scope: Schema.optionalKey(
      Schema.String.annotate({ description: "pool (default) or an id" }).pipe(Schema.decodeTo(ContextScope))
    )
  }),
  output: replyOf({
    entries: Schema.optionalKey(Schema.Array(Entry)).annotate({ description: "In a list, how each value begins" }),
    more: Schema.optionalKey(Schema.Int.annotate({ description: "How many more there are" })),
    deleted: Schema.optionalKey(Schema.Boolean)
  }),
  handler: Effect.fnUntraced(function*({ key, op, scope = "pool", value }) {
    const pool = yield* Pool
    if (op === "list") {
      const entries = yield* pool.listContext(scope)
      const shown = fitting(entries.map(({ key, value }) => ({ key, value: capTokens(value, valueSize) })), room)
      return { entries: shown, ...(shown.length < entries.length ? { more: entries.length - shown.length } : {}) }
    }
    if (key === undefined) return yield* needs("key", op)
    if (op === "delete") return { deleted: yield* pool.deleteContext(scope, key) }
    if (op === "get") {
      const entry = yield* pool.getContext(scope, key)
      return { entries: entry === null ? [] : [{ key: entry.key, value: entry.value }] }
    }
    if (value === undefined) return yield* needs("value", op)
    yield* pool.setContext(scope, key, value)
    return { entries: [{ key, value }] }
  })
})
