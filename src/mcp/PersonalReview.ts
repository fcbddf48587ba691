/**
 * A review that the person at the client decides, whatever the session's model would do.
 */
import { Effect, Schema } from "effect"
import { fail } from "../domain/Failure.ts"
import { InvalidRequest, NotInReview, ReviewOutdated } from "../domain/RequestFailure.ts"
import type { TaskId } from "../domain/TaskId.ts"
import { StateName } from "../domain/TaskView.ts"
import { Pool } from "../services/Pool.ts"
import type { Call, Client } from "./Call.ts"
import { decisionOf, ReviewDecision, reviewFormOf } from "./ReviewForm.ts"
import { replyOf } from "./Tool.ts"

export const PersonalReply = replyOf({
  id: Schema.String,
  state: StateName,
  decision: Schema.Literals(["approve", "reject", "none"]).annotate({ description: "What the person decided" }),
  why: Schema.optionalKey(Schema.String.annotate({ description: "Why nothing was decided" }))
})

/** Has such a client ask its person before each call of a tool. */
export const asksItsPerson: Schema.JsonObject = { "anthropic/requiresUserInteraction": true }

/** Clients that do, by the names that they give themselves. */
const known: ReadonlySet<string> = new Set(["claude-code"])

const asksByItself = ({ name }: Client): boolean => known.has(name)

const noPerson = (id: TaskId) =>
  fail(
    new InvalidRequest({
      issues: ["a person decides on results here, and this client can ask nobody"],
      hint: `ask the user to run \`claude-pool approve ${id}\` or \`claude-pool reject ${id}\``
    })
  )

const outdated = (id: TaskId, seen: string, now: string) => fail(new ReviewOutdated({ id, seen, now }))

/** The result that waits for its review, and none but the one that was seen, if that is said. */
const inReview = Effect.fnUntraced(function*(id: TaskId, seen: string | undefined) {
  const pool = yield* Pool
  const view = yield* pool.result(id)
  if (view.review === undefined) return yield* fail(new NotInReview({ id, state: view.state }))
  if (seen !== undefined && seen !== view.review.hash) return yield* outdated(id, seen, view.review.hash)
  return { view, hash: view.review.hash }
})

export interface PersonalReviewOptions {
  readonly id: TaskId
  /** What the session has seen. */
  readonly hash?: string | undefined
  /** What the session would say, for the person to read. */
  readonly proposal?: string | undefined
  /** Said to the author where the person rejects without a word. */
  readonly feedback: string
}

/** Undefined: the client asks its person by itself, and has done so. */
export const reviewByPerson = Effect.fnUntraced(function*(options: PersonalReviewOptions, call: Call) {
  const { feedback, hash: seen, id, proposal } = options
  if (call.ask === undefined) return asksByItself(call.client) ? undefined : yield* noPerson(id)
  const pool = yield* Pool
  const { hash, view } = yield* inReview(id, seen)
  // The key names the result, too: an answer that comes later counts for the result that was shown, and for no other.
  const answer = yield* call.ask(`review-${hash.slice(0, 16)}`, yield* reviewFormOf(id, view, proposal))
  return yield* ReviewDecision.$match(decisionOf(answer), {
    Approve: ({ note }) =>
      Effect.map(
        pool.approve(id, { hash, ...(note === undefined ? {} : { note }) }),
        ({ state }) => ({ id, state, decision: "approve" as const })
      ),
    Reject: ({ feedback: own = feedback }) =>
      Effect.map(
        Effect.andThen(inReview(id, hash), pool.reject(id, own)),
        ({ state }) => ({ id, state, decision: "reject" as const })
      ),
    None: ({ why }) => Effect.succeed({ id, state: view.state, decision: "none" as const, why })
  })
})
