/**
 * Faults of the store and of the clock, injected into a pool in this process: at a write's request, at its commit, or
 * just after it; and a wall clock that jumps while time goes on as it does.
 */
import { Clock, Context, Deferred, Duration, Effect, Exit, Layer, Option, Scope } from "effect"
import { TestClock } from "effect/testing"
import type { Failure } from "../../../src/domain/Failure.ts"
import { fromUsd } from "../../../src/domain/MicroUsd.ts"
import { TaskId } from "../../../src/domain/TaskId.ts"
import * as StoreDirectory from "../../../src/layers/StoreDirectory.ts"
import type { Answer } from "../../../src/services/ClaudeCli.ts"
import { Pool } from "../../../src/services/Pool.ts"
import { Store } from "../../../src/services/Store.ts"
import type { Fault } from "../../support/FaultySqlite.ts"
import { jumpingClock } from "../../support/JumpingClock.ts"
import { makeLife, mortalStore } from "../../support/MortalStore.ts"
import { answer, spendOf } from "../../support/ScriptedClaude.ts"
import { testPool } from "../../support/TestPool.ts"
import { pass, settle } from "../../support/Time.ts"
import type { Draw } from "../Seed.ts"
import type { Cell, Moment } from "./Cell.ts"
import { failing, failingBelow, isProblem, problems, systemFaults, type Write } from "./FailingStore.ts"

const cost = spendOf(0.25)

interface Stage {
  readonly store: Store["Service"]
  /** A pool over that store, as it sees it; the scope is closed by nobody but who opens it. */
  readonly open: (seen?: Store["Service"]) => Effect.Effect<
    {
      readonly pool: Pool["Service"]
      readonly close: Effect.Effect<void>
    },
    Failure,
    Scope.Scope
  >
  /** Ends the work of the workers that are at it. */
  readonly finish: Effect.Effect<void>
  readonly isWorking: () => boolean
}

const makeStage: Effect.Effect<Stage, Failure, Scope.Scope> = Effect.gen(function*() {
  const world = yield* Effect.scope
  const store = Context.get(yield* Layer.buildWithScope(StoreDirectory.layerMemory, world), Store)
  const working = new Set<Deferred.Deferred<Answer, Failure>>()
  const run = Effect.fnUntraced(function*() {
    const end = yield* Deferred.make<Answer, Failure>()
    working.add(end)
    return yield* Effect.ensuring(Deferred.await(end), Effect.sync(() => working.delete(end)))
  })
  const open: Stage["open"] = Effect.fnUntraced(function*(seen = store) {
    const scope = yield* Scope.make()
    const pool = testPool({ store: Layer.succeed(Store, seen), script: { run, spend: cost }, slots: 2 })
    const context = yield* Layer.buildWithScope(pool, scope)
    return { pool: Context.get(context, Pool), close: Scope.close(scope, Exit.void) }
  })
  const finish = Effect.suspend(() =>
    Effect.forEach([...working], (end) => Deferred.succeed(end, answer("ok")), { discard: true })
  )
  return { store, open, finish, isWorking: () => working.size > 0 }
})

const request = { prompt: "do it", key: "victim", budget: fromUsd(1), timeout: Duration.minutes(10) }

/** Whether it is done, once, with its money booked once. */
const verdict = Effect.fnUntraced(function*(stage: Stage, id: string, attempts: number | null = null) {
  const task = Option.getOrNull(yield* stage.store.find(TaskId.make(id)))
  const all = yield* stage.store.attempts(TaskId.make(id))
  const completed = all.filter(({ outcome }) => outcome._tag === "Completed").length
  const spent = all.reduce((sum, { spend }) => sum + spend.cost, 0)
  const booked = (yield* stage.store.spent).cost
  return [
    ...(task?.state._tag === "Done" ? [] : [`it is ${task?.state._tag}`]),
    ...(completed === 1 ? [] : [`it was completed ${completed} times`]),
    ...(spent === booked ? [] : [`${spent} was spent, and ${booked} is booked`]),
    ...(attempts === null || all.length === attempts ? [] : [`it took ${all.length} attempts, not ${attempts}`])
  ]
})

