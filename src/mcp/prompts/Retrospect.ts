/**
 * Recent tasks in numbers: what they came to, why some failed, and what they have cost.
 */
import { Array, DateTime, Effect, Option, Record, Stream } from "effect"
import type { TaskView } from "../../domain/TaskView.ts"
import { Pool } from "../../services/Pool.ts"
import { nextStep } from "../Advice.ts"
import { ownName } from "../resources/RecentWorks.ts"

/** So many tasks are looked at, the newest. */
export const mostTasks = 500
const pageSize = 100
const mostNamed = 5

/** Money as the ledger has it, to a millionth. */
const sum = (views: ReadonlyArray<TaskView>): number =>
  Math.round(views.reduce((total, { cost_usd }) => total + cost_usd, 0) * 1e6) / 1e6

const failuresOf = (failed: ReadonlyArray<TaskView>) =>
  Object.entries(Array.groupBy(failed, ({ error }) => error?.code ?? "unknown"))
    .toSorted(([, one], [, other]) => other.length - one.length)
    .map(([code, views]) => ({
      code,
      tasks: views.length,
      cost_usd: sum(views),
      advice: nextStep(code) ?? "pool_result shows its error",
      ids: views.slice(0, mostNamed).map(({ id }) => id)
    }))

const toRow = (view: TaskView) => {
  const { attempts, cost_usd, id, model, s, state } = view
  return { id, ...ownName(view), state, cost_usd, s, attempts, ...(model === undefined ? {} : { model }) }
}

const costliest = (views: ReadonlyArray<TaskView>) =>
  views.toSorted((one, other) => other.cost_usd - one.cost_usd).slice(0, mostNamed).map(toRow)

const inNumbers = (views: ReadonlyArray<TaskView>) => {
  const failed = views.filter(({ state }) => state === "failed")
  const cancelled = views.filter(({ state }) => state === "cancelled")
  return {
    tasks: views.length,
    states: Record.map(Array.groupBy(views, ({ state }): string => state), ({ length }) => length),
    cost_usd: sum(views),
    cost_of_failed_usd: sum(failed),
    cost_of_cancelled_usd: sum(cancelled),
    tried_more_than_once: views.filter(({ attempts }) => attempts > 1).length,
    failures: failuresOf(failed),
    costliest: costliest(views)
  }
}

/** Of the newest tasks, those that were submitted at this time or later; all of them where none is said. */
export const retrospect = Effect.fnUntraced(function*(since: DateTime.Utc | undefined) {
  const pool = yield* Pool
  const from = since === undefined ? "" : DateTime.formatIso(since)
  const first: { readonly cursor?: string } = {}
  const recent = yield* Stream.paginate(
    first,
    (page) =>
      Effect.map(
        pool.list({ limit: pageSize, ...page }),
        ({ next_cursor, tasks }) =>
          [tasks, next_cursor === undefined ? Option.none() : Option.some({ cursor: next_cursor })] as const
      )
  ).pipe(
    Stream.takeWhile(({ submitted_at }) => submitted_at >= from),
    Stream.take(mostTasks),
    Stream.runCollect
  )
  return {
    ...inNumbers(recent),
    ...(recent.length < mostTasks ? {} : { older: `only the newest ${mostTasks} were looked at` })
  }
})
