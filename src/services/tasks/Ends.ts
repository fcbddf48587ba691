/**
 * Who waits for tasks: for one, until it has ended or until somebody has to look at it, and for all that are part of
 * something. They are told once it is on record, and everybody is told.
 */
import { Deferred, Effect, Queue, type Scope } from "effect"
import type { ChainId } from "../../domain/ChainId.ts"
import type { Failure } from "../../domain/Failure.ts"
import type { GroupId } from "../../domain/GroupId.ts"
import type { Task } from "../../domain/Task.ts"
import type { TaskId } from "../../domain/TaskId.ts"

export interface Ends {
  /** Waits for the end of a task. */
  readonly ended: (id: TaskId) => Effect.Effect<Task, Failure>
  /** Waits until it has ended or waits for its review. */
  readonly settled: (id: TaskId) => Effect.Effect<Task, Failure>
  /** Every end of a task of that parent from now on. */
  readonly follow: (parent: GroupId | ChainId) => Effect.Effect<Queue.Dequeue<Task>, never, Scope.Scope>
  /** Tells where a task has come to. */
  readonly announce: (task: Task) => Effect.Effect<void>
  /** Tells whoever waits for a task that nobody will know its end. */
  readonly giveUp: (id: TaskId, failure: Failure) => Effect.Effect<void>
}

/** One kind of wait: until `isOver`. */
const makeWaits = (
  find: (id: TaskId) => Effect.Effect<Task, Failure>,
  isOver: (task: Task) => boolean
) => {
  const waits = new Map<TaskId, Deferred.Deferred<Task, Failure>>()

  const close = (id: TaskId, outcome: Effect.Effect<Task, Failure>) =>
    Effect.suspend(() => {
      const wait = waits.get(id)
      waits.delete(id)
      return wait === undefined ? Effect.void : Effect.asVoid(Deferred.completeWith(wait, outcome))
    })

  const wait = Effect.fnUntraced(function*(id: TaskId) {
    const end = waits.get(id) ?? Deferred.makeUnsafe<Task, Failure>()
    waits.set(id, end)
    // Looked at after the wait is set up, so that an end in between is not missed.
    const task = yield* find(id)
    if (!isOver(task)) return yield* Deferred.await(end)
    waits.delete(id)
    return task
  })

  const announce = (task: Task) => isOver(task) ? close(task.id, Effect.succeed(task)) : Effect.void
  return { wait, announce, giveUp: (id: TaskId, failure: Failure) => close(id, Effect.fail(failure)) }
}

/** `leave` lets go of what a task has had, once all have been told. */
export const makeEnds = (
  find: (id: TaskId) => Effect.Effect<Task, Failure>,
  leave: (task: Task) => Effect.Effect<void>
): Ends => {
  const ended = makeWaits(find, (task) => task.isFinished)
  const settled = makeWaits(find, (task) => task.isSettled)
  const followers = new Map<string, Set<Queue.Queue<Task>>>()

  const follow = (parent: GroupId | ChainId) =>
    Effect.acquireRelease(
      Effect.map(Queue.unbounded<Task>(), (queue) => {
        followers.set(parent, (followers.get(parent) ?? new Set()).add(queue))
        return queue
      }),
      (queue) => {
        const all = followers.get(parent)
        all?.delete(queue)
        if (all?.size === 0) followers.delete(parent)
        return Queue.shutdown(queue)
      }
    )

  const tellFollowers = (task: Task) =>
    Effect.suspend(() => {
      const all = task.isFinished && task.parent !== null ? followers.get(task.parent.id) : undefined
      return Effect.forEach(all ?? [], (queue) => Queue.offer(queue, task), { discard: true })
    })

  return {
    ended: Effect.fn("Tasks.ended")(ended.wait),
    settled: Effect.fn("Tasks.settled")(settled.wait),
    follow: Effect.fn("Tasks.follow")(follow),
    announce: (task) =>
      Effect.all([ended.announce(task), settled.announce(task), tellFollowers(task), leave(task)], { discard: true }),
    giveUp: (id, failure) => Effect.andThen(ended.giveUp(id, failure), settled.giveUp(id, failure))
  }
}
