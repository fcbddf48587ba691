/**
 * A long text on a command line: one page of it, or all from a place on.
 */
import { Effect, Option } from "effect"
import { type Command, Flag } from "effect/cli"
import type { OutputOptions } from "../domain/CallOptions.ts"
import { fail, type Failure } from "../domain/Failure.ts"
import type { OutputReply } from "../domain/PoolView.ts"
import { InvalidRequest } from "../domain/RequestFailure.ts"
import type { WorkId } from "../domain/WorkId.ts"
import { Pool } from "../services/Pool.ts"
import { readAnswer } from "./Answer.ts"
import { note } from "./Format.ts"

const pageLength = 10_000

export const pageFlags = {
  offset: Flag.Int("offset").pipe(
    Flag.withDescription("Where to begin, in characters (default: 0)"),
    Flag.withDefault(0)
  ),
  limit: Flag.Int("limit").pipe(
    Flag.withDescription(`How many characters to print (default: ${pageLength})`),
    Flag.optional
  ),
  all: Flag.Boolean("all").pipe(
    Flag.withDescription("Print everything from the offset on (default: one page)"),
    Flag.withDefault(false)
  )
}

const refuse = (issue: string, hint: string) => fail(new InvalidRequest({ issues: [issue], hint }))

export const readPage = (
  id: WorkId,
  { all, limit: said, offset }: Command.Command.Config.Infer<typeof pageFlags>,
  part: Pick<OutputOptions, "part"> = {}
): Effect.Effect<OutputReply, Failure, Pool> =>
  Effect.gen(function*() {
    const pool = yield* Pool
    const limit = Option.getOrElse(said, () => pageLength)
    if (all && Option.isSome(said)) {
      return yield* refuse("--all and --limit contradict each other", "leave one of the two out")
    }
    if (offset < 0) return yield* refuse(`--offset: ${offset} is below zero`, "the first character is at 0")
    if (limit < 1) return yield* refuse(`--limit: ${limit} is not above zero`, `leave it out for ${pageLength}`)
    if (!all) return yield* pool.output(id, { offset, limit, ...part })
    const text = yield* readAnswer(id, offset, part)
    return { id, offset, total: offset + text.length, text }
  })

/** How to go on, where there is more. */
export const notePage = ({ next_offset, total }: OutputReply): Effect.Effect<void> =>
  next_offset === undefined
    ? Effect.void
    : note(`${next_offset} of ${total} characters; --offset ${next_offset} goes on, --all prints the rest`)
