/**
 * What can happen to a pool, step by step: tasks, groups and chains come, workers finish, fail and crash, people cancel
 * and decide, slots become more, fewer and others, the pool is drained and taken up, time passes, and the pool crashes and
 * is started anew. Whatever happens, every task ends once.
 */
import { assert } from "@effect/vitest"
import { Context, Deferred, Duration, Effect, Exit, Layer, Option, Ref, Schema, Scope } from "effect"
import type { Attempt } from "../../src/domain/Attempt.ts"
import { ChainId } from "../../src/domain/ChainId.ts"
import { NotLoggedIn } from "../../src/domain/EnvironmentFailure.ts"
import { Failure } from "../../src/domain/Failure.ts"
import { GroupId } from "../../src/domain/GroupId.ts"
import { UsageLimited } from "../../src/domain/LimitFailure.ts"
import { fromUsd } from "../../src/domain/MicroUsd.ts"
import type { PoolEvent } from "../../src/domain/PoolEvent.ts"
import { SlotId } from "../../src/domain/SlotId.ts"
import type { Task } from "../../src/domain/Task.ts"
import { TaskId } from "../../src/domain/TaskId.ts"
import { ProviderFailed, RequestRejected, WorkerLost } from "../../src/domain/WorkerFailure.ts"
import * as StoreDirectory from "../../src/layers/StoreDirectory.ts"
import { Budget } from "../../src/services/Budget.ts"
import type { Answer, Turn } from "../../src/services/ClaudeCli.ts"
import { Pool } from "../../src/services/Pool.ts"
import { Store } from "../../src/services/Store.ts"
import { answer, spendOf } from "../support/ScriptedClaude.ts"
import { testPool } from "../support/TestPool.ts"
import { pass, settle } from "../support/Time.ts"

const which = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 5 }))

const role = Schema.Literals(["a", "b"])

/** What a worker may meet: what lies in its task, what ends its process, and what all others would meet, too. */
const failures = {
  rejected: new RequestRejected({ status: 400, detail: "" }),
  overloaded: new ProviderFailed({ status: 529, detail: "" }),
  lost: new WorkerLost({ detail: "signal 9" }),
  limited: new UsageLimited({ detail: "429", resumeAt: null }),
  login: new NotLoggedIn({ status: 401, detail: "expired" })
}
export const failureNames = ["rejected", "overloaded", "lost", "limited", "login"] as const satisfies ReadonlyArray<
  keyof typeof failures
>

export const Step = Schema.Union([
  Schema.TaggedStruct("Submit", {
    timeout: Schema.Literals(["short", "long"]),
    reviewed: Schema.Boolean,
    role: Schema.optionalKey(role)
  }),
  Schema.TaggedStruct("Finish", { which }),
  Schema.TaggedStruct("Fail", { which, with: Schema.Literals(failureNames) }),
  Schema.TaggedStruct("Cancel", { which }),
  Schema.TaggedStruct("Approve", { which, times: Schema.Literals([1, 2]) }),
  Schema.TaggedStruct("Reject", { which }),
  Schema.TaggedStruct("Pass", { seconds: Schema.Literals([1, 5, 60, 600]) }),
  Schema.TaggedStruct("Crash", {}),
  Schema.TaggedStruct("Restart", {}),
  Schema.TaggedStruct("Group", { items: Schema.Literals([2, 3]), reduced: Schema.Boolean }),
  Schema.TaggedStruct("Chain", { steps: Schema.Literals([1, 2]) }),
  Schema.TaggedStruct("Scale", { to: Schema.Literals([1, 2, 3, 5]) }),
  Schema.TaggedStruct("ScaleBy", { by: Schema.Literals([-2, -1, 1, 2]) }),
  Schema.TaggedStruct("Configure", { slot: Schema.Literals([1, 2, 3]), role: Schema.NullOr(role) }),
  Schema.TaggedStruct("Drain", { grace: Schema.Literals([0, 3, 30]) }),
  Schema.TaggedStruct("Resume", {}),
  /** Several things at once: which of them comes first is the scheduler's choice. */
  Schema.TaggedStruct("Race", { which })
])
export type Step = typeof Step.Type

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

/** A slot has one task at a time, also across the ends of pools. */
const checkSlots = (log: ReadonlyArray<PoolEvent>): void => {
  const holders = new Map<SlotId, TaskId>()
  for (const event of log) {
    if (event._tag === "Started") {
      assert.isUndefined(holders.get(event.slot), `slot ${event.slot} is lent twice`)
      holders.set(event.slot, event.id)
    }
    if (event._tag === "Requeued" || event._tag === "Presented" || event._tag === "Finished") {
      for (const [slot, id] of holders) if (id === event.id) holders.delete(slot)
    }
  }
}

