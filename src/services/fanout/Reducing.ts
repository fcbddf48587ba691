/**
 * The task that makes one answer of a group's outcomes.
 */
import { Array, DateTime, Effect, Option, Result } from "effect"
import { SecureRandom } from "effect/crypto"
import { Hex } from "effect/encoding"
import { Failure } from "../../domain/Failure.ts"
import type { Reduction } from "../../domain/FanOut.ts"
import type { Group } from "../../domain/Group.ts"
import { BudgetRefused } from "../../domain/LimitFailure.ts"
import { lessUsd, zeroUsd } from "../../domain/MicroUsd.ts"
import { answerLimit, type Outcome, renderOutcomes, renderReduction } from "../../domain/Outcomes.ts"
import { Parent } from "../../domain/Parent.ts"
import { PoolEvent } from "../../domain/PoolEvent.ts"
import { type IllegalTransition, Task } from "../../domain/Task.ts"
import { TaskId } from "../../domain/TaskId.ts"
import type { TaskRequest } from "../../domain/TaskRequest.ts"
import { parseTemplate } from "../../domain/Template.ts"
import { Events } from "../Events.ts"
import { Store } from "../Store.ts"
import type { Member } from "../store/GroupStore.ts"
import { Tasks } from "../Tasks.ts"
import type { GroupRecord } from "./GroupRecord.ts"

const membersTogether = 500
const nonceBytes = 8

/** Starts the task, and answers with the group as it then is: it waits for that task, or has failed with it. */
export type Reducing = (group: Group, reduce: Reduction) => Effect.Effect<Group, Failure | IllegalTransition>

export const makeReducing = Effect.fnUntraced(function*(record: GroupRecord) {
  const store = yield* Store
  const tasks = yield* Tasks
  const events = yield* Events
  const random = yield* SecureRandom.SecureRandom

  const answerOf = Effect.fnUntraced(function*({ id, state }: Task, limit: number) {
    if (state._tag !== "Done") return null
    const { structured } = state.result
    if (structured !== undefined) {
      const text = JSON.stringify(structured)
      return { text, chars: text.length }
    }
    const page = yield* store.output(id, { offset: 0, limit: limit + 1 })
    return Option.match(page, { onNone: () => null, onSome: ({ text, total }) => ({ text, chars: total }) })
  })

  const outcomesOf = (group: Group) => {
    const limit = answerLimit(group.size)
    const outcome = ({ index, task }: Member) =>
      Effect.map(answerOf(task, limit), (answer): Outcome => ({ index, task, answer }))
    const pages = Array.range(0, Math.ceil(group.size / membersTogether) - 1)
    return Effect.map(
      Effect.forEach(pages, (page) =>
        Effect.flatMap(
          store.groups.members(group.id, { from: page * membersTogether, limit: membersTogether }),
          Effect.forEach(outcome)
        )),
      Array.flatten
    )
  }

  const requestOf = Effect.fnUntraced(function*(group: Group, reduce: Reduction) {
    const outcomes = yield* outcomesOf(group)
    const nonce = Hex.encode(yield* random.randomBytes(nonceBytes))
    const template = Result.getOrElse(parseTemplate(reduce.prompt), () => ({
      source: reduce.prompt,
      parts: [reduce.prompt]
    }))
    const prompt = renderReduction(template, renderOutcomes(outcomes, nonce))
    return { ...reduce, prompt, key: `${group.id}/reduce/${group.retries}` } satisfies TaskRequest
  })

  /** The task, which may cost what the others have left, where nothing is said. */
  const taskOf = Effect.fnUntraced(function*(group: Group, reduce: Reduction): Effect.fn.Return<Task, Failure> {
    const parent = Parent.cases.Reducer.make({ id: group.id })
    const task = yield* tasks.prepare(yield* requestOf(group, reduce), parent, group.within)
    if (group.budget === null || reduce.budget !== undefined) return task
    const { cost } = yield* store.groups.spent(group.id)
    const [asked, left] = [task.options.budget, lessUsd(group.budget, cost)]
    if (left >= asked) return task
    if (left > 0) return new Task({ ...task, options: { ...task.options, budget: left } })
    const refused = new BudgetRefused({ of: group.id, asked, cap: group.budget, settled: cost, reserved: zeroUsd })
    return yield* new Failure({ reason: refused })
  })

  const keep = Effect.fnUntraced(function*(task: Task) {
    const kept = yield* store.accept(task)
    yield* events.publish(PoolEvent.cases.Submitted.make({ id: kept.id }))
    return kept
  }, Effect.uninterruptible)

  /** One that was kept before a crash has another nonce in its prompt, and is known by its key. */
  const keepOnce = (task: Task) =>
    Effect.catchReason(keep(task), "Failure", "KeyConflict", ({ id }) => tasks.find(TaskId.make(id)))

  return Effect.fn("FanOut.reduce")(
    function*(group: Group, reduce: Reduction): Effect.fn.Return<Group, Failure | IllegalTransition> {
      const made = yield* Effect.result(taskOf(group, reduce))
      if (Result.isFailure(made)) {
        const { reason } = made.failure
        if (reason._tag === "StoreUnusable") return yield* made.failure
        return yield* Effect.fromResult(group.fail(reason, yield* DateTime.now))
      }
      const task = yield* keepOnce(made.success)
      const reducing = yield* Effect.fromResult(group.startReducing(task.id))
      yield* record.record({ group: reducing, event: PoolEvent.cases.GroupSubmitted.make({ id: group.id, tasks: 1 }) })
      yield* tasks.limit(group.id, group.concurrency)
      yield* tasks.enqueue([task])
      return reducing
    }
  ) satisfies Reducing as Reducing
})
