/**
 * Random histories of a pool: whatever happens, in whatever order, every task ends once, nothing illegal is written, and
 * no more money is spent and promised than there is.
 */
import { assert, describe, it } from "@effect/vitest"
import { Context, Deferred, Duration, Effect, Exit, Layer, Option, Ref, Schema, Scope } from "effect"
import type { Attempt } from "../src/domain/Attempt.ts"
import { Failure } from "../src/domain/Failure.ts"
import { fromUsd } from "../src/domain/MicroUsd.ts"
import type { PoolEvent } from "../src/domain/PoolEvent.ts"
import type { Task } from "../src/domain/Task.ts"
import { TaskId } from "../src/domain/TaskId.ts"
import { ProviderFailed, RequestRejected } from "../src/domain/WorkerFailure.ts"
import * as StoreDirectory from "../src/layers/StoreDirectory.ts"
import { Budget } from "../src/services/Budget.ts"
import type { Answer } from "../src/services/ClaudeCli.ts"
import { Pool } from "../src/services/Pool.ts"
import { Store } from "../src/services/Store.ts"
import { answer, spendOf } from "./support/ScriptedClaude.ts"
import { testPool } from "./support/TestPool.ts"
import { pass, settle } from "./support/Time.ts"

const which = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 5 }))

const Step = Schema.Union([
  Schema.TaggedStruct("Submit", { timeout: Schema.Literals(["short", "long"]), reviewed: Schema.Boolean }),
  Schema.TaggedStruct("Finish", { which }),
  Schema.TaggedStruct("Fail", { which, passes: Schema.Boolean }),
  Schema.TaggedStruct("Cancel", { which }),
  Schema.TaggedStruct("Approve", { which, times: Schema.Literals([1, 2]) }),
  Schema.TaggedStruct("Reject", { which }),
  Schema.TaggedStruct("Pass", { seconds: Schema.Literals([1, 5, 60, 600]) }),
  Schema.TaggedStruct("Crash", {}),
  Schema.TaggedStruct("Restart", {})
])

const cap = fromUsd(3)
const cost = spendOf(0.25)

/** The store as one pool sees it: from its crash on, that pool can do no more to it. */
const severable = (store: Store["Service"], crashed: Ref.Ref<boolean>): Store["Service"] => {
  const unlessCrashed = <A, E>(call: Effect.Effect<A, E>) =>
    Effect.flatMap(Ref.get(crashed), (gone): Effect.Effect<A, E> => gone ? Effect.never : call)
  return Store.of({
    ...store,
    accept: (task) => unlessCrashed(store.accept(task)),
    commit: (change) => unlessCrashed(store.commit(change)),
    find: (id) => unlessCrashed(store.find(id))
  })
}

/** What passed a gate was approved as it was, and nothing was sent back more often than its gate allows. */
const checkReviews = (task: Task, attempts: ReadonlyArray<Attempt>, log: ReadonlyArray<PoolEvent>): void => {
  const { options: { review }, rejections, state } = task
  const presented = log.filter((event) => event._tag === "Presented" && event.id === task.id).length
  const completed = attempts.filter(({ outcome }) => outcome._tag === "Completed").length
  assert.strictEqual(presented, review === undefined ? 0 : completed)
  assert.isAtMost(rejections.length, review === undefined ? 0 : review.maxRejections + 1)
  assert.isAtMost(rejections.length, presented)
  if (state._tag === "Done") {
    assert.strictEqual(state.approval?.hash, review === undefined ? undefined : state.result.hash)
  }
  if (state._tag === "Failed" && state.reason._tag === "Rejected") {
    assert.strictEqual(state.reason.times, rejections.length)
  }
}

