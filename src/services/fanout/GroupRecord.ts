/**
 * What all that happens to a group has in common: how it is found, how its steps are put on record, how its lane and its
 * purse are opened and closed, and how all that is open in it is stopped.
 */
import { Effect, Option } from "effect"
import { Failure } from "../../domain/Failure.ts"
import type { Group, ItemCounts } from "../../domain/Group.ts"
import type { GroupId } from "../../domain/GroupId.ts"
import { PoolEvent } from "../../domain/PoolEvent.ts"
import { NotFound } from "../../domain/RequestFailure.ts"
import { Budget } from "../Budget.ts"
import { Events } from "../Events.ts"
import { Store } from "../Store.ts"
import type { GroupChange } from "../store/GroupStore.ts"
import { Tasks } from "../Tasks.ts"
import type { GroupEnds } from "./GroupEnds.ts"

/** So many tasks are stopped together. */
const stoppedTogether = 256

export const makeGroupRecord = Effect.fnUntraced(function*(ends: GroupEnds) {
  const store = yield* Store
  const tasks = yield* Tasks
  const budget = yield* Budget
  const events = yield* Events

  const find = Effect.fnUntraced(function*(id: GroupId) {
    const found = yield* store.groups.find(id)
    if (Option.isNone(found)) return yield* new Failure({ reason: new NotFound({ id }) })
    return found.value
  })

  const counts = Effect.fnUntraced(function*(id: GroupId): Effect.fn.Return<ItemCounts, Failure> {
    const all = yield* store.groups.counts(id)
    return {
      done: all.Done,
      failed: all.Failed,
      cancelled: all.Cancelled,
      open: all.Queued + all.Running + all.InReview
    }
  })

  /** Its limit and its money hold from now on. */
  const open = Effect.fnUntraced(function*(group: Group) {
    yield* tasks.limit(group.id, group.concurrency)
    const { cost } = yield* store.groups.spent(group.id)
    yield* budget.open(group.id, { cap: group.budget, settled: cost, within: group.within })
  })

  /** Who waits for the end is told last, for then nothing more is done. */
  const tell = (group: Group) =>
    group.isFinished
      ? Effect.all([tasks.limit(group.id, null), budget.close(group.id), ends.announce(group)], { discard: true })
      : Effect.void

  /** A step is on record before it is told. */
  const record = (change: GroupChange) =>
    Effect.uninterruptible(Effect.gen(function*() {
      yield* store.groups.commit(change)
      yield* events.publish(change.event)
      yield* tell(change.group)
    }))

  const end = (group: Group) => {
    const state = group.state._tag === "Done" || group.state._tag === "Cancelled" ? group.state._tag : "Failed"
    return record({ group, event: PoolEvent.cases.GroupFinished.make({ id: group.id, state }) })
  }

  /** Stops all that is open in it, and starts nothing more of it meanwhile. */
  const stopTasks = Effect.fnUntraced(function*(id: GroupId, note: string) {
    yield* tasks.limit(id, 0)
    const stopSome = Effect.gen(function*() {
      const open = yield* store.list({ tag: id, states: ["Queued", "Running", "InReview"], limit: stoppedTogether })
      yield* Effect.forEach(open.tasks, (task) => tasks.cancel(task.id, note), {
        concurrency: "unbounded",
        discard: true
      })
      return open.tasks.length
    })
    yield* Effect.repeat(stopSome, { until: (stopped) => stopped === 0 })
  })

  return { find, counts, open, tell, record, end, stopTasks }
})

export type GroupRecord = Effect.Success<ReturnType<typeof makeGroupRecord>>
