/**
 * A review as a form for the person at the client: what there is to judge, and two fields that nobody fills in but the
 * person.
 */
import { Data, Effect, Option, Schema } from "effect"
import type { TaskView } from "../domain/TaskView.ts"
import { capText, cleanLine, cleanText } from "../domain/UntrustedText.ts"
import type { WorkId } from "../domain/WorkId.ts"
import { Pool } from "../services/Pool.ts"
import { type Form, FormAnswer } from "./Form.ts"
import { briefTask } from "./TaskBrief.ts"

const mostShown = 1200
const mostInFirstLine = 160
const mostCriteria = 1000
const mostSaid = 1000

/** Each line marked: what it says is never taken for a line of ours. */
const quoted = (text: string, max: number): string =>
  capText(cleanText(text).trim(), max).split("\n").map((line) => `> ${line}`).join("\n")

const factsOf = (view: TaskView): ReadonlyArray<string> => {
  const { branch, diff, not_held = [], outside = [], verification, warnings = [] } = briefTask(view)
  return [
    ...(branch === undefined ? [] : [`Branch ${branch}${diff === undefined ? "" : `: ${diff}`}`]),
    ...(verification === undefined ? [] : [`What was expected: ${verification}`]),
    ...not_held.map((line) => `> does not hold: ${line}`),
    ...outside.map((line) => `> changed outside: ${line}`),
    ...warnings.map((line) => `> to be looked at: ${line}`)
  ]
}

export interface ReviewFormOptions {
  readonly view: TaskView
  /** How the answer begins, and how long it is. */
  readonly output: { readonly text: string; readonly total: number }
  /** What the session would do. */
  readonly proposal?: string | undefined
}

/** How an answer begins, marked like all that a worker wrote. */
const firstLine = (text: string): string => `> ${cleanLine(text.trim(), mostInFirstLine)}`

const reviewForm = ({ output, proposal, view }: ReviewFormOptions): Form => {
  const { cost_usd, id, name, review } = view
  const rejections = review?.rejections ?? 0
  const shown = Math.min(output.total, mostShown)
  const title = `Review of ${id}${name === undefined ? "" : ` "${cleanLine(name, 100)}"`} ($${cost_usd.toFixed(2)}${
    rejections === 0 ? "" : `, sent back ${rejections} of ${review?.max_rejections} times`
  })`
  // Clients show the first lines and fold the rest: what is judged has to be among them.
  const about = [
    `${title}\n${firstLine(output.text)}`,
    ...(review?.criteria === undefined ? [] : [`It has to meet:\n${quoted(review.criteria, mostCriteria)}`]),
    ...(proposal === undefined ? [] : [`The session says:\n${quoted(proposal, mostSaid)}`]),
    ...(factsOf(view).length === 0 ? [] : [factsOf(view).join("\n")]),
    `${
      shown < output.total
        ? `The first ${shown} of ${output.total} characters of its answer`
        : "Its answer"
    }, as the worker wrote it:\n${quoted(output.text, mostShown)}`
  ]
  return {
    message: about.join("\n\n"),
    fields: {
      decision: { type: "string", title: "Decision", enum: ["approve", "reject"] },
      feedback: {
        type: "string",
        title: "Feedback",
        description: "To reject: what is wrong, and what is expected. To approve: a note, if you like"
      }
    },
    required: ["decision"]
  }
}

/** The form for a task that waits for its review. */
export const reviewFormOf = Effect.fnUntraced(function*(id: WorkId, view: TaskView, proposal?: string) {
  const pool = yield* Pool
  const output = yield* pool.output(id, { offset: 0, limit: mostShown })
  return reviewForm({ view, output, proposal })
})

export type ReviewDecision = Data.TaggedEnum<{
  Approve: { readonly note?: string }
  Reject: { readonly feedback?: string }
  /** Nothing is decided, and why. */
  None: { readonly why: string }
}>
export const ReviewDecision = Data.taggedEnum<ReviewDecision>()

const decode = Schema.decodeUnknownOption(Schema.Struct({
  decision: Schema.Literals(["approve", "reject"]),
  feedback: Schema.optionalKey(Schema.String)
}))

const stays = "it stays in review"

export const decisionOf = FormAnswer.$match({
  Accepted: ({ content }): ReviewDecision => {
    const answer = decode(content)
    if (Option.isNone(answer)) return ReviewDecision.None({ why: `the form came back without a decision: ${stays}` })
    const { decision, feedback = "" } = answer.value
    const said = feedback.trim()
    return decision === "approve"
      ? ReviewDecision.Approve(said === "" ? {} : { note: said })
      : ReviewDecision.Reject(said === "" ? {} : { feedback: said })
  },
  Declined: (): ReviewDecision => ReviewDecision.None({ why: `the person declined to decide: ${stays}` }),
  Dismissed: (): ReviewDecision => ReviewDecision.None({ why: `the person has not answered: ${stays}` })
})
