/**
 * The whole text of an answer or of a patch, however many pages it has.
 */
import { Effect, Option, Stream } from "effect"
import type { OutputOptions } from "../domain/CallOptions.ts"
import type { Failure } from "../domain/Failure.ts"
import { TaskId } from "../domain/TaskId.ts"
import type { TaskView } from "../domain/TaskView.ts"
import type { WorkId } from "../domain/WorkId.ts"
import { Pool } from "../services/Pool.ts"

/**
 * In characters: for each page the whole text is looked at. However it is escaped, six times as long at worst, it fits into
 * a message of the pool's, which has 16 MiB.
 */
const pageLength = 2_000_000

/** Of a task; of a group its reducer's, of a chain its last step's. Or what it has changed, as a patch. */
export const readAnswer = (
  id: WorkId,
  from = 0,
  part: Pick<OutputOptions, "part"> = {}
): Effect.Effect<string, Failure, Pool> =>
  Effect.flatMap(Pool, (pool) =>
    Stream.paginate(from, (offset) =>
      Effect.map(
        pool.output(id, { offset, limit: pageLength, ...part }),
        (page) => [[page.text], Option.fromUndefinedOr(page.next_offset)]
      )).pipe(Stream.mkString))

/** Empty where there is none: a task has an answer when it is done, or when its result is to be reviewed. */
export const answerOf = (task: TaskView): Effect.Effect<string, Failure, Pool> =>
  task.state === "done" || task.state === "review" ? readAnswer(TaskId.make(task.id)) : Effect.succeed("")
