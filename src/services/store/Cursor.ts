/**
 * Pages of rows, newest first: a cursor is the number of the last row that was shown.
 */
import { Effect, Schema } from "effect"
import { fail } from "../../domain/Failure.ts"
import { InvalidRequest } from "../../domain/RequestFailure.ts"

const isCursor = Schema.is(Schema.String.check(Schema.isPattern(/^\d{1,15}$/)))

/** The row before which the page begins: all come before it where there is no cursor. */
export const readCursor = Effect.fnUntraced(function*(cursor: string | undefined) {
  if (cursor === undefined) return Number.MAX_SAFE_INTEGER
  if (isCursor(cursor)) return Number(cursor)
  return yield* fail(
    new InvalidRequest({
      issues: [`cursor: ${JSON.stringify(cursor)} is not one that a list has given`],
      hint: "pass on the cursor of the page before, or none for the first page"
    })
  )
})

/** The page, out of its rows and one more, which says that there is a next one. */
export const cut = <Row extends { readonly seq: number }>(rows: ReadonlyArray<Row>, limit: number) => {
  const shown = rows.slice(0, limit)
  return { shown, nextCursor: rows.length > limit ? `${shown.at(-1)?.seq}` : null }
}
