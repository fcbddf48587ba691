/**
 * `pool_approve_result`: a result that may pass.
 */
import { Effect, Schema } from "effect"
import { TaskId } from "../../domain/TaskId.ts"
import { StateName } from "../../domain/TaskView.ts"
import { Pool } from "../../services/Pool.ts"
import { asksItsPerson, PersonalReply, reviewByPerson } from "../PersonalReview.ts"
import { replyOf, structuredTool } from "../Tool.ts"

const name = "pool_approve_result"
const hints = { readOnly: false, destructive: false, idempotent: true, openWorld: false }

const Input = Schema.Struct({
  id: TaskId,
  hash: Schema.optionalKey(Schema.String),
  note: Schema.optionalKey(Schema.String)
})

export const PoolApproveResult = structuredTool({
  name,
  title: "Approve a result",
  description:
    "Use to accept a result in review that you have read (pool_output); hash makes sure that it is that one.",
  hints,
  input: Input,
  output: replyOf({ id: Schema.String, state: StateName }),
  handler: Effect.fnUntraced(function*({ id, ...approval }, call) {
    const pool = yield* Pool
    const { state } = yield* pool.approve(id, approval)
    yield* call.unseen.show([id])
    return { id, state }
  })
})

/** The same where a person decides. */
export const PoolApproveResultByPerson = structuredTool({
  name,
  title: "Have a result approved",
  description:
    "Use when a result in review should be accepted: your user decides, by a form that shows it and your note; " +
    "hash makes sure that it is the one that you have read (pool_output).",
  hints,
  metaWithoutForms: asksItsPerson,
  input: Input,
  output: PersonalReply,
  handler: Effect.fnUntraced(function*({ hash, id, note }, call) {
    const pool = yield* Pool
    const decided = yield* reviewByPerson(
      { id, hash, proposal: note, feedback: "The person who reviewed it did not accept it, and said no more." },
      call
    )
    const approval = { ...(hash === undefined ? {} : { hash }), ...(note === undefined ? {} : { note }) }
    const reply = decided ?? { id, state: (yield* pool.approve(id, approval)).state, decision: "approve" as const }
    if (reply.decision !== "none") yield* call.unseen.show([id])
    return reply
  })
})
