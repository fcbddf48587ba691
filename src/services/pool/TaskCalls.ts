/**
 * The calls of a pool about single tasks.
 */
import { Effect } from "effect"
import type { ApprovalOptions, RetryOptions } from "../../domain/CallOptions.ts"
import type { Failure } from "../../domain/Failure.ts"
import { fail } from "../../domain/Failure.ts"
import { InvalidRequest } from "../../domain/RequestFailure.ts"
import type { Task } from "../../domain/Task.ts"
import type { TaskId } from "../../domain/TaskId.ts"
import { askedOptions, type TaskRequest } from "../../domain/TaskRequest.ts"
import { Tasks } from "../Tasks.ts"
import type { Views } from "./Views.ts"

/** Asks for the same again, whatever has become of it since. */
const requestOf = ({ options, prompt }: Task, key: string, { budget }: RetryOptions): TaskRequest => ({
  ...askedOptions(options),
  prompt,
  key,
  ...(budget === undefined ? {} : { budget })
})

export const makeTaskCalls = Effect.fnUntraced(function*(views: Views) {
  const tasks = yield* Tasks

  const submit = Effect.fn("Pool.submit")((request: TaskRequest) => Effect.flatMap(tasks.submit(request), views.task))

  // Not to be interrupted between the acceptance and the wait: an accepted task that nobody waits for would be left.
  const run = Effect.fn("Pool.run")((request: TaskRequest) =>
    Effect.uninterruptibleMask((restore) =>
      Effect.flatMap(tasks.submit(request), ({ id }) =>
        restore(tasks.settled(id)).pipe(
          Effect.onInterrupt(() => Effect.ignore(tasks.cancel(id, "the caller went away"))),
          Effect.flatMap(views.task)
        ))
    )
  )

  /** A task that has failed stays as it is: another one takes its place, and the key keeps there from being two of them. */
  const retry = (id: TaskId, options: RetryOptions): Effect.Effect<Task, Failure> =>
    Effect.gen(function*() {
      const task = yield* tasks.find(id)
      if (task.parent !== null) {
        return yield* fail(
          new InvalidRequest({
            issues: [`${id} is a part of ${task.parent.id}`],
            hint: `retry ${task.parent.id}: of a group and a chain only what is not done is run again`
          })
        )
      }
      if (task.state._tag !== "Failed" && task.state._tag !== "Cancelled") {
        return yield* fail(
          new InvalidRequest({
            issues: [`${id} has not failed`],
            hint: "only what failed or was cancelled is run again"
          })
        )
      }
      const next = yield* tasks.submit(requestOf(task, `retry of ${id}`, options))
      return next.state._tag === "Failed" || next.state._tag === "Cancelled" ? yield* retry(next.id, options) : next
    })

  return {
    submit,
    run,
    retry,
    approve: Effect.fn("Pool.approve")((id: TaskId, options: ApprovalOptions = {}) =>
      Effect.flatMap(tasks.approve(id, options), views.task)
    ),
    reject: Effect.fn("Pool.reject")((id: TaskId, feedback: string) =>
      Effect.flatMap(tasks.reject(id, feedback), views.task)
    )
  }
})