const history = Effect.fnUntraced(function*(steps: ReadonlyArray<typeof Step.Type>) {
  const world = yield* Effect.scope
  const store = Context.get(yield* Layer.buildWithScope(StoreDirectory.layerMemory, world), Store)
  const working: Array<Deferred.Deferred<Answer, Failure>> = []
  const ids: Array<TaskId> = []

  const open = Effect.gen(function*() {
    const crashed = yield* Ref.make(false)
    // A scope that nobody closes but a restart: what is killed runs no finalizers.
    const scope = yield* Scope.make()
    const run = Effect.fnUntraced(function*() {
      const end = yield* Deferred.make<Answer, Failure>()
      working.push(end)
      return yield* Effect.ensuring(
        Deferred.await(end),
        Effect.sync(() => working.splice(working.indexOf(end), 1))
      )
    })
    const context = yield* Layer.buildWithScope(
      testPool({
        slots: 2,
        cap,
        settled: (yield* store.spent).cost,
        store: Layer.succeed(Store, severable(store, crashed)),
        script: { run, spend: cost }
      }),
      scope
    )
    return { crashed, scope, pool: Context.get(context, Pool), budget: Context.get(context, Budget) }
  })

  let alive = yield* open
  const pick = <A>(all: ReadonlyArray<A>, n: number) => all.length === 0 ? [] : [all[n % all.length]!]

  const play = Effect.fnUntraced(function*(step: typeof Step.Type) {
    switch (step._tag) {
      case "Submit": {
        const timeout = step.timeout === "short" ? Duration.seconds(30) : Duration.hours(1)
        const submitted = yield* Effect.option(
          alive.pool.submit({
            prompt: `task ${ids.length}`,
            budget: fromUsd(1),
            timeout,
            ...(step.reviewed ? { review: { maxRejections: 1 } } : {})
          })
        )
        if (Option.isSome(submitted)) ids.push(TaskId.make(submitted.value.id))
        return
      }
      case "Finish":
        return yield* Effect.forEach(pick(working, step.which), (end) => Deferred.succeed(end, answer("done")))
      case "Fail": {
        const reason = step.passes
          ? new ProviderFailed({ status: 529, detail: "" })
          : new RequestRejected({ status: 400, detail: "" })
        return yield* Effect.forEach(pick(working, step.which), (end) => Deferred.fail(end, new Failure({ reason })))
      }
      case "Cancel":
        return yield* Effect.forEach(pick(ids, step.which), (id) => alive.pool.cancel([id], "random"))
      case "Approve":
        return yield* Effect.forEach(
          pick(ids, step.which),
          (id) =>
            Effect.forEach(Array.from({ length: step.times }), () => Effect.option(alive.pool.approve(id)), {
              concurrency: "unbounded"
            })
        )
      case "Reject":
        return yield* Effect.forEach(pick(ids, step.which), (id) => Effect.option(alive.pool.reject(id, "no")))
      case "Pass":
        return yield* pass(Duration.seconds(step.seconds), 5)
      case "Crash":
        yield* Ref.set(alive.crashed, true)
        working.length = 0
        alive = yield* open
        return
      case "Restart":
        yield* Scope.close(alive.scope, Exit.void)
        alive = yield* open
    }
  })

  const check = Effect.gen(function*() {
    const { reserved, settled } = yield* alive.budget.state
    assert.isAtMost(settled + reserved, cap)
  })

  for (const step of steps) {
    yield* play(step)
    yield* settle
    yield* check
  }
  yield* alive.pool.cancel(ids, "the end")
  yield* settle

  const log = (yield* store.events(0, 10_000)).map(({ event }) => event)
  for (const id of ids) {
    const task = Option.getOrThrow(yield* store.find(id))
    assert.isTrue(task.isFinished, `${id} is ${task.state._tag}`)
    const ends = log.filter((event): event is Extract<PoolEvent, { readonly _tag: "Finished" }> =>
      event._tag === "Finished" && event.id === id
    )
    assert.deepStrictEqual(ends.map(({ state }) => state), [task.state._tag as "Done"])
    const attempts = yield* store.attempts(id)
    assert.deepStrictEqual(attempts.map(({ number }) => number), attempts.map((_, n) => n + 1))
    assert.isTrue(attempts.every(({ outcome }) => outcome._tag !== "Running"))
    checkReviews(task, attempts, log)
  }
  const { reserved, settled } = yield* alive.budget.state
  assert.strictEqual(reserved, 0)
  assert.strictEqual(settled, (yield* store.spent).cost)
  yield* Scope.close(alive.scope, Exit.void)
}, Effect.scoped)

describe("a pool, whatever happens to it,", () => {
  it.effect.prop(
    "ends every task once, and keeps its money together",
    [Schema.Array(Step).check(Schema.isMinLength(3), Schema.isMaxLength(40))],
    ([steps]) => history(steps),
    { arbitrary: { runs: 300 } }
  )

  it.effect("decides a review once, whoever comes first and however often", () =>
    Effect.gen(function*() {
      const submit = { _tag: "Submit", timeout: "long", reviewed: true } as const
      const finish = { _tag: "Finish", which: 0 } as const
      const approve = { _tag: "Approve", which: 0, times: 2 } as const
      const reject = { _tag: "Reject", which: 0 } as const
      const cancel = { _tag: "Cancel", which: 0 } as const
      yield* history([submit, finish, approve, reject, approve])
      yield* history([submit, reject, finish, reject, reject, finish, reject, approve])
      yield* history([submit, finish, cancel, approve, reject])
      yield* history([submit, finish, { _tag: "Crash" }, reject, finish, { _tag: "Restart" }, approve])
    }))

  it.effect("loses nothing when it is killed again and again in the middle of a task", () =>
    Effect.gen(function*() {
      const crash = { _tag: "Crash" } as const
      const submit = { _tag: "Submit", timeout: "long", reviewed: false } as const
      yield* history([submit, crash, submit, crash, { _tag: "Finish", which: 0 }, crash, crash])
    }))
})
