/**
 * Where a slot stands, and the only ways in which that may change. Data and rules: no IO.
 */
import { DateTime, Result, Schema } from "effect"
import type { SlotView } from "./PoolView.ts"

/** What a slot does when it is given back, in place of taking the next task. */
export const Rest = Schema.Struct({ duration: Schema.Duration, why: Schema.String })
export type Rest = typeof Rest.Type

/** Each case holds only what is known at that point. */
export const SlotState = Schema.TaggedUnion({
  /** Its directories are being made, or those of whoever had its number are still being removed. */
  Opening: {},
  Idle: { since: Schema.DateTimeUtc },
  /** It is lent. */
  Busy: { rest: Schema.NullOr(Rest) },
  /** It is lent for the last time. */
  Draining: { rest: Schema.NullOr(Rest) },
  /** It goes: its processes are being ended. */
  Closing: {},
  /** It is closed, and opened again after a while. */
  Resting: { until: Schema.DateTimeUtc, why: Schema.String },
  /** It could not be opened: whoever needs one tries again. */
  Failed: { error: Schema.String },
  Closed: {}
})
export type SlotState = typeof SlotState.Type

export const SlotStep = Schema.TaggedUnion({
  Opened: { at: Schema.DateTimeUtc },
  NotOpened: { error: Schema.String },
  Lend: {},
  /** It is to rest when it is given back. */
  Rest: { rest: Rest },
  GiveBack: { at: Schema.DateTimeUtc },
  /** It is one too many. */
  Drain: {},
  /** It is not one too many any more. */
  TakeBack: {},
  /** A rest is over, or what failed is tried again. */
  Reopen: {},
  Close: {}
})
export type SlotStep = typeof SlotStep.Type

/** A step that the rules do not allow: a defect of the program. */
export class IllegalSlotStep extends Schema.TaggedError<IllegalSlotStep>()("IllegalSlotStep", {
  from: Schema.String,
  step: Schema.String
}) {
  override get message(): string {
    return `a slot that is ${this.from} cannot ${this.step}`
  }
}

const { Busy, Closed, Closing, Draining, Failed, Idle, Opening, Resting } = SlotState.cases

/** Null: the rules do not allow it. */
const after = (state: SlotState, step: SlotStep): SlotState | null => {
  switch (step._tag) {
    case "Opened":
      return state._tag === "Opening" ? Idle.make({ since: step.at }) : null
    case "NotOpened":
      return state._tag === "Opening" ? Failed.make({ error: step.error }) : null
    case "Lend":
      return state._tag === "Idle" ? Busy.make({ rest: null }) : null
    case "Rest":
      return isLent(state) ? { ...state, rest: step.rest } : null
    case "GiveBack":
      return isLent(state) ? givenBack(state, step.at) : null
    case "Drain":
      return drained(state)
    case "TakeBack":
      return state._tag === "Draining" ? Busy.make({ rest: state.rest }) : null
    case "Reopen":
      return state._tag === "Resting" || state._tag === "Failed" ? Opening.make({}) : null
    case "Close":
      return state._tag === "Closing" ? Closed.make({}) : null
  }
}

const givenBack = (state: Extract<SlotState, { rest: Rest | null }>, at: DateTime.Utc): SlotState => {
  if (state._tag === "Draining") return Closing.make({})
  return state.rest === null
    ? Idle.make({ since: at })
    : Resting.make({ until: DateTime.addDuration(at, state.rest.duration), why: state.rest.why })
}

const drained = (state: SlotState): SlotState | null => {
  if (isGoing(state) || state._tag === "Closed") return null
  return state._tag === "Busy" ? Draining.make({ rest: state.rest }) : Closing.make({})
}

/** The only way from one state to another. */
export const advance = (state: SlotState, step: SlotStep): Result.Result<SlotState, IllegalSlotStep> => {
  const next = after(state, step)
  return next === null
    ? Result.fail(new IllegalSlotStep({ from: state._tag, step: step._tag }))
    : Result.succeed(next)
}

/** Whether somebody has it. */
export const isLent = (state: SlotState): state is Extract<SlotState, { rest: Rest | null }> =>
  state._tag === "Busy" || state._tag === "Draining"

/** Whether it is one too many. */
export const isGoing = ({ _tag }: SlotState): boolean => _tag === "Draining" || _tag === "Closing"

/** What people are told; of an idle slot its spare says more. */
export const stateNameOf = (state: SlotState): SlotView["state"] => {
  switch (state._tag) {
    case "Opening":
      return "starting"
    case "Idle":
      return "idle"
    case "Busy":
      return "busy"
    case "Draining":
    case "Closing":
    case "Closed":
      return "draining"
    case "Resting":
      return "resting"
    case "Failed":
      return "failed"
  }
}
