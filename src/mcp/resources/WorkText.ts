/**
 * `pool://tasks/…`, `pool://groups/…`, `pool://chains/…`: one work as it stands, as JSON, and a task's output in its fence.
 */
import { Effect } from "effect"
import type { TaskId } from "../../domain/TaskId.ts"
import type { TaskView } from "../../domain/TaskView.ts"
import { isGroupId, isTaskId, type WorkId } from "../../domain/WorkId.ts"
import { Pool } from "../../services/Pool.ts"
import { briefChain } from "../ChainBrief.ts"
import { briefGroup } from "../GroupBrief.ts"
import { readOutputPage } from "../OutputPage.ts"
import { briefTask } from "../TaskBrief.ts"
import { outputAddress } from "./Address.ts"

/** Of more of them, the number is known. */
const mostItems = 50
const mostSteps = 50

const firstPage = 8000

const taskValue = (id: TaskId, view: TaskView) => {
  const { attempts, finished_at, model, part_of, submitted_at } = view
  return {
    ...briefTask(view),
    attempts,
    ...(model === undefined ? {} : { model }),
    ...(part_of === undefined ? {} : { part_of }),
    submitted_at,
    ...(finished_at === undefined ? {} : { finished_at }),
    ...(view.output_chars === undefined ? {} : { output: outputAddress(id) })
  }
}

const toItem = ({ cost_usd, id, index, output_chars, state }: TaskView) => ({
  ...(index === undefined ? {} : { index }),
  id,
  state,
  cost_usd,
  ...(output_chars === undefined ? {} : { output_chars })
})

const valueOf = Effect.fnUntraced(function*(id: WorkId) {
  const pool = yield* Pool
  if (isTaskId(id)) return taskValue(id, yield* pool.result(id))
  if (isGroupId(id)) {
    const group = briefGroup(yield* pool.group(id))
    const { items } = yield* pool.items(id, { from: 0, limit: mostItems })
    return { ...group, first: items.map(toItem) }
  }
  const chain = briefChain(yield* pool.chain(id))
  return { ...chain, steps: chain.steps.slice(0, mostSteps) }
})

export const workText = (id: WorkId) => Effect.map(valueOf(id), (value) => JSON.stringify(value))

/** Its first page, and how to get the rest. */
export const outputText = Effect.fnUntraced(function*(id: TaskId) {
  const { fenced, page } = yield* readOutputPage(id, { offset: 0, limit: firstPage })
  const { next_offset } = page
  const next = next_offset === undefined ? {} : { next: `pool_output, id ${id}, offset ${next_offset}` }
  return `${JSON.stringify({ ...page, ...next })}\n${fenced}`
})
