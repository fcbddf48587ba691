/**
 * What can be asked of a pool through its store alone: the half of the contract that both kinds of pool share, the one
 * that runs here and the one that only reads beside another.
 */
import { DateTime, Effect, Option } from "effect"
import { Failure } from "../../domain/Failure.ts"
import type { OutputReply } from "../../domain/PoolView.ts"
import { TaskNotFound } from "../../domain/RequestFailure.ts"
import type { Task, TaskStateTag } from "../../domain/Task.ts"
import type { TaskId } from "../../domain/TaskId.ts"
import { type Live, type StateName, stateName, stateTag, type TaskView, viewTask } from "../../domain/TaskView.ts"
import { Store, type TaskFilter } from "../Store.ts"
import type { ListOptions } from "./Options.ts"

const filterOf = ({ cursor, limit, name, states, tag }: ListOptions): TaskFilter => ({
  limit,
  ...(states === undefined ? {} : { states: states.map(stateTag) }),
  ...(tag === undefined ? {} : { tag }),
  ...(name === undefined ? {} : { name }),
  ...(cursor === undefined ? {} : { cursor })
})

export const countsByName = (counts: { readonly [K in TaskStateTag]: number }) =>
  Object.fromEntries(
    Object.entries(counts).map(([tag, count]) => [stateName(tag as TaskStateTag), count])
  ) as { readonly [K in StateName]: number }

/** `live` adds what is known of an unfinished task beside its record. */
export const makeReading = Effect.fnUntraced(function*(live: (task: Task) => Live) {
  const store = yield* Store

  const view = (task: Task): Effect.Effect<TaskView> =>
    Effect.map(DateTime.now, (now) => viewTask(task, now, task.isFinished ? {} : live(task)))

  const find = Effect.fnUntraced(function*(id: TaskId) {
    const found = yield* store.find(id)
    if (Option.isNone(found)) return yield* new Failure({ reason: new TaskNotFound({ id }) })
    return found.value
  })

  const output = Effect.fn("Pool.output")(
    function*(
      id: TaskId,
      page: { readonly offset: number; readonly limit: number }
    ): Effect.fn.Return<OutputReply, Failure> {
      yield* find(id)
      const found = Option.getOrElse(yield* store.output(id, page), () => ({ text: "", offset: page.offset, total: 0 }))
      const next = found.offset + found.text.length
      return {
        id,
        offset: found.offset,
        total: found.total,
        text: found.text,
        ...(next < found.total ? { next_offset: next } : {})
      }
    }
  )

  const list = Effect.fn("Pool.list")(function*(options: ListOptions) {
    const page = yield* store.list(filterOf(options))
    return {
      tasks: yield* Effect.forEach(page.tasks, view),
      total: page.total,
      ...(page.nextCursor === null ? {} : { next_cursor: page.nextCursor })
    }
  })

  /** Every task that has not finished, oldest first. */
  const unfinished = Effect.gen(function*() {
    const queued = yield* store.queued
    const running = yield* store.running
    return [...running.map(([task]) => task.id), ...queued.map(({ id }) => id)]
  })

  return { view, find, output, list, unfinished, result: (id: TaskId) => Effect.flatMap(find(id), view) }
})

export const waitReply = Effect.fnUntraced(function*(
  tasks: ReadonlyArray<Task>,
  view: (task: Task) => Effect.Effect<TaskView>,
  timedOut: boolean
) {
  return {
    done: yield* Effect.forEach(tasks.filter((task) => task.isFinished), view),
    running: tasks.filter((task) => !task.isFinished).map((task) => task.id),
    timed_out: timedOut
  }
})