const inTestTime = (play: Effect.Effect<ReadonlyArray<string>, unknown, Scope.Scope>) =>
  Effect.scoped(play).pipe(Effect.provide(TestClock.layer()), Effect.orDie)

const writeFails = (which: Write, problem: typeof problems[number] | Fault) =>
  inTestTime(Effect.gen(function*() {
    const stage = yield* makeStage
    let isOver = false
    const isNoMore = () => isOver
    const { close, pool } = yield* stage.open(
      isProblem(problem)
        ? failing(stage.store, which, problem, isNoMore)
        : yield* failingBelow(stage.store, which, problem, isNoMore)
    )
    const first = yield* Effect.option(pool.submit(request))
    if (which === "accept" && Option.isSome(first)) return ["what could not be written was accepted"]
    yield* pass("5 seconds")
    if (which === "end") yield* stage.finish
    yield* pass("5 seconds")
    isOver = true
    const { id } = yield* pool.submit(request)
    for (let turn = 0; turn < 20; turn++) {
      yield* pass("1 second", 2)
      yield* stage.finish
    }
    yield* pass("1 second", 2)
    const found = yield* verdict(stage, id, 1)
    // What still waits for its next try is let have it.
    yield* Effect.raceFirst(close, pass("1 minute"))
    return found
  }))

/** The pool is gone at that write, with it done or not: the next one goes on. */
const writeIsCutOff = (write: number, isDone: boolean) =>
  inTestTime(Effect.gen(function*() {
    const stage = yield* makeStage
    const life = makeLife(write, isDone)
    const { pool } = yield* stage.open(mortalStore(stage.store, life))
    yield* Effect.forkDetach(pool.submit(request))
    yield* settle
    yield* stage.finish
    yield* settle
    const next = yield* stage.open()
    const { id } = yield* next.pool.submit(request)
    for (let turn = 0; turn < 10; turn++) {
      yield* settle
      yield* stage.finish
    }
    yield* settle
    const found = yield* verdict(stage, id)
    yield* next.close
    return found
  }))

const jumps = { "an hour ahead": 3_600_000, "an hour back": -3_600_000, "400 days ahead": 400 * 86_400_000 }

/** The wall clock jumps; what is waited for takes as long as before. */
const clockJumps = (moment: Moment, by: number) =>
  inTestTime(Effect.gen(function*() {
    const { jump, wall } = yield* jumpingClock
    // Not at the beginning of all time, from where it could not go back.
    yield* TestClock.setTime(1_000 * 86_400_000)
    return yield* Effect.gen(function*() {
      const stage = yield* makeStage
      const { close, pool } = yield* stage.open()
      if (moment === "m2") jump(by)
      const reviewed = moment === "m10" ? { review: { maxRejections: 1 } } : {}
      const { id } = yield* pool.submit({ ...request, ...reviewed })
      yield* settle
      if (moment === "m5") jump(by)
      yield* pass("10 seconds")
      yield* stage.finish
      yield* settle
      if (moment === "m10") {
        jump(by)
        yield* pass("10 seconds")
        yield* pool.approve(TaskId.make(id))
      }
      const found = yield* verdict(stage, id, 1)
      yield* close
      return found
    }).pipe(Effect.provideService(Clock.Clock, wall))
  }))

