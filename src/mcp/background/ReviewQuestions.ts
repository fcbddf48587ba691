/**
 * Reviews as questions to the person at the client. A question names the result that it shows: an answer counts for that
 * one only, however late it comes, and no two results of a task share a question.
 */
import { Effect, Ref } from "effect"
import type { Failure } from "../../domain/Failure.ts"
import { TaskId } from "../../domain/TaskId.ts"
import type { TaskView } from "../../domain/TaskView.ts"
import { Pool } from "../../services/Pool.ts"
import type { Form, FormAnswer } from "../Form.ts"
import { decisionOf, ReviewDecision, reviewFormOf } from "../ReviewForm.ts"

const remembered = 500
/** So many forms are put before a person at once. */
const mostAtOnce = 8

const unexplained = "The person who reviewed it did not accept it, and said no more."

const questionOf = ({ id, review }: TaskView): string =>
  `${id}-${review?.rejections ?? 0}-${review?.hash.slice(0, 16) ?? ""}`

export interface ReviewQuestions {
  /** Those that a person may still be asked. */
  readonly open: (reviews: ReadonlyArray<TaskView>) => Effect.Effect<ReadonlyArray<TaskView>>
  readonly forms: (reviews: ReadonlyArray<TaskView>) => Effect.Effect<Readonly<Record<string, Form>>, Failure, Pool>
  /** A person who does not decide is not asked again: then it is the session's turn. */
  readonly decide: (
    reviews: ReadonlyArray<TaskView>,
    answers: Readonly<Record<string, FormAnswer>>
  ) => Effect.Effect<void, Failure, Pool>
}

/** What somebody else has decided meanwhile needs no decision. */
const unlessDecided = <A, R>(decision: Effect.Effect<A, Failure, R>): Effect.Effect<void, Failure, R> =>
  Effect.catchIf(
    Effect.asVoid(decision),
    ({ reason }) => reason._tag === "NotInReview" || reason._tag === "ReviewOutdated",
    () => Effect.void
  )

const decideOn = (view: TaskView, decision: ReviewDecision): Effect.Effect<void, Failure, Pool> =>
  Effect.flatMap(Pool, (pool) => {
    const id = TaskId.make(view.id)
    const hash = view.review?.hash ?? ""
    return ReviewDecision.$match(decision, {
      Approve: ({ note }) => unlessDecided(pool.approve(id, { hash, ...(note === undefined ? {} : { note }) })),
      Reject: ({ feedback = unexplained }) => unlessDecided(pool.reject(id, feedback)),
      None: () => Effect.void
    })
  })

export const makeReviewQuestions = (): ReviewQuestions => {
  const aside = Ref.makeUnsafe<ReadonlyArray<string>>([])
  const setAside = (question: string) => Ref.update(aside, (all) => [...all, question].slice(-remembered))

  const answerOne = Effect.fnUntraced(function*(view: TaskView, answer: FormAnswer) {
    const decision = decisionOf(answer)
    return yield* decision._tag === "None" ? setAside(questionOf(view)) : decideOn(view, decision)
  })

  return {
    open: (reviews) =>
      Effect.map(Ref.get(aside), (questions) => reviews.filter((view) => !questions.includes(questionOf(view)))),
    forms: (reviews) =>
      Effect.map(
        Effect.forEach(reviews.slice(0, mostAtOnce), (view) =>
          Effect.map(reviewFormOf(TaskId.make(view.id), view), (form) => [questionOf(view), form] as const)),
        Object.fromEntries
      ),
    decide: (reviews, answers) =>
      Effect.forEach(reviews, (view) => {
        const answer = answers[questionOf(view)]
        return answer === undefined ? Effect.void : answerOne(view, answer)
      }, { discard: true })
  }
}
