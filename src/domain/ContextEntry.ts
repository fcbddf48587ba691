/**
 * Context: what workers are told beside their prompts, as keys with values, for the whole pool or for a part of its work.
 */
import { Schema } from "effect"
import { WorkId } from "./WorkId.ts"

/** The name of a value of the shared context. */
export const ContextKey = Schema.String.check(
  Schema.isPattern(/^[A-Za-z][\w.-]{0,63}$/, {
    expected: "a key of at most 64 letters, digits, dots, dashes and underscores that begins with a letter"
  })
)

/** At most 8,000 characters: what is longer belongs in a file, and its path here. */
export const ContextValue = Schema.NonEmptyString.check(Schema.isMaxLength(8000))

/** Who is told: every worker of the pool, or those of one task, group or chain. */
export const ContextScope = Schema.Union([Schema.Literal("pool"), WorkId])
export type ContextScope = typeof ContextScope.Type

export const ContextEntry = Schema.Struct({
  scope: ContextScope,
  key: ContextKey,
  value: ContextValue,
  setAt: Schema.DateTimeUtcFromMillis
})
export type ContextEntry = typeof ContextEntry.Type