export const poolHistory = Effect.fnUntraced(function*(steps: ReadonlyArray<Step>) {
  const world = yield* Effect.scope
  const store = Context.get(yield* Layer.buildWithScope(StoreDirectory.layerMemory, world), Store)
  const working: Array<Deferred.Deferred<Answer, Failure>> = []
  const ids: Array<TaskId> = []
  const works: Array<GroupId | ChainId> = []
  /** While the pool is drained no worker is to begin. */
  let isClosed = false
  const late: Array<string> = []

  const open = Effect.gen(function*() {
    const crashed = yield* Ref.make(false)
    // A scope that nobody closes but a restart: what is killed runs no finalizers.
    const scope = yield* Scope.make()
    isClosed = false
    const run = Effect.fnUntraced(function*({ prompt }: Turn) {
      if (isClosed) late.push(prompt)
      const end = yield* Deferred.make<Answer, Failure>()
      working.push(end)
      return yield* Effect.ensuring(
        Deferred.await(end),
        Effect.sync(() => working.splice(working.indexOf(end), 1))
      )
    })
    const context = yield* Layer.buildWithScope(
      testPool({
        slots: 3,
        profiles: [{ role: "a" }],
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

  const play = Effect.fnUntraced(function*(step: Step) {
    switch (step._tag) {
      case "Submit": {
        const timeout = step.timeout === "short" ? Duration.seconds(30) : Duration.hours(1)
        const submitted = yield* Effect.option(
          alive.pool.submit({
            prompt: `task ${ids.length}`,
            budget: fromUsd(1),
            timeout,
            ...(step.reviewed ? { review: { maxRejections: 1 } } : {}),
            ...(step.role === undefined ? {} : { role: step.role })
          })
        )
        if (Option.isSome(submitted)) ids.push(TaskId.make(submitted.value.id))
        return
      }
      case "Finish":
        return yield* Effect.forEach(pick(working, step.which), (end) => Deferred.succeed(end, answer("done")))
      case "Fail": {
        const reason = failures[step.with]
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
        return
      case "Group": {
        const items = Array.from({ length: step.items }, (_, n) => ({ prompt: `item ${n}`, budget: fromUsd(1) }))
        const reduce = step.reduced ? { reduce: { prompt: "{outcomes}", budget: fromUsd(1) } } : {}
        const group = yield* Effect.option(alive.pool.fanOut(items, reduce))
        if (Option.isSome(group)) works.push(GroupId.make(group.value.id))
        return
      }
      case "Chain": {
        const later = Array.from(
          { length: step.steps },
          (_, n) => ({ name: `s${n}`, prompt: `{previous_output} ${n}` })
        )
        const chain = yield* Effect.option(
          alive.pool.submitChain({
            definition: { defaults: { budget: fromUsd(1) }, steps: [{ name: "first", prompt: "begin" }, ...later] }
          })
        )
        if (Option.isSome(chain)) works.push(ChainId.make(chain.value.id))
        return
      }
      case "Scale":
        return yield* Effect.option(alive.pool.setTargetSlots(step.to))
      case "ScaleBy":
        return yield* Effect.option(
          step.by > 0 ? alive.pool.scaleUp(step.by) : alive.pool.scaleDown(-step.by)
        )
      case "Configure":
        return yield* Effect.option(alive.pool.configureSlot(SlotId.make(step.slot), { role: step.role }))
      case "Drain":
        yield* Effect.forkIn(alive.pool.drain({ grace: Duration.seconds(step.grace) }), world)
        yield* settle
        // Who has begun before it took hold is not to blame.
        isClosed = true
        return
      case "Resume":
        isClosed = false
        return yield* alive.pool.resume
      case "Race": {
        const cancels = pick(ids, step.which).map((id) => Effect.asVoid(alive.pool.cancel([id], "race")))
        const approvals = pick(ids, step.which).map((id) => Effect.asVoid(Effect.option(alive.pool.approve(id))))
        const ends = pick(working, step.which).map((end) => Effect.asVoid(Deferred.succeed(end, answer("raced"))))
        const submits = [Effect.asVoid(Effect.option(alive.pool.submit({ prompt: "racing", key: "race" })))]
        yield* Effect.all([...cancels, ...approvals, ...ends, ...submits], { concurrency: "unbounded", discard: true })
        const raced = (yield* store.list({ limit: 1000 })).tasks.find(({ key }) => key === "race")
        if (raced !== undefined && !ids.includes(raced.id)) ids.push(raced.id)
      }
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
  yield* alive.pool.cancel([...ids, ...works], "the end")
  // Whoever drains waits no longer than it said.
  yield* pass("1 minute", 4)
  assert.deepStrictEqual(late, [], "nothing begins while the pool is drained")

  const log = (yield* store.events(0, 10_000)).map(({ event }) => event)
  checkSlots(log)
  assert.deepStrictEqual((yield* store.list({ limit: 1000 })).tasks.filter((task) => !task.isFinished), [])
  assert.deepStrictEqual(yield* store.chains.open, [])
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
