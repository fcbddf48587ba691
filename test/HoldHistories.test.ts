/**
 * Random histories of a pool whose world breaks and mends: crashes, outages, limits, lost logins, answers, cancellations,
 * shutdowns and kills, in any order. Whatever happens, no more than one attempt finds out at a time, no task is tried more
 * often than it may be, and once all is well everything comes to its end.
 */
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Duration, Effect, Option, Schema } from "effect"
import { CliMissing, NotLoggedIn } from "../src/domain/EnvironmentFailure.ts"
import { Failure, type Reason } from "../src/domain/Failure.ts"
import type { HoldCause } from "../src/domain/Hold.ts"
import { UsageLimited } from "../src/domain/LimitFailure.ts"
import type { PoolEvent } from "../src/domain/PoolEvent.ts"
import { TaskId } from "../src/domain/TaskId.ts"
import { ProviderFailed, StartFailed, WorkerLost } from "../src/domain/WorkerFailure.ts"
import { Holds } from "../src/services/Holds.ts"
import { Pool } from "../src/services/Pool.ts"
import { killablePools } from "./support/KillablePools.ts"
import { answer } from "./support/ScriptedClaude.ts"
import { pass, settle } from "./support/Time.ts"

const World = Schema.Literals(["well", "crash", "unstartable", "outage", "limit", "limited", "login", "missing"])

const Step = Schema.Union([
  Schema.TaggedStruct("Submit", { count: Schema.Literals([1, 4]) }),
  Schema.TaggedStruct("Turn", { world: World }),
  Schema.TaggedStruct("Pass", { seconds: Schema.Literals([1, 5, 40, 300]) }),
  Schema.TaggedStruct("Cancel", { which: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 9 })) }),
  Schema.TaggedStruct("Drain", { held: Schema.Boolean }),
  Schema.TaggedStruct("Restart", {}),
  Schema.TaggedStruct("Kill", {})
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

/** What may end a task for good: its own tries were used up, or too many pools were killed over it. */
const mayFailWith = new Set(["WorkerLost", "StartFailed", "ProviderFailed", "Quarantined", "Interrupted"])

const history = Effect.fnUntraced(function*(steps: ReadonlyArray<typeof Step.Type>) {
  const ids: Array<TaskId> = []
  let world: typeof World.Type = "well"
  /** How many find out in a pool: what goes on in one that was killed is nobody's any more. */
  const newLife = () => ({ probes: 0, heldBy: (): HoldCause | null => null })
  let life = newLife()
  const crowds: Array<number> = []

  const run = () =>
    Effect.gen(function*() {
      const own = life
      const isProbe = own.heldBy() !== null
      if (isProbe) own.probes++
      if (own.probes > 1) crowds.push(own.probes)
      const reason = reasonIn(world, yield* DateTime.now)
      const work = reason === null
        ? Effect.as(Effect.sleep("2 seconds"), answer("done"))
        : Effect.andThen(Effect.sleep("100 millis"), new Failure({ reason }))
      return yield* Effect.ensuring(
        work,
        Effect.sync(() => {
          if (isProbe) own.probes--
        })
      )
    })
  const pools = yield* killablePools({ slots: 3, maxAttempts, script: { run } })
  const { store } = pools
  const next = Effect.fnUntraced(function*(open: Effect.Effect<void, Failure>) {
    const last = life
    life = newLife()
    yield* open
    life.heldBy = (yield* pools.use(Holds)).heldBy
    return last
  })
  yield* next(Effect.void)

  const play = Effect.fnUntraced(function*(step: typeof Step.Type) {
    const pool = yield* pools.use(Pool)
    const holds = yield* pools.use(Holds)
    switch (step._tag) {
      case "Submit":
        for (let n = 0; n < step.count; n++) {
          ids.push(TaskId.make((yield* pool.submit({ prompt: `task ${ids.length}` })).id))
        }
        return
      case "Turn":
        world = step.world
        return
      case "Pass":
        return yield* pass(Duration.seconds(step.seconds), 10)
      case "Cancel": {
        const id = ids[step.which]
        return id === undefined ? undefined : yield* pool.cancel([id], "random")
      }
      case "Drain":
        return step.held
          ? yield* holds.place({ cause: "drain", detail: "drained", hint: "resume", probeAfter: null })
          : yield* holds.lift("drain")
      case "Restart":
        return assert.strictEqual((yield* next(pools.restart)).probes, 0)
      case "Kill":
        yield* next(pools.kill())
    }
  })

  const check = Effect.gen(function*() {
    assert.deepStrictEqual(crowds, [], "more than one finds out")
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
  const holds = yield* pools.use(Holds)
  yield* holds.lift("drain")
  // What is held where all work has ended is found out by the next task.
  yield* play({ _tag: "Submit", count: 1 })
  const isOver = Effect.gen(function*() {
    const tasks = yield* Effect.forEach(ids, (id) => Effect.map(store.find(id), Option.getOrThrow))
    return tasks.every(({ isFinished }) => isFinished) && (yield* holds.current).length === 0
  })
  for (let tenSeconds = 0; tenSeconds < 240 && !(yield* isOver); tenSeconds++) yield* pass("10 seconds", 1)
  yield* check
  assert.deepStrictEqual(yield* holds.current, [])
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
    const crashed = attempts.filter(({ outcome }) => outcome._tag === "Interrupted" && outcome.by === "crash").length
    assert.strictEqual(crashed, task.crashes)
    assert.isAtMost(crashed, 3)
  }
  yield* play({ _tag: "Restart" })
}, Effect.scoped)

describe("a pool whose world breaks and mends", () => {
  it.effect.prop(
    "tries nothing too often, finds out one at a time, and ends all it has",
    [Schema.Array(Step).check(Schema.isMinLength(4), Schema.isMaxLength(30))],
    ([steps]) => history(steps),
    { arbitrary: { runs: 80, size: 30 } }
  )

  it.effect("finds out by the next task what the last one did not live to find out", () =>
    history([
      { _tag: "Turn", world: "limit" },
      { _tag: "Submit", count: 1 },
      { _tag: "Turn", world: "crash" },
      { _tag: "Pass", seconds: 300 }
    ]))

  it.effect("counts no try of a task that three pools were killed over", () =>
    history([{ _tag: "Submit", count: 1 }, { _tag: "Kill" }, { _tag: "Kill" }, { _tag: "Kill" }]))

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
