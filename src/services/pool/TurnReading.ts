/**
 * What the workers of a task said and did, by pages.
 */
import { Effect, Option } from "effect"
import { Failure } from "../../domain/Failure.ts"
import { NotFound } from "../../domain/RequestFailure.ts"
import type { TaskId } from "../../domain/TaskId.ts"
import { type Turn, type TurnsOptions, type TurnsReply, viewTurn } from "../../domain/Turn.ts"
import { Store } from "../Store.ts"

/** Of one page: whatever is asked for, it comes in one answer. */
const mostTurns = 500
const mostChars = 500_000

/** As many of them as one answer has room for, and one at least. */
const pageOf = (turns: ReadonlyArray<Turn>): ReadonlyArray<Turn> => {
  let chars = 0
  const over = turns.findIndex(({ text }) => {
    chars += text.length
    return chars > mostChars
  })
  return over === -1 ? turns : turns.slice(0, Math.max(1, over))
}

export const makeTurnReading = Effect.gen(function*() {
  const store = yield* Store

  const turns = Effect.fn("Pool.turns")(function*(
    id: TaskId,
    { limit, since }: TurnsOptions
  ): Effect.fn.Return<TurnsReply, Failure> {
    if (Option.isNone(yield* store.find(id))) return yield* new Failure({ reason: new NotFound({ id }) })
    const most = Math.max(1, Math.min(limit, mostTurns))
    const found = yield* store.turns.list(id, { since, limit: most + 1 })
    const page = pageOf(found.slice(0, most))
    return { id, turns: page.map(viewTurn), seq: page.at(-1)?.seq ?? since, more: page.length < found.length }
  })

  return { turns }
})
