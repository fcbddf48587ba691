/**
 * Tasks to try a store with, and the steps of their lives.
 */
import { DateTime, Duration, Result } from "effect"
import { Attempt, AttemptOutcome } from "../../src/domain/Attempt.ts"
import type { Evidence } from "../../src/domain/Evidence.ts"
import { MicroUsd } from "../../src/domain/MicroUsd.ts"
import { PoolEvent } from "../../src/domain/PoolEvent.ts"
import { idBytes } from "../../src/domain/RandomId.ts"
import { SessionId } from "../../src/domain/SessionId.ts"
import { SlotId } from "../../src/domain/SlotId.ts"
import { Spend } from "../../src/domain/Spend.ts"
import { acceptTask, Task } from "../../src/domain/Task.ts"
import { taskIdFrom } from "../../src/domain/TaskId.ts"
import type { AcceptedOptions } from "../../src/domain/TaskRequest.ts"
import { TaskResult } from "../../src/domain/TaskResult.ts"
import { WorkerLost } from "../../src/domain/WorkerFailure.ts"
import type { Change } from "../../src/services/Store.ts"

const slot = SlotId.make(1)

export const at = (millis: number): DateTime.Utc => DateTime.makeUnsafe(millis)

/** The same number gives the same id. */
export const sampleId = (number: number) =>
  taskIdFrom(Uint8Array.from({ length: idBytes }, (_, index) => Math.floor(number / 32 ** index)))

export const sampleTask = (
  number: number,
  request: { readonly key?: string; readonly prompt?: string; readonly options?: Partial<AcceptedOptions> } = {}
): Task =>
  acceptTask({
    id: sampleId(number),
    prompt: request.prompt ?? `task ${number}`,
    key: request.key ?? null,
    options: {
      permissions: "edit",
      cwd: "/w",
      inherit: "none",
      budget: MicroUsd.make(1_000_000),
      timeout: Duration.minutes(10),
      ...request.options
    },
    parent: null,
    now: at(number)
  })

export const cost = (micro: number): Spend => new Spend({ ...Spend.zero, cost: MicroUsd.make(micro), turns: 1 })

const attemptOf = (task: Task, more: Partial<Attempt> = {}): Attempt =>
  new Attempt({
    task: task.id,
    number: task.attempts,
    slot,
    startedAt: at(1),
    finishedAt: null,
    outcome: AttemptOutcome.cases.Running.make({}),
    session: null,
    model: null,
    spend: Spend.zero,
    ...more
  })

/** A step at which an attempt begins or ends. */
type Step = Change & { readonly attempt: Attempt }

/** A slot takes the task up. */
export const started = (queued: Task): Step => {
  const task = Result.getOrThrow(queued.start(slot, at(1)))
  const event = PoolEvent.cases.Started.make({ id: task.id, attempt: task.attempts, slot })
  return { task, attempt: attemptOf(task), event }
}

/** The running task comes to an answer. */
export const completed = (
  running: Task,
  end: { readonly output: string; readonly spend: Spend; readonly session?: string }
): Step => {
  const session = end.session === undefined ? null : SessionId.make(end.session)
  const result = new TaskResult({
    summary: "",
    outputChars: end.output.length,
    session,
    model: null,
    denials: [],
    hash: "0".repeat(64)
  })
  const task = Result.getOrThrow(running.complete(running.attempts, result, end.spend, at(2)))
  const outcome = AttemptOutcome.cases.Completed.make({})
  return {
    task,
    attempt: attemptOf(task, { finishedAt: at(2), outcome, session, spend: end.spend }),
    output: end.output,
    event: PoolEvent.cases.Finished.make({ id: task.id, state: "Done" })
  }
}

/** The running task has a result, which waits to be accepted. */
export const presented = (running: Task, evidence: Evidence): Step => {
  const result = new TaskResult({
    summary: "",
    outputChars: 0,
    session: null,
    model: null,
    denials: [],
    hash: "0".repeat(64)
  })
  const shown = Result.getOrThrow(running.present(running.attempts, result, Spend.zero, at(2)))
  const task = new Task({ ...shown, evidence })
  const outcome = AttemptOutcome.cases.Completed.make({})
  return {
    task,
    attempt: attemptOf(task, { finishedAt: at(2), outcome }),
    event: PoolEvent.cases.Presented.make({ id: task.id })
  }
}

/** The running task's attempt fails, and it waits to be tried again. */
export const retried = (running: Task, spend: Spend): Step => {
  const reason = new WorkerLost({ detail: "gone" })
  const task = Result.getOrThrow(running.retry(running.attempts, reason, spend, at(5000)))
  return {
    task,
    attempt: attemptOf(task, { finishedAt: at(2), outcome: AttemptOutcome.cases.Failed.make({ reason }), spend }),
    event: PoolEvent.cases.Requeued.make({ id: task.id, cause: reason.message })
  }
}

export const cancelled = (task: Task, millis = 3): Change => ({
  task: Result.getOrThrow(task.cancel("enough", Spend.zero, at(millis))),
  event: PoolEvent.cases.Finished.make({ id: task.id, state: "Cancelled" })
})
