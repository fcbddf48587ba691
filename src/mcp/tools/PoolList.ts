/**
 * `pool_list`: the tasks there are, by pages.
 */
import { Effect, Schema } from "effect"
import { StateName, type TaskView } from "../../domain/TaskView.ts"
import { cleanLine } from "../../domain/UntrustedText.ts"
import { Pool } from "../../services/Pool.ts"
import { notEmpty } from "../TaskInput.ts"
import { capTokens, tokensOf } from "../Tokens.ts"
import { readsOnly, replyOf, structuredTool } from "../Tool.ts"

const usualPage = 20
const longestPage = 100

const Row = Schema.Struct({
  id: Schema.String,
  state: StateName,
  name: Schema.optionalKey(Schema.String),
  s: Schema.Int
})

/** In tokens: a page may have a hundred of them. */
const rowSize = 24

/** As much of the name as there is room for; what it has cost is in `pool_result`. */
const toRow = ({ id, name, s, state }: TaskView): typeof Row.Type => {
  const row = { id, state, s: Math.round(s) }
  return name === undefined ? row : { ...row, name: capTokens(cleanLine(name, 100), rowSize - tokensOf(row) - 1) }
}

export const PoolList = structuredTool({
  name: "pool_list",
  title: "List tasks",
  description: "Use to find tasks again, of earlier sessions too: newest first, by pages (cursor).",
  hints: readsOnly,
  input: Schema.Struct({
    state: Schema.optionalKey(Schema.Literals(StateName.literals)),
    tag: Schema.optionalKey(
      Schema.String.annotate({ description: "A tag, or a g_ or c_ id" }).check(notEmpty)
    ),
    limit: Schema.optionalKey(
      Schema.Int.check(
        Schema.makeFilter((count) => (count >= 1 && count <= longestPage) || `must be between 1 and ${longestPage}`)
      )
    ),
    cursor: Schema.optionalKey(Schema.String.check(notEmpty))
  }),
  output: replyOf({ tasks: Schema.Array(Row), next_cursor: Schema.optionalKey(Schema.String), total: Schema.Int }),
  handler: Effect.fnUntraced(function*({ cursor, limit = usualPage, state, tag }) {
    const pool = yield* Pool
    const page = yield* pool.list({
      limit,
      ...(state === undefined ? {} : { states: [state] }),
      ...(tag === undefined ? {} : { tag }),
      ...(cursor === undefined ? {} : { cursor })
    })
    return { ...page, tasks: page.tasks.map(toRow) }
  })
})
