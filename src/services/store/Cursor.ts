/**
 * Pages of rows: a cursor is the number of the last row that was shown, after the time of its end where that is the order.
 */
import { Effect, Schema } from "effect"
import { fail } from "../../domain/Failure.ts"
import { InvalidRequest } from "../../domain/RequestFailure.ts"

const isCursor = Schema.is(Schema.String.check(Schema.isPattern(/^\d{1,15}$/)))
const endCursor = /^(\d{1,15})-(\d{1,15})$/

const notGiven = (cursor: string) =>
  fail(
    new InvalidRequest({
      issues: [`cursor: ${JSON.stringify(cursor)} is not one that a list of this order has given`],
      hint: "pass on the cursor of the page before, or none for the first page"
    })
  )

/** The row before which the page begins: all come before it where there is no cursor. */
export const readCursor = Effect.fnUntraced(function*(cursor: string | undefined) {
  if (cursor === undefined) return Number.MAX_SAFE_INTEGER
  return isCursor(cursor) ? Number(cursor) : yield* notGiven(cursor)
})

/** The same where the order is that of the ends: in milliseconds, and then by the row. */
export const readEndCursor = Effect.fnUntraced(function*(cursor: string | undefined) {
  if (cursor === undefined) return { at: Number.MAX_SAFE_INTEGER, seq: 0 }
  const [, at, seq] = endCursor.exec(cursor) ?? []
  return at === undefined ? yield* notGiven(cursor) : { at: Number(at), seq: Number(seq) }
})

/** The page, out of its rows and one more, which says that there is a next one. */
export const cut = <Row extends { readonly seq: number; readonly endedAt?: number }>(
  rows: ReadonlyArray<Row>,
  limit: number
) => {
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  const cursor = last?.endedAt === undefined ? `${last?.seq}` : `${last.endedAt}-${last.seq}`
  return { shown, nextCursor: rows.length > limit ? cursor : null }
}
