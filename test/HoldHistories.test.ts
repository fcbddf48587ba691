/**
 * Random histories of a pool whose world breaks and mends: crashes, outages, limits, lost logins, answers, cancellations,
 * shutdowns, in any order. Whatever happens, no more than one attempt finds out at a time, no task is tried more often than
 * it may be, and once all is well everything comes to its end.
 */
import { assert, describe, it } from "@effect/vitest"
import { Context, DateTime, Duration, Effect, Exit, Layer, Option, Schema, Scope } from "effect"
import { CliMissing, NotLoggedIn } from "../src/domain/EnvironmentFailure.ts"
import { Failure, type Reason } from "../src/domain/Failure.ts"
import { UsageLimited } from "../src/domain/LimitFailure.ts"
import type { PoolEvent } from "../src/domain/PoolEvent.ts"
import { TaskId } from "../src/domain/TaskId.ts"
import { ProviderFailed, StartFailed, WorkerLost } from "../src/domain/WorkerFailure.ts"
import * as StoreDirectory from "../src/layers/StoreDirectory.ts"
import { Holds } from "../src/services/Holds.ts"
import { Pool } from "../src/services/Pool.ts"
import { Store } from "../src/services/Store.ts"
import { answer } from "./support/ScriptedClaude.ts"
import { testPool } from "./support/TestPool.ts"
import { pass, settle } from "./support/Time.ts"

const World = Schema.Literals(["well", "crash", "unstartable", "outage", "limit", "limited", "login", "missing"])

const Step = Schema.Union([
  Schema.TaggedStruct("Submit", { count: Schema.Literals([1, 4]) }),
  Schema.TaggedStruct("Turn", { world: World }),
  Schema.TaggedStruct("Pass", { seconds: Schema.Literals([1, 5, 40, 300]) }),
  Schema.TaggedStruct("Cancel", { which: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 9 })) }),
  Schema.TaggedStruct("Drain", { held: Schema.Boolean }),
  Schema.TaggedStruct("Restart", {})
])

const maxAttempts = 3

const reasonIn = (world: typeof World.Type, now: DateTime.Utc): Reason | null => {
  switch (world) {
    case "well":
      return null
    case "crash":
      return new WorkerLost({ detail: "signal 9" })
    case "unstartable":
      return new StartFailed({ detail: "exit 1", transient: true })
    case "outage":
      return new ProviderFailed({ status: 529, detail: "overloaded" })
    case "limit":
      return new UsageLimited({ detail: "429", resumeAt: null })
    case "limited":
      return new UsageLimited({ detail: "429", resumeAt: DateTime.add(now, { minutes: 5 }) })
    case "login":
      return new NotLoggedIn({ status: 401, detail: "expired" })
    case "missing":
      return new CliMissing({ searched: ["PATH"] })
  }
}

/** What may end a task for good: its own tries were used up. */
const mayFailWith = new Set(["WorkerLost", "StartFailed", "ProviderFailed", "Quarantined"])

const history = Effect.fnUntraced(function*(steps: ReadonlyArray<typeof Step.Type>) {
  const outer = yield* Effect.scope
  const store = Context.get(yield* Layer.buildWithScope(StoreDirectory.layerMemory, outer), Store)
  const ids: Array<TaskId> = []
  let world: typeof World.Type = "well"
  let heldBy: Holds["Service"]["heldBy"] = () => null
  let probes = 0

  const run = () =>
    Effect.gen(function*() {
      const isProbe = heldBy() !== null
      if (isProbe) probes++
      assert.isAtMost(probes, 1)
      const reason = reasonIn(world, yield* DateTime.now)
      const work = reason === null
        ? Effect.as(Effect.sleep("2 seconds"), answer("done"))
        : Effect.andThen(Effect.sleep("100 millis"), new Failure({ reason }))
      return yield* Effect.ensuring(
        work,
        Effect.sync(() => {
          if (isProbe) probes--
        })
      )
    })

  const open = Effect.gen(function*() {
    const scope = yield* Scope.make()
    const context = yield* Layer.buildWithScope(
      testPool({ slots: 3, maxAttempts, store: Layer.succeed(Store, store), script: { run } }),
      scope
    )
    const holds = Context.get(context, Holds)
    heldBy = holds.heldBy
    return { scope, holds, pool: Context.get(context, Pool) }
  })
  let alive = yield* open

  const play = Effect.fnUntraced(function*(step: typeof Step.Type) {
    switch (step._tag) {
      case "Submit":
        for (let n = 0; n < step.count; n++) {
          ids.push(TaskId.make((yield* alive.pool.submit({ prompt: `task ${ids.length}` })).id))
        }
        return
      case "Turn":
        world = step.world
        return
      case "Pass":
        return yield* pass(Duration.seconds(step.seconds), 10)
      case "Cancel": {
        const id = ids[step.which]
        return id === undefined ? undefined : yield* alive.pool.cancel([id], "random")
      }
      case "Drain":
        return step.held
          ? yield* alive.holds.place({ cause: "drain", detail: "drained", hint: "resume", probeAfter: null })
          : yield* alive.holds.lift("drain")
      case "Restart":
        yield* Scope.close(alive.scope, Exit.void)
        assert.strictEqual(probes, 0)
        alive = yield* open
    }
  })

  const check = Effect.gen(function*() {
    for (const id of ids) {
      const task = Option.getOrThrow(yield* store.find(id))
      assert.isAtMost(task.tries, maxAttempts)
      if (task.state._tag === "Failed") assert.isTrue(mayFailWith.has(task.state.reason._tag), task.state.reason._tag)
    }
  })

  for (const step of steps) {
    yield* play(step)
    yield* settle
    yield* check
  }
  world = "well"
  yield* alive.holds.lift("drain")
  // What is held where all work has ended is found out by the next task.
  yield* play({ _tag: "Submit", count: 1 })
  const isOver = Effect.gen(function*() {
    const tasks = yield* Effect.forEach(ids, (id) => Effect.map(store.find(id), Option.getOrThrow))
    return tasks.every(({ isFinished }) => isFinished) && (yield* alive.holds.current).length === 0
  })
  for (let tenSeconds = 0; tenSeconds < 240 && !(yield* isOver); tenSeconds++) yield* pass("10 seconds", 1)
  yield* check
  assert.deepStrictEqual(yield* alive.holds.current, [])
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
    const failed = attempts.filter(({ isTry, outcome }) => isTry && outcome._tag === "Failed").length
    assert.strictEqual(failed, task.tries)
  }
  yield* Scope.close(alive.scope, Exit.void)
}, Effect.scoped)

describe("a pool whose world breaks and mends", () => {
  it.effect.prop(
    "tries nothing too often, finds out one at a time, and ends all it has",
    [Schema.Array(Step).check(Schema.isMinLength(4), Schema.isMaxLength(30))],
    ([steps]) => history(steps),
    { arbitrary: { runs: 80 } }
  )

  it.effect("finds out by the next task what the last one did not live to find out", () =>
    history([
      { _tag: "Turn", world: "limit" },
      { _tag: "Submit", count: 1 },
      { _tag: "Turn", world: "crash" },
      { _tag: "Pass", seconds: 300 }
    ]))

  it.effect("goes on after every trouble, one after the other", () =>
    Effect.gen(function*() {
      const four = { _tag: "Submit", count: 4 } as const
      for (const world of World.literals) {
        yield* history([four, { _tag: "Turn", world }, four, { _tag: "Pass", seconds: 40 }, { _tag: "Restart" }, four, {
          _tag: "Pass",
          seconds: 300
        }])
      }
    }))
})
