/**
 * What the keys ask of the pool: each call comes back as a change of what is on the screen, failures too, with their way
 * out. Workers may look, and no more.
 */
import { Effect } from "effect"
import type { Failure } from "../../domain/Failure.ts"
import type { TaskId } from "../../domain/TaskId.ts"
import type { Machine } from "../../services/Machine.ts"
import { Pool } from "../../services/Pool.ts"
import { drainedText } from "../DrainText.ts"
import { notForWorkers } from "../NotForWorkers.ts"
import { scaleText } from "../scale.ts"
import type { Act, Mode, Model, Notice } from "./Model.ts"

export type Change = (model: Model) => Model

/** What a pool is asked for. */
export type Call = Exclude<Act, { _tag: "Quit" | "Redraw" }>

const tell = (text: string, tone: Notice["tone"] = "good"): Change => (model) => ({ ...model, notice: { tone, text } })

/** So much of a result is shown before it is judged. */
const beginning = 4000

/** Whoever has begun something else meanwhile is not torn away from it. */
const ofJudged =
  (id: TaskId, how: (model: Model, mode: Extract<Mode, { _tag: "Judge" }>) => Model): Change => (model) =>
    model.mode._tag === "Judge" && model.mode.id === id ? how(model, model.mode) : model

/** The hash comes first: what is read after it is that result, or the pool refuses the verdict. */
const examine = Effect.fnUntraced(function*(id: TaskId): Effect.fn.Return<Change, Failure, Pool> {
  const pool = yield* Pool
  const task = yield* pool.result(id)
  if (task.state !== "review" || task.review === undefined) {
    const text = `${id} does not wait for a review any more: it is ${task.state}`
    return ofJudged(id, (model, { back }) => ({ ...model, mode: back, notice: { tone: "bad", text } }))
  }
  const { text } = yield* pool.output(id, { offset: 0, limit: beginning })
  return ofJudged(id, (model, mode) => ({ ...model, mode: { ...mode, shown: { task, text } } }))
})

const refusals: { readonly [C in Call["_tag"]]: string } = {
  Examine: "judge a result",
  Cancel: "cancel work here",
  Approve: "approve a result",
  Reject: "reject a result",
  Scale: "scale the pool",
  Drain: "drain the pool",
  Resume: "resume the pool"
}

const ask = Effect.fnUntraced(function*(call: Call): Effect.fn.Return<Change, Failure, Machine | Pool> {
  const pool = yield* Pool
  yield* notForWorkers(refusals[call._tag])
  switch (call._tag) {
    case "Examine":
      return yield* examine(call.id)
    case "Cancel": {
      const { cancelled } = yield* pool.cancel([call.id], "cancelled in claude-pool watch")
      return tell(cancelled.length > 0 ? `${call.id} cancelled` : `${call.id} had finished already`)
    }
    case "Approve": {
      const task = yield* pool.approve(call.id, { hash: call.hash })
      const lands = task.branch === undefined ? "" : `; \`claude-pool merge ${task.id}\` lands ${task.branch}`
      return tell(`${task.id} approved as it was shown${lands}`)
    }
    case "Reject": {
      const task = yield* pool.reject(call.id, call.feedback)
      return tell(
        task.state === "queued"
          ? `${task.id} rejected: it goes on with your feedback`
          : `${task.id} rejected once too often: it is ${task.state}`
      )
    }
    case "Scale":
      return tell(scaleText(yield* call.by > 0 ? pool.scaleUp(1) : pool.scaleDown(1)))
    case "Drain": {
      const report = yield* pool.drain({})
      return tell(`${drainedText(report)}${report.taken_back === true ? "" : "; u takes work in again"}`)
    }
    case "Resume":
      yield* pool.resume
      return tell("the pool takes work in again, and starts what waits")
  }
})

/** What is said until the call comes back. */
export const begun = (call: Call): Change => {
  switch (call._tag) {
    case "Cancel":
      return tell(`cancelling ${call.id} …`, "plain")
    case "Drain":
      return tell("draining: what runs has its grace …", "plain")
    default:
      return (model) => model
  }
}

/** What a failed call comes to: what went wrong, and what to do about it. */
export const refused = ({ reason }: Failure): Change =>
  tell([`error: ${reason.message}`, reason.hint].filter((part) => part !== "").join(" · "), "bad")

/** What could not be read is not judged. */
const givenUp = (call: Call): Change => (model) =>
  call._tag === "Examine" ? ofJudged(call.id, (before, { back }) => ({ ...before, mode: back }))(model) : model

export const perform = (call: Call): Effect.Effect<Change, never, Machine | Pool> =>
  Effect.catchTag(
    ask(call),
    "Failure",
    (failure) => Effect.succeed((model: Model) => refused(failure)(givenUp(call)(model)))
  )
