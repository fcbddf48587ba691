/**
 * A group at work, from where the store has it to its end: follows the ends of its items and does what its rules ask for.
 * Nothing is known here that is not in the store too, so a watch that was cut off is simply begun again.
 */
import { DateTime, Effect, Queue, Ref, Schedule } from "effect"
import type { Failure } from "../../domain/Failure.ts"
import type { OnItemFailure } from "../../domain/FanOut.ts"
import { type Group, type ItemCounts, nextStep } from "../../domain/Group.ts"
import type { GroupId } from "../../domain/GroupId.ts"
import type { IllegalTransition, Task } from "../../domain/Task.ts"
import type { TaskId } from "../../domain/TaskId.ts"
import { ItemsFailed } from "../../domain/WorkerFailure.ts"
import { Tasks } from "../Tasks.ts"
import { mayPass } from "../tasks/AttemptRun.ts"
import type { GroupEnds } from "./GroupEnds.ts"
import type { GroupRecord } from "./GroupRecord.ts"
import type { Reducing } from "./Reducing.ts"

/** How soon a watch is begun again that the store has cut off. */
const again = Schedule.spaced("5 seconds")

const countEnd = (counts: ItemCounts, { parent, state }: Task): ItemCounts => {
  if (parent?._tag !== "Item") return counts
  const { cancelled, done, failed } = counts
  switch (state._tag) {
    case "Done":
      return { ...counts, open: counts.open - 1, done: done + 1 }
    case "Failed":
      return { ...counts, open: counts.open - 1, failed: failed + 1 }
    case "Cancelled":
      return { ...counts, open: counts.open - 1, cancelled: cancelled + 1 }
    case "Queued":
    case "Running":
    case "InReview":
      return counts
  }
}

/** What is told to items that are stopped for the sake of the group's rules. */
const noteOf = ({ onFailure }: Group, { done }: ItemCounts): string => {
  if (typeof onFailure !== "object") return "another item of its group failed"
  return done >= onFailure.quorum
    ? "enough items of its group are done"
    : "too few items of its group can still be done"
}

/** One answer is made where the group has come to what was asked, and else of what there is, where items stand alone. */
const mayReduce = (onFailure: OnItemFailure, counts: ItemCounts): boolean =>
  nextStep(onFailure, counts) === "end as done" || (onFailure === "continue" && counts.done > 0)

export const makeGroupWatch = Effect.fnUntraced(function*(
  { ends, record, reducing }: { readonly ends: GroupEnds; readonly record: GroupRecord; readonly reducing: Reducing }
) {
  const tasks = yield* Tasks

  /** Waits until no more items are waited for. */
  const itemsEnd = Effect.fnUntraced(function*(group: Group, told: Queue.Dequeue<Task>) {
    const counts = yield* Ref.make(yield* record.counts(group.id))
    const recount = Effect.flatMap(record.counts(group.id), (kept) => Ref.updateAndGet(counts, () => kept))

    const look = Effect.gen(function*() {
      const step = nextStep(group.onFailure, yield* Ref.get(counts))
      if (step === "wait") {
        const ended = yield* Queue.takeAll(told)
        yield* Ref.update(counts, (all) => ended.reduce(countEnd, all))
        return false
      }
      // An end that was told while the store was asked may be counted twice here, and none is missed: the store says.
      const kept = yield* recount
      if (nextStep(group.onFailure, kept) !== step) return false
      if (step !== "stop the rest") return true
      yield* record.stopTasks(group.id, noteOf(group, kept))
      yield* recount
      return false
    })
    yield* Effect.repeat(look, { until: (isOver) => isOver })
    return yield* Ref.get(counts)
  })

  /** How the group ends by its items alone. */
  const verdict = Effect.fnUntraced(function*(group: Group, { cancelled, done, failed }: ItemCounts) {
    const now = yield* DateTime.now
    const step = nextStep(group.onFailure, { cancelled, done, failed, open: 0 })
    return step === "end as done"
      ? group.complete(now)
      : group.fail(new ItemsFailed({ failed, cancelled, of: group.size }), now)
  })

  /** From the end of its items on: it has ended, or an answer is made of them. */
  const conclude = Effect.fnUntraced(function*(group: Group, counts: ItemCounts) {
    if (group.reduce !== null && mayReduce(group.onFailure, counts)) return yield* reducing(group, group.reduce)
    return yield* Effect.fromResult(yield* verdict(group, counts))
  })

  /** How it ends by the task that answers for it. */
  const answer = Effect.fnUntraced(function*(group: Group, reducer: TaskId) {
    const { state } = yield* tasks.ended(reducer)
    const now = yield* DateTime.now
    const end = state._tag === "Failed"
      ? group.fail(state.reason, now)
      : state._tag === "Cancelled"
      ? group.cancel(state.note, now)
      : yield* verdict(group, yield* record.counts(group.id))
    return yield* Effect.fromResult(end)
  })

  const watch = Effect.fnUntraced(function*(id: GroupId) {
    const told = yield* tasks.follow(id)
    const found = yield* record.find(id)
    if (found.isFinished) return yield* record.tell(found)
    const group = found.state._tag === "Running" ? yield* conclude(found, yield* itemsEnd(found, told)) : found
    yield* record.end(group.state._tag === "Reducing" ? yield* answer(group, group.state.task) : group)
  })

  return (id: GroupId): Effect.Effect<void> =>
    Effect.scoped(watch(id)).pipe(
      Effect.tapError((error) => Effect.logWarning(`group ${id} is looked at again: ${error.message}`)),
      Effect.retry({ while: mayPassLater, schedule: again }),
      Effect.catch((error) =>
        error._tag === "Failure"
          ? ends.giveUp(id, error)
          : Effect.die(error)
      )
    )
})

/** A step that was refused has been overtaken by another one: the next look sees it. */
const mayPassLater = (error: Failure | IllegalTransition): boolean =>
  error._tag === "IllegalTransition" || mayPass(error)
