/**
 * Failures that all share: a login that is lost, a limit, a configuration. They are answered once, for all tasks,
 * and cost none of them a try.
 */
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Duration, Effect, Fiber, Layer, Ref } from "effect"
import { TestClock } from "effect/testing"
import { CliMissing, CliUnusable, NotLoggedIn } from "../src/domain/EnvironmentFailure.ts"
import { Failure, type Reason } from "../src/domain/Failure.ts"
import { BillingStopped, UsageLimited } from "../src/domain/LimitFailure.ts"
import { isLogged, PoolEvent } from "../src/domain/PoolEvent.ts"
import { ConfigMismatch, ProviderFailed, RequestRejected, StartFailed } from "../src/domain/WorkerFailure.ts"
import { Pool } from "../src/services/Pool.ts"
import { Store } from "../src/services/Store.ts"
import { counts, heldEvents, holdsNow, outage, seconds, submitAll, warnings } from "./support/Outage.ts"
import { StartedWorkers } from "./support/ScriptedClaude.ts"
import { testPool } from "./support/TestPool.ts"
import { settle } from "./support/Time.ts"

const fails = (reason: Reason) => () => Effect.fail(new Failure({ reason }))
/** In a second: until then others are started. */
const soon = (reason: Reason) => () => Effect.andThen(Effect.sleep("1 second"), fails(reason)())
const overloaded = new ProviderFailed({ status: 529, detail: "overloaded" })
const loggedOut = new NotLoggedIn({ status: 401, detail: "token expired" })

describe("a login that is lost among fifty tasks", () => {
  it.effect("fails none of them, is warned of once, and is over when somebody has logged in", () => {
    const world = outage()
    const log = warnings()
    return Effect.gen(function*() {
      const heard = yield* heldEvents
      yield* submitAll(50)
      yield* seconds(3)
      assert.isAtLeast((yield* counts).done, 4)
      yield* world.meet(fails(loggedOut))
      yield* seconds(600)
      const { done, failed, queued } = yield* counts
      assert.deepStrictEqual([failed, done + queued], [0, 50])
      const [hold] = yield* holdsNow
      assert.deepInclude(hold, { cause: "login", detail: loggedOut.message, hint: loggedOut.hint })
      assert.isAtMost(world.at.length, done + 2 + 10)
      assert.strictEqual((yield* (yield* Pool).list({ limit: 1 })).tasks[0]?.waits_for, "login")
      yield* world.recover
      yield* seconds(180)
      assert.deepInclude(yield* counts, { done: 50, failed: 0 })
      assert.strictEqual(log.all.length, 1)
      assert.include(log.all[0], loggedOut.message)
      assert.deepStrictEqual((yield* Ref.get(heard)).map(({ _tag }) => _tag), ["Held", "Lifted"])
      // They are told to who listens, and not kept.
      const kept = new Set((yield* (yield* Store).events(0, 10_000)).map(({ event }) => event._tag))
      assert.isFalse(isLogged(PoolEvent.cases.Lifted.make({ cause: "login" })))
      assert.isTrue(kept.has("Finished") && !kept.has("Held") && !kept.has("Lifted"))
    }).pipe(Effect.provide(testPool({ script: world.script, slots: 2 }).pipe(Layer.provide(log.layer))))
  })

  it.effect("waits as well for an account that cannot pay", () => {
    const world = outage()
    return Effect.gen(function*() {
      yield* world.meet(fails(new BillingStopped({ detail: "credit balance is too low" })))
      yield* submitAll(5)
      yield* seconds(20)
      assert.deepInclude(yield* counts, { queued: 5, failed: 0 })
      assert.deepStrictEqual((yield* holdsNow).map(({ cause }) => cause), ["login"])
      yield* world.recover
      yield* seconds(60)
      assert.strictEqual((yield* counts).done, 5)
    }).pipe(Effect.provide(testPool({ script: world.script })))
  })

  for (
    const reason of [
      loggedOut,
      new BillingStopped({ detail: "no credit" }),
      new CliMissing({ searched: ["PATH"] }),
      new CliUnusable({ binary: "/claude", detail: "too old" }),
      new ConfigMismatch({ setting: "model", asked: "a", got: "b" })
    ] as ReadonlyArray<Reason>
  ) {
    it.effect(`fails what a person waits for, and no process is started for the others: ${reason._tag}`, () => {
      const world = outage()
      return Effect.gen(function*() {
        yield* world.meet(fails(reason))
        const ids = yield* submitAll(10)
        yield* settle
        yield* settle
        const pool = yield* Pool
        const codes = yield* Effect.forEach(ids, (id) => Effect.map(pool.result(id), ({ error }) => error?.code))
        assert.deepStrictEqual(new Set(codes), new Set([reason._tag]))
        assert.isAtMost((yield* (yield* StartedWorkers).started).length, 2)
        // Nor for those that come later.
        assert.strictEqual((yield* pool.run({ prompt: "late" })).error?.code, reason._tag)
        assert.isAtMost((yield* (yield* StartedWorkers).started).length, 2)
      }).pipe(Effect.provide(testPool({ script: world.script, slots: 2, whenHeld: "fail" })))
    })
  }

  it.effect("leaves a command that waits with the tries that it has where the provider is away", () => {
    const world = outage()
    return Effect.gen(function*() {
      yield* world.meet(fails(overloaded))
      const running = yield* Effect.forkChild((yield* Pool).run({ prompt: "a" }))
      yield* seconds(60)
      const failed = yield* Fiber.join(running)
      assert.deepStrictEqual([failed.state, failed.attempts], ["failed", 3])
    }).pipe(Effect.provide(testPool({ script: world.script, whenHeld: "fail" })))
  })
})

