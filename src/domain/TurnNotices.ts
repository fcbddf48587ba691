/**
 * What the pool itself has to say among a worker's turns: how an attempt begins, and how it ends.
 */
import { DateTime } from "effect"
import type { Attempt } from "./Attempt.ts"
import { formatSlotId } from "./SlotId.ts"
import type { Task } from "./Task.ts"
import type { NewTurn, TurnPiece } from "./Turn.ts"
import { cleanLine } from "./UntrustedText.ts"

/** So much of a failure or of a note is said, in characters. */
const mostSaid = 500

export const notice = (text: string): TurnPiece => ({ kind: "notice", text })

export const tellBeginning = ({ number, slot, startedAt }: Attempt): NewTurn => ({
  attempt: number,
  at: startedAt,
  ...notice(`attempt ${number} on ${formatSlotId(slot)}`)
})

/** What becomes of a task whose attempt has ended, where it goes on. */
const nextOf = ({ state }: Task, isPostponed: boolean): string => {
  if (state._tag !== "Queued") return ""
  if (state.notBefore !== null) return `; tried again at ${DateTime.formatIso(state.notBefore)}`
  return isPostponed ? "; put off until that is over" : "; it waits again"
}

const cutOff = {
  cancel: "cancelled",
  shutdown: "cut off by the end of the pool",
  crash: "cut off, for the pool was killed"
} as const

const endOf = (task: Task, { outcome, recovered }: Attempt): TurnPiece => {
  switch (outcome._tag) {
    case "Running":
      return notice("running")
    case "Completed": {
      const what = task.state._tag === "InReview" ? "its result waits to be approved" : "done"
      return notice(recovered === true ? `${what}; the pool was killed, and the answer found in its session` : what)
    }
    case "Failed": {
      const { postponed, reason } = outcome
      const what = `failed (${reason._tag}): ${cleanLine(reason.message, mostSaid)}`
      return { ...notice(`${what}${nextOf(task, postponed === true)}`), failed: true }
    }
    case "Interrupted": {
      const note = task.state._tag === "Cancelled" && task.state.note !== ""
        ? `: ${cleanLine(task.state.note, mostSaid)}`
        : ""
      return notice(`${cutOff[outcome.by]}${note}${nextOf(task, false)}`)
    }
  }
}

/** The attempt as it was closed, and the task as it is after it. */
export const tellEnding = (task: Task, attempt: Attempt): NewTurn => ({
  attempt: attempt.number,
  at: attempt.finishedAt ?? attempt.startedAt,
  ...endOf(task, attempt)
})
