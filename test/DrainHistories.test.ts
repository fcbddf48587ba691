/**
 * Random histories of a pool that is drained again and again: nothing is lost, nothing is done twice, nothing is charged
 * for a cut, nothing starts while it is closed, and every drain ends in time.
 */
import { assert, describe, it } from "@effect/vitest"
import { Clock, Context, Deferred, Duration, Effect, Exit, Fiber, Layer, Option, Ref, Schema, Scope } from "effect"
import type { DrainReport } from "../src/domain/DrainReport.ts"
import { Failure } from "../src/domain/Failure.ts"
import { TaskId } from "../src/domain/TaskId.ts"
import { ProviderFailed } from "../src/domain/WorkerFailure.ts"
import * as StoreDirectory from "../src/layers/StoreDirectory.ts"
import type { Answer } from "../src/services/ClaudeCli.ts"
import { Pool } from "../src/services/Pool.ts"
import { Store } from "../src/services/Store.ts"
import { answer } from "./support/ScriptedClaude.ts"
import { testPool } from "./support/TestPool.ts"
import { pass, settle } from "./support/Time.ts"

const which = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 5 }))

const Step = Schema.Union([
  Schema.TaggedStruct("Submit", {}),
  Schema.TaggedStruct("FanOut", { reduced: Schema.Boolean }),
  Schema.TaggedStruct("Chain", {}),
  Schema.TaggedStruct("Finish", { which }),
  Schema.TaggedStruct("Fail", { which }),
  Schema.TaggedStruct("Cancel", { which }),
  Schema.TaggedStruct("Pass", { seconds: Schema.Literals([1, 5, 60]) }),
  Schema.TaggedStruct("Drain", { grace: Schema.Literals([0, 3, 30]) }),
  Schema.TaggedStruct("Resume", {}),
  Schema.TaggedStruct("Restart", {})
])

interface Watched {
  readonly fiber: Fiber.Fiber<{ readonly report: DrainReport; readonly endedAt: number }, Failure>
  /** When it has to have ended. */
  readonly by: number
}

