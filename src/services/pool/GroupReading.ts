/**
 * What can be asked of groups through the store alone.
 */
import { DateTime, Effect, Option } from "effect"
import type { PageOptions } from "../../domain/CallOptions.ts"
import { Failure } from "../../domain/Failure.ts"
import type { Group } from "../../domain/Group.ts"
import type { GroupId } from "../../domain/GroupId.ts"
import type { GroupStateName, GroupView, ItemsReply } from "../../domain/GroupView.ts"
import { toUsd } from "../../domain/MicroUsd.ts"
import type { GroupsReply } from "../../domain/PoolView.ts"
import { NotFound } from "../../domain/RequestFailure.ts"
import { seconds, type TaskView, viewFailure, viewTask } from "../../domain/TaskView.ts"
import { Store } from "../Store.ts"
import type { Member } from "../store/GroupStore.ts"

const stateNames: { readonly [K in Group["state"]["_tag"]]: GroupStateName } = {
  Running: "running",
  Reducing: "reducing",
  Done: "done",
  Failed: "failed",
  Cancelled: "cancelled"
}

/** One that was done before may stand in another place now. */
const viewMember = ({ index, task }: Member, now: DateTime.Utc): TaskView => ({ ...viewTask(task, now), index })

export const makeGroupReading = Effect.gen(function*() {
  const store = yield* Store

  const find = Effect.fnUntraced(function*(id: GroupId) {
    const found = yield* store.groups.find(id)
    if (Option.isNone(found)) return yield* new Failure({ reason: new NotFound({ id }) })
    return found.value
  })

  /** How the answer of the group begins, or why there is none. */
  const summaryOf = Effect.fnUntraced(function*({ reducer, state }: Group) {
    if (state._tag === "Cancelled") return state.note
    const found = reducer === null ? Option.none() : yield* store.find(reducer)
    return Option.isSome(found) && found.value.state._tag === "Done" ? found.value.state.result.summary : ""
  })

  const view = Effect.fnUntraced(function*(group: Group): Effect.fn.Return<GroupView, Failure> {
    const { id, state } = group
    const counts = yield* store.groups.counts(id)
    const { cost, exact } = yield* store.groups.spent(id)
    const summary = yield* summaryOf(group)
    return {
      id,
      state: stateNames[state._tag],
      ...(group.name === null ? {} : { name: group.name }),
      ...(group.within === null ? {} : { part_of: group.within }),
      items: group.size,
      counts: {
        queued: counts.Queued,
        running: counts.Running,
        review: counts.InReview,
        done: counts.Done,
        failed: counts.Failed,
        cancelled: counts.Cancelled
      },
      cost_usd: toUsd(cost),
      ...(exact ? {} : { cost_exact: false as const }),
      s: seconds(group.submittedAt, group.finishedAt ?? (yield* DateTime.now)),
      submitted_at: DateTime.formatIso(group.submittedAt),
      ...(group.finishedAt === null ? {} : { finished_at: DateTime.formatIso(group.finishedAt) }),
      ...(group.reducer === null ? {} : { reducer: group.reducer }),
      ...(summary === "" ? {} : { summary }),
      ...(group.retries === 0 ? {} : { retries: group.retries }),
      ...(state._tag === "Failed" ? { error: viewFailure(state.reason) } : {})
    }
  })

  const groups = Effect.fn("Pool.groups")(
    function*(page: PageOptions): Effect.fn.Return<GroupsReply, Failure> {
      const { groups, nextCursor } = yield* store.groups.list(page)
      return {
        groups: yield* Effect.forEach(groups, view),
        ...(nextCursor === null ? {} : { next_cursor: nextCursor })
      }
    }
  )

  const items = Effect.fn("Pool.items")(
    function*(
      id: GroupId,
      page: { readonly from: number; readonly limit: number }
    ): Effect.fn.Return<ItemsReply, Failure> {
      const { size } = yield* find(id)
      const members = yield* store.groups.members(id, page)
      const now = yield* DateTime.now
      const next = (members.at(-1)?.index ?? size) + 1
      return {
        items: members.map((member) => viewMember(member, now)),
        total: size,
        ...(next < size ? { next_index: next } : {})
      }
    }
  )

  return { view, find, group: Effect.fn("Pool.group")((id: GroupId) => Effect.flatMap(find(id), view)), groups, items }
})
