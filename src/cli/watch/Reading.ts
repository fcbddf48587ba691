/**
 * Reads on in the work that is open: what is new since it was read last, a bounded part of it each time.
 */
import { Effect } from "effect"
import type { Failure } from "../../domain/Failure.ts"
import { isTaskId } from "../../domain/WorkId.ts"
import { Pool } from "../../services/Pool.ts"
import type { Opened } from "./Model.ts"

const pageLength = 200

/** Of very long work, the end is kept. */
const mostTurns = 600

const mostText = 16_000

/** Of work without turns, its answer. */
const answer = Effect.fnUntraced(function*(opened: Opened): Effect.fn.Return<Opened, Failure, Pool> {
  const { text } = yield* (yield* Pool).output(opened.id, { offset: 0, limit: mostText })
  return { ...opened, text }
})

export const readOn = Effect.fnUntraced(function*(opened: Opened): Effect.fn.Return<Opened, Failure, Pool> {
  const pool = yield* Pool
  const { id } = opened
  if (!isTaskId(id)) return opened.text === "" ? yield* answer(opened) : opened
  const task = yield* pool.result(id)
  const { more, seq, turns } = yield* pool.turns(id, { since: opened.seq, limit: pageLength })
  const read = { ...opened, task, seq, more, turns: [...opened.turns, ...turns].slice(-mostTurns) }
  const isEnded = task.state === "done" || task.state === "review"
  return isEnded && read.turns.length === 0 && read.text === "" ? yield* answer(read) : read
})
