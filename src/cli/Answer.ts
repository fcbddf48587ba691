/**
 * The whole text of a finished task, however many pages it has.
 */
import { Effect, Option, Stream } from "effect"
import type { Failure } from "../domain/Failure.ts"
import { TaskId } from "../domain/TaskId.ts"
import type { TaskView } from "../domain/TaskView.ts"
import { Pool } from "../services/Pool.ts"

const pageLength = 100_000

export const readAnswer = (id: TaskId, from = 0): Effect.Effect<string, Failure, Pool> =>
  Effect.flatMap(Pool, (pool) =>
    Stream.paginate(from, (offset) =>
      Effect.map(
        pool.output(id, { offset, limit: pageLength }),
        (page) => [[page.text], Option.fromUndefinedOr(page.next_offset)]
      )).pipe(Stream.mkString))

/** The answer of a task: only one that is done has any. */
export const answerOf = (task: TaskView): Effect.Effect<string, Failure, Pool> =>
  task.state === "done" ? readAnswer(TaskId.make(task.id)) : Effect.succeed("")
