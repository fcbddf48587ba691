/**
 * How tasks get into the queue: checked, kept, and then offered.
 */
import { Effect } from "effect"
import { Failure } from "../../domain/Failure.ts"
import { QueueFull } from "../../domain/LimitFailure.ts"
import type { Parent } from "../../domain/Parent.ts"
import { PoolEvent } from "../../domain/PoolEvent.ts"
import type { Task } from "../../domain/Task.ts"
import type { TaskRequest } from "../../domain/TaskRequest.ts"
import { Budget } from "../Budget.ts"
import { Events } from "../Events.ts"
import { Store } from "../Store.ts"
import { type Backlog, waitingOf } from "./Backlog.ts"

export interface IntakeOptions {
  readonly backlog: Backlog
  readonly queueLimit: number
  readonly prepare: (request: TaskRequest, parent: Parent | null) => Effect.Effect<Task, Failure>
  /** Fails where nothing is taken in. */
  readonly mustBeOpen: Effect.Effect<void, Failure>
}

export const makeIntake = Effect.fnUntraced(function*({ backlog, mustBeOpen, prepare, queueLimit }: IntakeOptions) {
  const store = yield* Store
  const events = yield* Events
  const budget = yield* Budget

  const room = Effect.fnUntraced(function*(asked: number) {
    yield* mustBeOpen
    if ((yield* backlog.size) + asked > queueLimit) {
      return yield* new Failure({ reason: new QueueFull({ limit: queueLimit }) })
    }
  })

  // A task of before may be left from an earlier pool: who asks for it wants it to be run.
  const offer = (task: Task) =>
    task.state._tag === "Queued" && !backlog.has(task.id)
      ? backlog.offer(waitingOf(task), task.state.notBefore)
      : Effect.void

  const accept = Effect.fnUntraced(function*(task: Task) {
    const kept = yield* store.accept(task)
    if (kept.id === task.id) yield* events.publish(PoolEvent.cases.Submitted.make({ id: kept.id }))
    yield* offer(kept)
    return kept
  }, Effect.uninterruptible)

  const submit = Effect.fn("Tasks.submit")(function*(request: TaskRequest, parent: Parent | null = null) {
    yield* mustBeOpen
    const task = yield* prepare(request, parent)
    const refused = yield* budget.hopeless(task.options.budget, parent?.id)
    if (refused !== null) return yield* new Failure({ reason: refused })
    yield* room(1)
    return yield* accept(task)
  })

  return {
    submit,
    room: Effect.fn("Tasks.room")(room),
    enqueue: Effect.fn("Tasks.enqueue")((tasks: ReadonlyArray<Task>) =>
      Effect.uninterruptible(Effect.forEach(tasks, offer, { discard: true }))
    )
  }
})
