/**
 * `pool_submit_with_review`: a task whose result has to be accepted before it counts.
 */
import { Effect, Schema } from "effect"
import { AnswerSchema } from "../../domain/TaskRequest.ts"
import { StateName } from "../../domain/TaskView.ts"
import { Pool } from "../../services/Pool.ts"
import { KeyText, NameText, notEmpty, PromptText, toRequest, WorkerInput } from "../TaskInput.ts"
import { replyOf, startsWork, structuredTool } from "../Tool.ts"
import { taskEndFields } from "../WorkEnd.ts"

const usualRejections = 3

const Input = Schema.Struct({
  prompt: PromptText,
  name: Schema.optionalKey(NameText),
  ...WorkerInput,
  key: Schema.optionalKey(KeyText),
  schema: Schema.optionalKey(AnswerSchema),
  criteria: Schema.optionalKey(Schema.String.check(notEmpty, Schema.makeFilter((text) => text.length <= 4000))),
  max_rejections: Schema.optionalKey(Schema.Int.check(Schema.makeFilter((times) => times >= 0 && times <= 20)))
})

const start = ({ criteria, max_rejections: maxRejections = usualRejections, ...input }: typeof Input.Type) =>
  Effect.flatMap(Pool, (pool) =>
    pool.submit({
      ...toRequest(input),
      review: { maxRejections, ...(criteria === undefined ? {} : { criteria }) }
    }))

export const PoolSubmitWithReview = structuredTool({
  name: "pool_submit_with_review",
  title: "Submit a task with a review",
  description:
    "Use like pool_submit when you want to accept a result before it counts: it ends in state \"review\", for " +
    "pool_approve_result or pool_reject_result.",
  hints: startsWork,
  input: Input,
  output: replyOf({ ...taskEndFields, id: Schema.String, state: StateName }),
  background: (input) => Effect.map(start(input), ({ id }) => id),
  handler: Effect.fnUntraced(function*(input) {
    const { id, state } = yield* start(input)
    return { id, state }
  })
})