describe("a usage limit", () => {
  const limited = (after: number | null) => () =>
    Effect.flatMap(DateTime.now, (now) =>
      new Failure({
        reason: new UsageLimited({
          detail: "429",
          resumeAt: after === null ? null : DateTime.addDuration(now, Duration.seconds(after))
        })
      }))

  // What a retry-after of a date or of garbage comes to, too: the CLI tells a time or none.
  for (
    const [name, after, looks] of [["of 2 s", 2, 1], ["of an hour", 3600, 1], ["without an end", null, 1]] as const
  ) {
    it.effect(`${name} is waited out by all, at the cost of one look`, () => {
      const world = outage()
      return Effect.gen(function*() {
        yield* world.meet(limited(after))
        yield* submitAll(20)
        yield* settle
        const first = world.at.length
        assert.isAtMost(first, 4)
        assert.deepStrictEqual((yield* holdsNow).map(({ cause }) => cause), ["limit"])
        yield* world.recover
        yield* TestClock.adjust(Duration.seconds((after ?? 30) - 1))
        yield* settle
        assert.strictEqual(world.at.length, first)
        yield* TestClock.adjust("1 second")
        yield* settle
        assert.strictEqual(world.at.length, first + looks)
        yield* seconds(10)
        assert.deepInclude(yield* counts, { done: 20, failed: 0 })
      }).pipe(Effect.provide(testPool({ script: world.script, slots: 4 })))
    })
  }

  it.effect("without an end is looked at less and less often", () => {
    const world = outage()
    return Effect.gen(function*() {
      yield* world.meet(limited(null))
      yield* submitAll(5)
      yield* seconds(1300)
      assert.deepStrictEqual(world.at, [0, 30, 90, 210, 450, 930])
    }).pipe(Effect.provide(testPool({ script: world.script, slots: 1 })))
  })

  it.effect("that another attempt says to be longer is waited out to its end", () => {
    const world = outage()
    let after = 0
    return Effect.gen(function*() {
      yield* world.meet(() =>
        Effect.flatMap(
          Effect.sync(() => after += 100),
          (time) => Effect.andThen(Effect.sleep("1 second"), limited(time)())
        )
      )
      yield* submitAll(4)
      yield* seconds(1)
      assert.strictEqual((yield* holdsNow)[0]?.until, "1970-01-01T00:06:41.000Z")
    }).pipe(Effect.provide(testPool({ script: world.script, slots: 4 })))
  })

  it.effect("of days fails its task, which says until when", () => {
    const world = outage()
    return Effect.gen(function*() {
      yield* world.meet(limited(7 * 3600))
      const failed = yield* (yield* Pool).run({ prompt: "a" })
      assert.deepStrictEqual([failed.state, failed.error?.resume_at], ["failed", "1970-01-01T07:00:00.000Z"])
      assert.deepStrictEqual(yield* holdsNow, [])
    }).pipe(Effect.provide(testPool({ script: world.script })))
  })
})

