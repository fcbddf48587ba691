/**
 * Who is told a value of the shared context: `--scope`.
 */
import { Effect, Schema } from "effect"
import { Argument, Flag } from "effect/cli"
import { ContextKey, ContextScope } from "../domain/ContextEntry.ts"
import { fail, type Failure } from "../domain/Failure.ts"
import { InvalidRequest } from "../domain/RequestFailure.ts"

export const scopeFlag = Flag.String("scope").pipe(
  Flag.withMetavar("pool|id"),
  Flag.withDescription("Who is told: all workers, or those of one task, group or chain (default: pool)"),
  Flag.withDefault("pool")
)

export const keyArgument = Argument.String("key").pipe(
  Argument.withDescription("Name of the value: letters, digits, dots, dashes and underscores")
)

const refuse = (issue: string, hint: string): Failure => fail(new InvalidRequest({ issues: [issue], hint }))

export const readScope = (said: string): Effect.Effect<ContextScope, Failure> =>
  Schema.is(ContextScope)(said)
    ? Effect.succeed(said)
    : refuse(`--scope: ${JSON.stringify(said)} is neither pool nor an id`, "an id looks like t_0123456789abcdef")

export const readKey = (said: string): Effect.Effect<string, Failure> =>
  Schema.is(ContextKey)(said)
    ? Effect.succeed(said)
    : refuse(
      `${JSON.stringify(said)} is not a key`,
      "a key has at most 64 letters, digits, dots, dashes and underscores, and begins with a letter"
    )
