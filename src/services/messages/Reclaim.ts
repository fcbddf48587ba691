/**
 * What a new owner does with the messages that the last one left: whatever an attempt had taken that never came to an
 * answer waits again.
 */
import { DateTime, Effect } from "effect"
import type { Attempt } from "../../domain/Attempt.ts"
import { type Mailbox, type Message, MessageFate } from "../../domain/Message.ts"
import type { TaskId } from "../../domain/TaskId.ts"
import { Store } from "../Store.ts"
import type { Fates } from "./Fates.ts"

/** Whether the attempt that took a message has come to an answer. It is the last one that had begun by then. */
const isAnswered = (attempts: ReadonlyArray<Attempt>, takenAt: DateTime.Utc): boolean => {
  const taker = attempts.findLast(({ startedAt }) => DateTime.isLessThanOrEqualTo(startedAt, takenAt)) ?? attempts[0]
  return taker?.outcome._tag === "Completed"
}

/** Returns the mailboxes of tasks in which something waits. What has expired is let be. */
export const reclaim = Effect.fnUntraced(function*(fates: Fates) {
  const store = yield* Store
  const attemptsOf = new Map<TaskId, ReadonlyArray<Attempt>>()

  const waits = Effect.fnUntraced(function*({ fate }: Message) {
    if (fate._tag === "Waiting") return true
    if (fate._tag === "Expired" || fate.task === null) return false
    const attempts = attemptsOf.get(fate.task) ?? (yield* store.attempts(fate.task))
    attemptsOf.set(fate.task, attempts)
    return !isAnswered(attempts, fate.at)
  })

  const waiting = yield* Effect.filter(yield* store.messages.unexpired(yield* DateTime.now), waits)
  yield* fates.settle(waiting.filter(({ fate }) => fate._tag !== "Waiting"), MessageFate.cases.Waiting.make({}))
  const mailboxes = new Map<TaskId, Mailbox>()
  for (const { to } of waiting) {
    if (to._tag === "Task") mailboxes.set(to.task, to)
  }
  yield* fates.expireEnded([...mailboxes.values()])
  return new Set(mailboxes.keys())
})
