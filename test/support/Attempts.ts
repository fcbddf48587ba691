/**
 * Attempts of tasks as they go on record and are told, without anybody who runs them.
 */
import { DateTime, Effect, Result } from "effect"
import { Attempt, AttemptOutcome } from "../../src/domain/Attempt.ts"
import { PoolEvent } from "../../src/domain/PoolEvent.ts"
import type { SlotId } from "../../src/domain/SlotId.ts"
import { Spend } from "../../src/domain/Spend.ts"
import type { Task } from "../../src/domain/Task.ts"
import { TaskResult } from "../../src/domain/TaskResult.ts"
import { WorkerLost } from "../../src/domain/WorkerFailure.ts"
import { Events } from "../../src/services/Events.ts"
import { type Change, Store } from "../../src/services/Store.ts"

const record = Effect.fnUntraced(function*(change: Change) {
  yield* (yield* Store).commit(change)
  yield* (yield* Events).publish(change.event)
  return change.task
})

const result = new TaskResult({
  summary: "",
  outputChars: 0,
  session: null,
  model: null,
  denials: [],
  hash: "0".repeat(64)
})

export const begin = Effect.fnUntraced(function*(queued: Task, slot: SlotId) {
  const now = yield* DateTime.now
  const task = Result.getOrThrow(queued.start(slot, now))
  const attempt = new Attempt({
    task: task.id,
    number: task.attempts,
    slot,
    startedAt: now,
    finishedAt: null,
    outcome: AttemptOutcome.cases.Running.make({}),
    session: null,
    model: null,
    spend: Spend.zero
  })
  const event = PoolEvent.cases.Started.make({ id: task.id, attempt: attempt.number, slot })
  yield* record({ task, attempt, event })
  return { task, attempt }
})

export type Begun = Effect.Success<ReturnType<typeof begin>>

/** How an attempt ends: with an answer, with one that has to be accepted, with another try, or for good. */
export type End = "done" | "presented" | "retried" | "failed"

export const end = Effect.fnUntraced(function*({ attempt, task }: Begun, how: End) {
  const now = yield* DateTime.now
  const { id } = task
  const reason = new WorkerLost({ detail: "gone" })
  const closed = (outcome: AttemptOutcome) => new Attempt({ ...attempt, finishedAt: now, outcome })
  const completed = closed(AttemptOutcome.cases.Completed.make({}))
  const failed = closed(AttemptOutcome.cases.Failed.make({ reason }))
  const number = attempt.number
  switch (how) {
    case "done":
      return yield* record({
        task: Result.getOrThrow(task.complete(number, result, Spend.zero, now)),
        attempt: completed,
        event: PoolEvent.cases.Finished.make({ id, state: "Done" })
      })
    case "presented":
      return yield* record({
        task: Result.getOrThrow(task.present(number, result, Spend.zero, now)),
        attempt: completed,
        event: PoolEvent.cases.Presented.make({ id })
      })
    case "retried":
      return yield* record({
        task: Result.getOrThrow(task.retry(number, reason, Spend.zero, now)),
        attempt: failed,
        event: PoolEvent.cases.Requeued.make({ id, cause: reason._tag })
      })
    case "failed":
      return yield* record({
        task: Result.getOrThrow(task.fail(number, reason, Spend.zero, now)),
        attempt: failed,
        event: PoolEvent.cases.Finished.make({ id, state: "Failed" })
      })
  }
})

export const cancel = Effect.fnUntraced(function*(task: Task) {
  const now = yield* DateTime.now
  return yield* record({
    task: Result.getOrThrow(task.cancel("", Spend.zero, now)),
    event: PoolEvent.cases.Finished.make({ id: task.id, state: "Cancelled" })
  })
})

/** A presented result is sent back to its author. */
export const reject = Effect.fnUntraced(function*(task: Task) {
  const at = yield* DateTime.now
  return yield* record({
    task: Result.getOrThrow(task.reject({ at, attempt: task.attempts, hash: result.hash, feedback: "again" })),
    event: PoolEvent.cases.Requeued.make({ id: task.id, cause: "Rejected" })
  })
})