const history = Effect.fnUntraced(function*(steps: ReadonlyArray<typeof Step.Type>) {
  const world = yield* Effect.scope
  const store = Context.get(yield* Layer.buildWithScope(StoreDirectory.layerMemory, world), Store)
  const working: Array<Deferred.Deferred<Answer, Failure>> = []
  const drains: Array<Watched> = []
  const ids: Array<TaskId> = []
  /** While the pool is closed no worker is to begin. */
  const closed = Ref.makeUnsafe(false)
  const late: Array<string> = []

  const run = ({ prompt }: { readonly prompt: string }) =>
    Effect.gen(function*() {
      if (yield* Ref.get(closed)) late.push(prompt)
      const end = Deferred.makeUnsafe<Answer, Failure>()
      working.push(end)
      return yield* Effect.ensuring(
        Deferred.await(end),
        Effect.sync(() => working.splice(working.indexOf(end), 1))
      )
    })

  const open = Effect.gen(function*() {
    const scope = yield* Scope.make()
    yield* Ref.set(closed, false)
    const layer = testPool({ slots: 2, maxAttempts: 2, store: Layer.succeed(Store, store), script: { run } })
    return { scope, pool: Context.get(yield* Layer.buildWithScope(layer, scope), Pool) }
  })

  let alive = yield* open
  let count = 0
  const pick = <A>(all: ReadonlyArray<A>, n: number) => all.length === 0 ? [] : [all[n % all.length]!]

  const play = Effect.fnUntraced(function*(step: typeof Step.Type) {
    const { pool } = alive
    const prompt = `task ${++count}`
    switch (step._tag) {
      case "Submit": {
        const submitted = yield* Effect.option(pool.submit({ prompt }))
        assert.strictEqual(Option.isNone(submitted), yield* Ref.get(closed))
        if (Option.isSome(submitted)) ids.push(TaskId.make(submitted.value.id))
        return
      }
      case "FanOut":
        return yield* Effect.option(
          pool.fanOut([{ prompt }, { prompt }], step.reduced ? { reduce: { prompt: "reduce {outcomes}" } } : {})
        )
      case "Chain":
        return yield* Effect.option(
          pool.submitChain({ definition: { steps: [{ name: "a", prompt }, { name: "b", prompt }] } })
        )
      case "Finish":
        return yield* Effect.forEach(pick(working, step.which), (end) => Deferred.succeed(end, answer("done")))
      case "Fail":
        return yield* Effect.forEach(
          pick(working, step.which),
          (end) => Deferred.fail(end, new Failure({ reason: new ProviderFailed({ status: 529, detail: "" }) }))
        )
      case "Cancel":
        return yield* Effect.forEach(pick(ids, step.which), (id) => pool.cancel([id], "random"))
      case "Pass":
        return yield* pass(Duration.seconds(step.seconds), 5)
      case "Drain": {
        yield* Ref.set(closed, true)
        const by = (yield* Clock.currentTimeMillis) + (step.grace + 1) * 1000
        const drained = Effect.gen(function*() {
          const report = yield* pool.drain({ grace: Duration.seconds(step.grace) })
          return { report, endedAt: yield* Clock.currentTimeMillis }
        })
        drains.push({ fiber: yield* Effect.forkIn(drained, world, { startImmediately: true }), by })
        return
      }
      case "Resume":
        yield* Ref.set(closed, false)
        return yield* pool.resume
      case "Restart":
        yield* Scope.close(alive.scope, Exit.void)
        working.length = 0
        alive = yield* open
    }
  })

  for (const step of steps) {
    yield* play(step)
    yield* settle
  }
  // Whatever was closed is opened, and all of it comes to an end.
  yield* alive.pool.resume
  yield* Ref.set(closed, false)
  const isOver = Effect.gen(function*() {
    const { Queued, Running } = yield* store.counts
    return Queued + Running + (yield* store.chains.open).length + (yield* store.groups.open).length === 0
  })
  for (let turn = 0; turn < 60 && !(yield* isOver); turn++) {
    yield* Effect.forEach([...working], (end) => Deferred.succeed(end, answer("done")))
    yield* pass("1 minute", 4)
  }

  for (const { by, fiber } of drains) {
    const { endedAt, report } = yield* Fiber.join(fiber)
    assert.isAtMost(endedAt, by)
    assert.deepStrictEqual(report.cut.filter((id) => report.finished.includes(id)), [])
  }
  assert.deepStrictEqual(late, [], "nothing starts while the pool is closed")
  const log = (yield* store.events(0, 100_000)).map(({ event }) => event)
  const all = (yield* store.list({ limit: 10_000 })).tasks
  for (const { id, state } of all) {
    const task = Option.getOrThrow(yield* store.find(id))
    assert.isTrue(task.isFinished, `${id} is ${state._tag}`)
    assert.strictEqual(log.filter((event) => event._tag === "Finished" && event.id === id).length, 1)
    const attempts = yield* store.attempts(id)
    assert.isAtMost(attempts.filter(({ outcome }) => outcome._tag === "Completed").length, 1)
    // A cut is not charged: what has failed has failed in tries of its own. One that the provider's outage ended is none.
    if (task.state._tag === "Failed") {
      assert.strictEqual(attempts.filter(({ isTry, outcome }) => isTry && outcome._tag === "Failed").length, 2)
    }
    assert.isTrue(attempts.every(({ outcome }) => outcome._tag !== "Interrupted" || outcome.by !== "crash"))
  }
  assert.deepStrictEqual((yield* store.chains.open).map(({ id }) => id), [])
  assert.deepStrictEqual((yield* store.groups.open).map(({ id }) => id), [])
  yield* Scope.close(alive.scope, Exit.void)
}, Effect.scoped)

describe("a pool that is drained, whatever else happens to it,", () => {
  it.effect.prop(
    "loses nothing, doubles nothing, and ends its drains in time",
    [Schema.Array(Step).check(Schema.isMinLength(3), Schema.isMaxLength(30))],
    ([steps]) => history(steps),
    { arbitrary: { runs: 60, size: 30 } }
  )

  it.effect("has these histories behind it", () =>
    Effect.gen(function*() {
      const [submit, resume, chain] = [{ _tag: "Submit" }, { _tag: "Resume" }, { _tag: "Chain" }] as const
      const drain = { _tag: "Drain", grace: 3 } as const
      const wait = { _tag: "Pass", seconds: 5 } as const
      yield* history([submit, submit, submit, drain, wait, resume, drain, { _tag: "Finish", which: 0 }, wait])
      yield* history([chain, drain, { _tag: "Finish", which: 0 }, wait, resume, drain, wait, { _tag: "Restart" }])
      yield* history([chain, drain, { _tag: "Finish", which: 0 }, wait, resume])
      yield* history([{ _tag: "FanOut", reduced: true }, drain, wait, resume, { _tag: "Fail", which: 1 }, drain])
      yield* history([submit, drain, resume, drain, { _tag: "Cancel", which: 0 }, wait, submit, resume])
      const [fail, minute] = [{ _tag: "Fail", which: 0 }, { _tag: "Pass", seconds: 60 }] as const
      yield* history([submit, fail, minute, fail, { _tag: "Restart" }, fail])
    }))
})
