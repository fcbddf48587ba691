/**
 * What can be asked of a pool through its store alone: the half of the contract that both kinds of pool share, the one
 * that runs here and the one that only reads beside another.
 */
import { DateTime, Effect, Option } from "effect"
import { viewAttempt } from "../../domain/AttemptView.ts"
import type { ListOptions, OutputOptions } from "../../domain/CallOptions.ts"
import { Failure } from "../../domain/Failure.ts"
import type { OutputReply } from "../../domain/PoolView.ts"
import { InvalidRequest, NotFound } from "../../domain/RequestFailure.ts"
import type { Task, TaskStateTag } from "../../domain/Task.ts"
import type { TaskId } from "../../domain/TaskId.ts"
import { type Live, type StateName, stateName, stateTag, type TaskView, viewTask } from "../../domain/TaskView.ts"
import { isChainId, isTaskId, type WorkId } from "../../domain/WorkId.ts"
import { type PageRequest, Store, type TaskFilter } from "../Store.ts"
import { pageOf } from "../store/OutputPage.ts"
import { type KeptText, makeChainReading } from "./ChainReading.ts"
import { makeGroupReading } from "./GroupReading.ts"
import { makeInboxReading } from "./InboxReading.ts"
import { makeMetricsReading } from "./MetricsReading.ts"
import { makePatchReading } from "./PatchReading.ts"
import { makeTurnReading } from "./TurnReading.ts"
import type { Views } from "./Views.ts"

const filterOf = ({ cursor, limit, name, order, states, tag }: ListOptions): TaskFilter => ({
  limit,
  ...(states === undefined ? {} : { states: states.map(stateTag) }),
  ...(tag === undefined ? {} : { tag }),
  ...(name === undefined ? {} : { name }),
  ...(cursor === undefined ? {} : { cursor }),
  ...(order === undefined ? {} : { order })
})

export const countsByName = (counts: { readonly [K in TaskStateTag]: number }) =>
  Object.fromEntries(
    Object.entries(counts).map(([tag, count]) => [stateName(tag as TaskStateTag), count])
  ) as { readonly [K in StateName]: number }

const noText = (id: WorkId, parts: "steps" | "items") =>
  new Failure({
    reason: new InvalidRequest({
      issues: [`${id} has no text of its own`],
      hint:
        `the tasks of its ${parts} have texts: a list with the tag ${id} names them (pool_list, \`claude-pool list\`)`
    })
  })

/** `live` adds what is known of an unfinished task beside its record. */
export const makeReading = Effect.fnUntraced(function*(live: (task: Task) => Live) {
  const store = yield* Store
  const groups = yield* makeGroupReading
  const chains = yield* makeChainReading(live)
  const patches = yield* makePatchReading

  const inbox = yield* makeInboxReading
  const turns = yield* makeTurnReading
  const metrics = yield* makeMetricsReading

  const view = (task: Task): Effect.Effect<TaskView> =>
    Effect.map(DateTime.now, (now) => viewTask(task, now, task.isFinished ? {} : live(task)))

  const find = Effect.fnUntraced(function*(id: TaskId) {
    const found = yield* store.find(id)
    if (Option.isNone(found)) return yield* new Failure({ reason: new NotFound({ id }) })
    return found.value
  })

  const textOf = Effect.fnUntraced(function*(id: WorkId): Effect.fn.Return<KeptText, Failure> {
    if (isTaskId(id)) return { task: (yield* find(id)).id }
    if (isChainId(id)) return (yield* chains.answer(id)) ?? (yield* noText(id, "steps"))
    const { reducer } = yield* groups.find(id)
    return reducer === null ? yield* noText(id, "items") : { task: reducer }
  })

  const answer = Effect.fnUntraced(function*(id: WorkId, page: PageRequest) {
    const text = yield* textOf(id)
    const kept = "task" in text ? yield* store.output(text.task, page) : Option.some(pageOf(page)(text.text))
    return Option.getOrElse(kept, () => ({ text: "", offset: page.offset, total: 0 }))
  })

  const output = Effect.fn("Pool.output")(function*(
    id: WorkId,
    { part = "text", ...page }: OutputOptions
  ): Effect.fn.Return<OutputReply, Failure> {
    const found = part === "diff" ? yield* patches.patch(id, page) : yield* answer(id, page)
    const next = found.offset + found.text.length
    return {
      id,
      offset: found.offset,
      total: found.total,
      text: found.text,
      ...(next < found.total ? { next_offset: next } : {})
    }
  })

  const list = Effect.fn("Pool.list")(function*(options: ListOptions) {
    const page = yield* store.list(filterOf(options))
    return {
      tasks: yield* Effect.forEach(page.tasks, view),
      total: page.total,
      ...(page.nextCursor === null ? {} : { next_cursor: page.nextCursor })
    }
  })

  const views: Views = {
    task: view,
    find: (id) => Effect.flatMap(find(id), view),
    group: groups.group,
    chain: chains.chain
  }

  return {
    views,
    /** The calls of the contract that need no more than the store. */
    calls: {
      output,
      changes: patches.changes,
      list,
      result: Effect.fn("Pool.result")(views.find),
      group: groups.group,
      groups: groups.groups,
      items: groups.items,
      chain: chains.chain,
      chains: chains.chains,
      attempts: Effect.fn("Pool.attempts")(
        (id: TaskId) =>
          Effect.andThen(find(id), Effect.map(store.attempts(id), (attempts) => attempts.map(viewAttempt)))
      ),
      ...inbox,
      ...turns,
      ...metrics
    }
  }
})
