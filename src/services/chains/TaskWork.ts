/**
 * Work that one task does.
 */
import { Effect, Option, Ref } from "effect"
import type { Failure } from "../../domain/Failure.ts"
import type { Parent } from "../../domain/Parent.ts"
import { Cancelled } from "../../domain/RequestFailure.ts"
import { StepOutcome, type StepRecord } from "../../domain/StepRecord.ts"
import type { Task } from "../../domain/Task.ts"
import type { TaskId } from "../../domain/TaskId.ts"
import type { TaskRequest } from "../../domain/TaskRequest.ts"
import { Store } from "../Store.ts"
import { Tasks } from "../Tasks.ts"
import type { Begun, Came } from "./Journal.ts"
import { failedWith, handedOut, patiently } from "./StepFailure.ts"

/** What a finished task has come to; null where it has not finished. */
const cameOf = (task: Task): Came | null => {
  const { state } = task
  switch (state._tag) {
    case "Done": {
      const { outputChars, structured } = state.result
      const value = structured === undefined ? {} : { value: structured }
      return {
        outcome: StepOutcome.cases.Done.make({ result: { output: null, outputChars, ...value } }),
        task: task.id,
        group: null
      }
    }
    case "Failed":
      return { ...failedWith(state.reason), task: task.id }
    case "Cancelled":
      return { ...failedWith(new Cancelled({ note: state.note })), task: task.id }
    case "Queued":
    case "Running":
    case "InReview":
      return null
  }
}

export const makeTaskWork = Effect.gen(function*() {
  const tasks = yield* Tasks
  const store = yield* Store

  /** `note` is what the task is told where it is stopped. */
  const begin = (asked: Effect.Effect<TaskRequest, Failure>, parent: Parent, note: string): Effect.Effect<Begun> =>
    Effect.map(Ref.make<TaskId | null>(null), (started): Begun => {
      // Not to be interrupted between the acceptance and the wait: an accepted task that nobody stops would be left.
      const submit = (request: TaskRequest) =>
        Effect.uninterruptible(Effect.tap(tasks.submit(request, parent), ({ id }) => Ref.set(started, id)))
      const came = Effect.gen(function*() {
        const { id } = yield* patiently(submit(yield* asked), tasks.open)
        return cameOf(yield* tasks.ended(id)) ?? (yield* Effect.die(new Error(`${id} ended and has not finished`)))
      })
      const stop = Effect.gen(function*(): Effect.fn.Return<Came | null, Failure> {
        const id = yield* Ref.get(started)
        if (id === null) return null
        yield* tasks.cancel(id, note)
        const task = yield* tasks.find(id)
        return task.state._tag === "Done" ? cameOf(task) : null
      })
      return { came: handedOut(came), stop }
    })

  /** The whole text of a task's answer. */
  const output = (task: TaskId): Effect.Effect<string, Failure> =>
    Effect.map(
      store.output(task, { offset: 0, limit: Number.MAX_SAFE_INTEGER }),
      Option.match({ onNone: () => "", onSome: ({ text }) => text })
    )

  /** The whole text that a step has left. */
  const textOf = ({ outcome, task }: StepRecord): Effect.Effect<string, Failure> => {
    if (outcome._tag !== "Done") return Effect.succeed("")
    if (outcome.result.output !== null) return Effect.succeed(outcome.result.output)
    return task === null ? Effect.succeed("") : output(task)
  }

  return { begin, output, textOf }
})

export type TaskWork = Effect.Success<typeof makeTaskWork>
