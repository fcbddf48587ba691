/**
 * How many of something to print: `--limit`.
 */
import { Effect } from "effect"
import { Flag } from "effect/cli"
import { fail, type Failure } from "../domain/Failure.ts"
import { InvalidRequest } from "../domain/RequestFailure.ts"

const pageLength = 50

export const limitFlag = Flag.Int("limit").pipe(
  Flag.withDescription(`How many to print (default: ${pageLength})`),
  Flag.withDefault(pageLength)
)

export const readLimit = (limit: number): Effect.Effect<number, Failure> =>
  limit < 1
    ? fail(
      new InvalidRequest({ issues: [`--limit: ${limit} is not above zero`], hint: `leave it out for ${pageLength}` })
    )
    : Effect.succeed(limit)
