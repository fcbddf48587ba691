/**
 * What a new owner does with the tasks that the last one left running: their attempts are closed as interrupted, and
 * they wait again, uncharged; one that has seen its pool end too often is not started again by itself.
 */
import { DateTime, Effect } from "effect"
import { Attempt, AttemptOutcome } from "../../domain/Attempt.ts"
import type { Failure } from "../../domain/Failure.ts"
import { PoolEvent } from "../../domain/PoolEvent.ts"
import { Spend } from "../../domain/Spend.ts"
import type { IllegalTransition, Task } from "../../domain/Task.ts"
import { Interrupted } from "../../domain/WorkerFailure.ts"
import { Store } from "../Store.ts"

const mostCrashes = 3

/** Nobody was there to hear what the attempt had cost: its figures are a lower bound. */
const unheard = new Spend({ ...Spend.zero, exact: false })

const recoverTask = Effect.fnUntraced(function*(task: Task, attempt: Attempt) {
  const store = yield* Store
  const now = yield* DateTime.now
  const closed = new Attempt({
    ...attempt,
    finishedAt: now,
    outcome: AttemptOutcome.cases.Interrupted.make({ by: "crash" }),
    spend: attempt.spend.plus(unheard)
  })
  const crashes = task.crashes + 1
  const hopeless = crashes >= mostCrashes
  const next = yield* Effect.fromResult(
    hopeless
      ? task.fail(attempt.number, new Interrupted({ times: crashes }), unheard, now)
      : task.requeue(attempt.number, "crash", unheard)
  )
  const event = hopeless
    ? PoolEvent.cases.Finished.make({ id: task.id, state: "Failed" })
    : PoolEvent.cases.Requeued.make({ id: task.id, cause: "crash" })
  yield* store.commit({ task: next, attempt: closed, event })
})

/** How many tasks were found running. */
export const recoverTasks: Effect.Effect<number, Failure | IllegalTransition, Store> = Effect.gen(function*() {
  const store = yield* Store
  const left = yield* store.running
  yield* Effect.forEach(left, ([task, attempt]) => recoverTask(task, attempt), { discard: true })
  return left.length
})
