/**
 * `pool_reject_result`: a result that goes back to its author.
 */
import { Effect, Schema } from "effect"
import { TaskId } from "../../domain/TaskId.ts"
import { StateName } from "../../domain/TaskView.ts"
import { Pool } from "../../services/Pool.ts"
import { asksItsPerson, PersonalReply, reviewByPerson } from "../PersonalReview.ts"
import { notEmpty } from "../TaskInput.ts"
import { replyOf, startsWork, structuredTool } from "../Tool.ts"

const name = "pool_reject_result"

const Input = Schema.Struct({
  id: TaskId,
  feedback: Schema.String.annotate({ description: "What is wrong, and what is expected" }).check(notEmpty)
})

export const PoolRejectResult = structuredTool({
  name,
  title: "Reject a result",
  description: "Use to send a result in review back to its author with your feedback: it comes back to review.",
  hints: startsWork,
  input: Input,
  output: replyOf({ id: Schema.String, state: StateName }),
  handler: Effect.fnUntraced(function*({ feedback, id }, call) {
    const pool = yield* Pool
    // Before: its next review has to be told again.
    yield* call.unseen.show([id])
    const { state } = yield* pool.reject(id, feedback)
    return { id, state }
  })
})

/** The same where a person decides: the session's feedback is what its author is told if the person has no other. */
export const PoolRejectResultByPerson = structuredTool({
  name,
  title: "Have a result rejected",
  description:
    "Use when a result in review should go back to its author: your user decides, by a form that shows it and " +
    "your feedback.",
  hints: startsWork,
  metaWithoutForms: asksItsPerson,
  input: Input,
  output: PersonalReply,
  handler: Effect.fnUntraced(function*({ feedback, id }, call) {
    const pool = yield* Pool
    const decided = yield* reviewByPerson({ id, proposal: feedback, feedback }, call)
    const reply = decided ?? { id, state: (yield* pool.reject(id, feedback)).state, decision: "reject" as const }
    if (reply.decision !== "none") yield* call.unseen.show([id])
    return reply
  })
})
