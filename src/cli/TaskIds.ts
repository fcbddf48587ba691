/**
 * The ids of tasks on a command line.
 */
import { Effect, Schema } from "effect"
import { Argument } from "effect/cli"
import { fail, type Failure } from "../domain/Failure.ts"
import { InvalidRequest } from "../domain/RequestFailure.ts"
import { TaskId } from "../domain/TaskId.ts"

export const idArgument = Argument.String("id").pipe(
  Argument.withDescription("Id of a task, such as t_0123456789abcdef")
)

export const readTaskId = (text: string): Effect.Effect<TaskId, Failure> =>
  Schema.is(TaskId)(text)
    ? Effect.succeed(text)
    : fail(
      new InvalidRequest({
        issues: [`${JSON.stringify(text)} is not the id of a task`],
        hint: "an id looks like t_0123456789abcdef; `claude-pool list` shows those there are"
      })
    )
