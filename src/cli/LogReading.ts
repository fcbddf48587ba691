/**
 * What there is to read of work: the turns of a task, or of all tasks of a group or chain, in the order of time; once, or
 * again and again until the work has ended.
 */
import { Effect, Option, Stream } from "effect"
import type { Failure } from "../domain/Failure.ts"
import { GroupId } from "../domain/GroupId.ts"
import { TaskId } from "../domain/TaskId.ts"
import type { TaskView } from "../domain/TaskView.ts"
import type { TurnView } from "../domain/Turn.ts"
import { isGroupId, isTaskId, type WorkId } from "../domain/WorkId.ts"
import { Pool } from "../services/Pool.ts"
import { isFinished } from "./ExitCode.ts"
import type { LogEntry } from "./LogLines.ts"

/** An entry, with the task that it is of. */
export interface ReadEntry extends LogEntry {
  readonly task: TaskView
  /** Pieces before it that are not kept. */
  readonly missing: number
}

export interface ReadOptions {
  /** Of a task: only what came after this number. */
  readonly since: number
  readonly attempt: number | null
}

const pageLength = 500

/** All tasks of a group or chain, by its tag, the oldest first. */
const tasksOf = (tag: string): Effect.Effect<ReadonlyArray<TaskView>, Failure, Pool> =>
  Effect.flatMap(Pool, (pool) =>
    Stream.paginate(undefined as string | undefined, (cursor) =>
      Effect.map(
        pool.list({ tag, limit: pageLength, ...(cursor === undefined ? {} : { cursor }) }),
        (page) => [page.tasks, Option.fromUndefinedOr(page.next_cursor)]
      )).pipe(Stream.runCollect, Effect.map((tasks) => tasks.toReversed())))

const partOf = ({ id, index, step }: TaskView): string => {
  if (step !== undefined) return step
  return index === undefined ? id : `${index}`
}

interface Found {
  readonly tasks: ReadonlyArray<{ readonly task: TaskView; readonly part: string }>
  readonly isOver: boolean
}

/** The tasks that there are now, each with what it is called here, and whether there will be no more. */
const find = Effect.fnUntraced(function*(id: WorkId): Effect.fn.Return<Found, Failure, Pool> {
  const pool = yield* Pool
  if (isTaskId(id)) {
    const task = yield* pool.result(id)
    return { tasks: [{ task, part: "" }], isOver: isFinished(task) }
  }
  if (isGroupId(id)) {
    const group = yield* pool.group(id)
    const tasks = yield* tasksOf(id)
    return { tasks: tasks.map((task) => ({ task, part: partOf(task) })), isOver: isFinished(group) }
  }
  const chain = yield* pool.chain(id)
  const own = (yield* tasksOf(id)).map((task) => ({ task, part: partOf(task) }))
  const groups = chain.steps.flatMap(({ group, name }) =>
    group === undefined ? [] : [{ name, id: GroupId.make(group) }]
  )
  const items = yield* Effect.forEach(
    groups,
    ({ id: group, name }) =>
      Effect.map(tasksOf(group), (tasks) => tasks.map((task) => ({ task, part: `${name} ${partOf(task)}` })))
  )
  return { tasks: [...own, ...items.flat()], isOver: isFinished(chain) }
})

/** All that are kept after a number. */
const turnsAfter = (task: TaskId, from: number): Stream.Stream<TurnView, Failure, Pool> =>
  Stream.unwrap(Effect.map(Pool, (pool) =>
    Stream.paginate(from, (after) =>
      Effect.map(
        pool.turns(task, { since: after, limit: pageLength }),
        (page) => [page.turns, page.more ? Option.some(page.seq) : Option.none<number>()]
      ))))

/** Reads on, from where it was: each look has what is new since the last. */
export const makeLogReading = (id: WorkId, { attempt, since }: ReadOptions) => {
  const read = new Map<string, number>()
  const drained = new Set<string>()

  const entriesOf = Effect.fnUntraced(function*(task: TaskView, part: string) {
    const from = read.get(task.id) ?? since
    const turns = yield* Stream.runCollect(turnsAfter(TaskId.make(task.id), from))
    let last = from
    const entries: Array<ReadEntry> = []
    for (const turn of turns) {
      if (attempt === null || turn.attempt === attempt) {
        entries.push({ part, turn, task, missing: turn.seq - last - 1 })
      }
      last = turn.seq
    }
    read.set(task.id, last)
    // The task was looked at before its turns: if it had ended then, these are all.
    if (isFinished(task)) drained.add(task.id)
    return entries
  })

  /** What is new, in the order of time, and whether it is all that there will ever be. */
  const look = Effect.gen(function*() {
    const { isOver, tasks } = yield* find(id)
    const left = tasks.filter(({ task }) => !drained.has(task.id) && (task.attempts > 0 || isTaskId(id)))
    const found = yield* Effect.forEach(left, ({ part, task }) => entriesOf(task, part))
    const entries = found.flat().toSorted((one, other) =>
      one.turn.at < other.turn.at ? -1 : Number(one.turn.at > other.turn.at)
    )
    return { entries, isOver }
  })

  return { look }
}