/** Cancels from two sides at once, and with a result that comes in the same moment. */
const cancelled = (moment: Moment, draw: Draw) =>
  inTestTime(Effect.gen(function*() {
    const stage = yield* makeStage
    const { close, pool } = yield* stage.open()
    const reviewed = moment === "m10" ? { review: { maxRejections: 1 } } : {}
    const { id } = yield* pool.submit({ ...request, ...reviewed })
    if (moment !== "m2") yield* settle
    if (moment === "m10" || moment === "m8") yield* Effect.andThen(stage.finish, settle)
    const cancel = pool.cancel([TaskId.make(id)], "no more")
    const acts = [cancel, cancel, ...(moment === "m7" ? [stage.finish] : [])]
    const order = draw(2) === 0 ? acts : acts.toReversed()
    yield* Effect.all(order, { concurrency: "unbounded" })
    yield* settle
    const task = Option.getOrThrow(yield* stage.store.find(TaskId.make(id)))
    const log = yield* stage.store.events(0, 100)
    const ends = log.filter(({ event }) => event._tag === "Finished").length
    yield* close
    return [
      ...(task.isFinished ? [] : [`it is ${task.state._tag}`]),
      ...(ends === 1 ? [] : [`it ended ${ends} times`]),
      ...(stage.isWorking() ? ["a worker is still at it"] : [])
    ]
  }))

/** Decided twice and both ways at once, in a drawn order: one decision stands. */
const decided = (draw: Draw) =>
  inTestTime(Effect.gen(function*() {
    const stage = yield* makeStage
    const { close, pool } = yield* stage.open()
    const id = TaskId.make((yield* pool.submit({ ...request, review: { maxRejections: 0 } })).id)
    yield* settle
    yield* Effect.andThen(stage.finish, settle)
    const acts = [pool.approve(id), pool.reject(id, "no"), pool.approve(id), pool.reject(id, "no")]
    const from = draw(acts.length)
    const order = [...acts.slice(from), ...acts.slice(0, from)].map((act) => Effect.asVoid(Effect.option(act)))
    yield* Effect.all(order, { concurrency: "unbounded", discard: true })
    yield* settle
    const log = (yield* stage.store.events(0, 100)).map(({ event }) => event._tag)
    const task = Option.getOrThrow(yield* stage.store.find(id))
    yield* close
    return [
      ...(task.isFinished ? [] : [`it is ${task.state._tag}`]),
      ...(log.filter((tag) => tag === "Finished").length === 1 ? [] : [`its events are ${log.join()}`])
    ]
  }))

const momentOf: Readonly<Record<Write, Moment>> = { accept: "m1", start: "m3", end: "m7" }

export const storeCells: ReadonlyArray<Cell> = [
  ...(["accept", "start", "end"] as const).flatMap((which) =>
    [...problems, ...systemFaults].map((problem): Cell => ({
      fault: "write fails",
      moment: momentOf[which],
      means: "X",
      variant: problem,
      expects: "it says so or tries again, and goes on by itself when there are writes again, with no attempt more",
      play: () => writeFails(which, problem)
    }))
  ),
  ...[1, 2, 3].flatMap((write) =>
    [false, true].map((isDone): Cell => ({
      fault: "write is cut off",
      moment: (["m1", "m3", "m7"] as const)[write - 1] ?? "m1",
      means: "X",
      variant: isDone ? "after its commit" : "before its commit",
      expects: "the next pool has it once, and books it once",
      play: () => writeIsCutOff(write, isDone)
    }))
  ),
  ...(["m2", "m5", "m10"] as const).flatMap((moment) =>
    Object.entries(jumps).map(([variant, by]): Cell => ({
      fault: "clock jumps",
      moment,
      means: "X",
      variant,
      expects: "nothing runs out of time, nothing is run twice",
      play: () => clockJumps(moment, by)
    }))
  ),
  ...(["m2", "m5", "m7", "m8", "m10"] as const).map((moment): Cell => ({
    fault: "cancelled",
    moment,
    means: "X",
    expects: "one end, and no worker left",
    play: (draw) => cancelled(moment, draw)
  })),
  {
    fault: "approved and rejected",
    moment: "m10",
    means: "X",
    expects: "one decision stands",
    play: decided
  }
]
