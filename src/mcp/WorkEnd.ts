/**
 * What work came to, whatever it is, as the tool that started it would have answered.
 */
import { Effect, Schema } from "effect"
import type { ChainId } from "../domain/ChainId.ts"
import type { Failure } from "../domain/Failure.ts"
import type { GroupId } from "../domain/GroupId.ts"
import type { TaskView } from "../domain/TaskView.ts"
import { Pool } from "../services/Pool.ts"
import { briefChain, ChainBrief } from "./ChainBrief.ts"
import { GroupBrief } from "./GroupBrief.ts"
import { groupEnd, groupEndFields } from "./GroupEnd.ts"
import { briefTask, TaskBrief } from "./TaskBrief.ts"

const mostItems = 64

/** For a tool whose call may come to a task's end. */
export const taskEndFields = {
  ...TaskBrief.fields,
  cost_usd: Schema.optionalKey(Schema.Finite),
  s: Schema.optionalKey(Schema.Finite)
}

/** For a tool whose call may come to any end. */
export const workEndFields = {
  ...TaskBrief.fields,
  ...GroupBrief.fields,
  ...ChainBrief.fields,
  state: Schema.optionalKey(Schema.String),
  s: Schema.optionalKey(Schema.Finite),
  review: Schema.optionalKey(Schema.Union([Schema.Int, TaskBrief.fields.review.schema])),
  items: Schema.optionalKey(Schema.Int),
  done: Schema.optionalKey(Schema.Int),
  tasks: Schema.optionalKey(Schema.Array(Schema.String)),
  results: groupEndFields.results,
  more_results: groupEndFields.more_results,
  step: Schema.optionalKey(Schema.Int),
  of: Schema.optionalKey(Schema.Int),
  steps: Schema.optionalKey(Schema.Array(Schema.Json))
}

const encodeTask = Schema.encodeEffect(TaskBrief)
const encodeGroup = Schema.encodeEffect(Schema.Struct(groupEndFields))
const encodeChain = Schema.encodeEffect(ChainBrief)

type End = Effect.Effect<Schema.JsonObject, Failure, Pool>

export const endOfTask = (view: TaskView): End => Effect.orDie(encodeTask(briefTask(view)))

export const endOfGroup = (id: GroupId): End =>
  Effect.gen(function*() {
    const pool = yield* Pool
    const { items } = yield* pool.items(id, { from: 0, limit: mostItems })
    return yield* Effect.orDie(encodeGroup(groupEnd(yield* pool.group(id), items)))
  })

export const endOfChain = (id: ChainId): End =>
  Effect.gen(function*() {
    const pool = yield* Pool
    return yield* Effect.orDie(encodeChain(briefChain(yield* pool.chain(id))))
  })