describe("a configuration that does not work", () => {
  it.effect("is held at once where the CLI is missing, and no slot is restarted for it", () => {
    const world = outage()
    return Effect.gen(function*() {
      yield* world.meet(fails(new CliMissing({ searched: ["PATH"] })))
      yield* submitAll(10)
      yield* seconds(25)
      assert.isAtMost(world.at.length, 2)
      const status = yield* (yield* Pool).status
      assert.deepStrictEqual([status.holds?.[0]?.cause, status.restarts], ["config", undefined])
      yield* world.recover
      yield* seconds(60)
      assert.deepInclude(yield* counts, { done: 10, failed: 0 })
    }).pipe(Effect.provide(testPool({ script: world.script })))
  })

  it.effect("is believed after three starts that fail with the same words", () => {
    const world = outage()
    return Effect.gen(function*() {
      yield* world.meet(fails(new StartFailed({ detail: "exit 1: no such option", transient: true })))
      yield* submitAll(10, { retry: { process: 20 } })
      yield* seconds(25)
      const status = yield* (yield* Pool).status
      assert.strictEqual(status.holds?.[0]?.cause, "config")
      assert.strictEqual(status.restarts?.total, 2)
      yield* world.recover
      yield* seconds(60)
      assert.deepInclude(yield* counts, { done: 10, failed: 0 })
    }).pipe(Effect.provide(testPool({ script: world.script, slots: 1 })))
  })

  it.effect("that is one task's own fails it, when it has been looked at once more", () => {
    const world = outage()
    return Effect.gen(function*() {
      yield* world.meet(({ prompt }) =>
        prompt === "odd" ? fails(new ConfigMismatch({ setting: "model", asked: "a", got: "b" }))() : null
      )
      const odd = yield* (yield* Pool).submit({ prompt: "odd" })
      yield* submitAll(3)
      yield* seconds(100)
      assert.deepInclude(yield* counts, { done: 3, failed: 1 })
      const failed = yield* (yield* Pool).list({ limit: 9, states: ["failed"] })
      assert.deepStrictEqual(failed.tasks.map(({ attempts, id }) => [id, attempts]), [[odd.id, 2]])
    }).pipe(Effect.provide(testPool({ script: world.script, slots: 1 })))
  })
})

describe("leave to find out", () => {
  it.effect("is not lost with a task that is cancelled before it is used", () => {
    const world = outage()
    return Effect.gen(function*() {
      const pool = yield* Pool
      yield* world.meet(fails(loggedOut))
      const ids = yield* submitAll(2)
      yield* seconds(1)
      yield* world.recover
      yield* pool.cancel(ids, "enough")
      yield* seconds(20)
      const [late] = yield* submitAll(1)
      yield* seconds(2)
      assert.strictEqual((yield* pool.result(late!)).state, "done")
      assert.deepStrictEqual(yield* holdsNow, [])
    }).pipe(Effect.provide(testPool({ script: world.script })))
  })
})

describe("several causes at once", () => {
  it.effect("are each lifted by what disproves them, and tasks start when none is left", () => {
    const world = outage()
    return Effect.gen(function*() {
      const [a, b] = [soon(loggedOut), soon(overloaded)]
      yield* world.meet(({ prompt }) => prompt === "task 1" ? a() : b())
      yield* submitAll(4)
      yield* seconds(1)
      assert.deepStrictEqual((yield* holdsNow).map(({ cause }) => cause).toSorted(), ["login", "provider"])
      // A refusal of the request shows that both are there again.
      yield* world.meet(fails(new RequestRejected({ status: 400, detail: "no" })))
      yield* seconds(20)
      assert.deepStrictEqual(yield* holdsNow, [])
      assert.strictEqual((yield* counts).failed, 4)
    }).pipe(Effect.provide(testPool({ script: world.script, slots: 4 })))
  })
})
