/**
 * Groups that are taken up again after they have ended: what failed in them is run again, or they are given other items.
 * What is done is not run a second time.
 */
import { Array, Effect, Order } from "effect"
import type { RetryOptions } from "../../domain/CallOptions.ts"
import { Failure } from "../../domain/Failure.ts"
import type { FanOutItem } from "../../domain/FanOut.ts"
import type { Group } from "../../domain/Group.ts"
import type { GroupId } from "../../domain/GroupId.ts"
import type { RetryReply } from "../../domain/GroupView.ts"
import { BudgetRefused } from "../../domain/LimitFailure.ts"
import { addUsd, zeroUsd } from "../../domain/MicroUsd.ts"
import { PoolEvent } from "../../domain/PoolEvent.ts"
import { InvalidRequest } from "../../domain/RequestFailure.ts"
import type { IllegalTransition, Task } from "../../domain/Task.ts"
import { askedOptions } from "../../domain/TaskRequest.ts"
import { Store } from "../Store.ts"
import type { Member } from "../store/GroupStore.ts"
import { Tasks } from "../Tasks.ts"
import { type Candidate, type GroupAdmission, mustBeGroup, share } from "./GroupAdmission.ts"
import type { GroupRecord } from "./GroupRecord.ts"

const membersTogether = 500

export interface ReopeningOptions {
  readonly admission: GroupAdmission
  readonly record: GroupRecord
  /** Puts the tasks of a group that is on record to work, and watches it. */
  readonly begin: (group: Group, tasks: ReadonlyArray<Task>) => Effect.Effect<void, Failure>
  /** Lets go of a group that has ended. */
  readonly leave: (id: GroupId) => Effect.Effect<void>
}

/** What is done with each item: it is run again, or stays as it is. */
interface Plan {
  readonly rerun: ReadonlyArray<Member>
  readonly kept: ReadonlyArray<Member>
}

const goesOn = (group: Group) =>
  new Failure({
    reason: new InvalidRequest({
      issues: [`${group.id} has not ended`],
      hint: "wait for its end, or cancel it, and then take it up again"
    })
  })

/** The same request once more. One whose own money was not enough gets its share where the group has more now. */
const again = ({ index, task }: Member, { budget, size }: Group): Candidate => {
  const isShort = task.state._tag === "Failed" && task.state.reason._tag === "BudgetExceeded"
  const mine = isShort ? share({ budget, size }) : null
  const content = task.parent?._tag === "Item" ? task.parent.content : ""
  const own = task.options.budget
  return {
    index,
    item: { prompt: task.prompt, ...askedOptions(task.options), budget: mine === null || mine < own ? own : mine },
    content
  }
}

export const makeReopening = Effect.fnUntraced(function*({ admission, begin, leave, record }: ReopeningOptions) {
  const store = yield* Store
  const tasks = yield* Tasks

  const endedGroup = Effect.fnUntraced(function*(id: GroupId) {
    const group = yield* record.find(id)
    return group.isFinished ? group : yield* goesOn(group)
  })

  /** Where not even the cheapest of the tasks can be paid for, none is begun. */
  const mustBeAffordable = Effect.fnUntraced(function*({ budget, id }: Group, rerun: ReadonlyArray<Member>) {
    const amounts = rerun.map(({ task }) => task.options.budget)
    if (budget === null || !Array.isReadonlyArrayNonEmpty(amounts)) return
    const asked = Array.min(amounts, Order.Number)
    const { cost } = yield* store.groups.spent(id)
    if (addUsd(cost, asked) <= budget) return
    const refused = new BudgetRefused({ of: id, asked, cap: budget, settled: cost, reserved: zeroUsd })
    return yield* new Failure({ reason: refused })
  })

  const reopen = Effect.fnUntraced(
    function*(group: Group, { kept, rerun }: Plan): Effect.fn.Return<RetryReply, Failure | IllegalTransition> {
      yield* mustBeAffordable(group, rerun)
      yield* tasks.room(rerun.length)
      const event = PoolEvent.cases.GroupSubmitted.make({ id: group.id, tasks: rerun.length })
      yield* record.record({ group, tasks: rerun, kept, event })
      // Only who has taken it up: somebody else's watch is not to be ended.
      yield* leave(group.id)
      yield* begin(group, rerun.map(({ task }) => task))
      return { id: group.id, rerun: rerun.length, kept: kept.length }
    },
    Effect.uninterruptible
  )

  const members = (group: Group) =>
    Effect.map(
      Effect.forEach(
        Array.range(0, Math.ceil(group.size / membersTogether) - 1),
        (page) => store.groups.members(group.id, { from: page * membersTogether, limit: membersTogether })
      ),
      Array.flatten
    )

  const retry = Effect.fn("FanOut.retry")(function*(id: GroupId, options: RetryOptions = {}) {
    const ended = yield* endedGroup(id)
    const all = yield* members(ended)
    const kept = all.filter(({ task }) => task.state._tag === "Done")
    if (ended.state._tag === "Done") return { id, rerun: 0, kept: kept.length }
    const group = yield* Effect.fromResult(ended.reopen({ size: ended.size, budget: options.budget ?? ended.budget }))
    const undone = all.filter(({ task }) => task.state._tag !== "Done")
    const rerun = yield* admission.makeTasks(undone.map((member) => again(member, group)), group)
    return yield* reopen(group, { kept, rerun })
  })

  /** The newest task that has done what is asked for. */
  const doneBefore = ({ content, index }: Candidate, { id }: Group) =>
    Effect.map(store.groups.byContent(id, content), (known): Member | null => {
      const task = known.find(({ state }) => state._tag === "Done")
      return task === undefined ? null : { index, task }
    })

  const refan = Effect.fn("FanOut.refan")(
    function*(id: GroupId, items: ReadonlyArray<FanOutItem>, options: RetryOptions = {}) {
      const ended = yield* endedGroup(id)
      const group = yield* Effect.fromResult(
        ended.reopen({ size: items.length, budget: options.budget ?? ended.budget })
      )
      yield* mustBeGroup(items.length, group.onFailure)
      const candidates = yield* admission.candidates(items, group)
      const known = yield* Effect.forEach(candidates, (candidate) => doneBefore(candidate, group))
      const rerun = yield* admission.makeTasks(candidates.filter(({ index }) => known[index] === null), group)
      return yield* reopen(group, { kept: known.filter((member) => member !== null), rerun })
    }
  )

  /** Who was overtaken by another one that took it up is told what there is now. */
  const orGoesOn = <A>(id: GroupId, effect: Effect.Effect<A, Failure | IllegalTransition>) =>
    Effect.catchTag(effect, "IllegalTransition", () => Effect.flatMap(record.find(id), goesOn))

  return {
    retry: (id: GroupId, options?: RetryOptions) => orGoesOn(id, retry(id, options)),
    refan: (id: GroupId, items: ReadonlyArray<FanOutItem>, options?: RetryOptions) =>
      orGoesOn(id, refan(id, items, options))
  }
})
