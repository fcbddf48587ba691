import { assert, describe, it } from "@effect/vitest"
import { DateTime, Deferred, Effect, Exit, Fiber, Layer, Ref, Scope, SubscriptionRef } from "effect"
import { StoreUnusable } from "../src/domain/EnvironmentFailure.ts"
import { Failure } from "../src/domain/Failure.ts"
import type { Launch } from "../src/domain/Launch.ts"
import { SessionId } from "../src/domain/SessionId.ts"
import { Slots } from "../src/services/Slots.ts"
import { StartedWorkers } from "./support/ScriptedClaude.ts"
import { ScriptedMachine } from "./support/ScriptedMachine.ts"
import { launch, testSlots } from "./support/TestSlots.ts"
import { settle } from "./support/Time.ts"

/** Borrows a slot and starts a process for `wanted` on it; both are given back when the scope closes. */
const work = (wanted: Launch) =>
  Effect.gen(function*() {
    const slot = yield* (yield* Slots).borrow(null)
    return yield* slot.worker(wanted)
  })

const livePids = Effect.gen(function*() {
  yield* settle
  return (yield* (yield* StartedWorkers).live).map(({ pid }) => pid)
})

describe("Slots", () => {
  it.effect("holds a started process in each idle slot", () =>
    Effect.gen(function*() {
      yield* Slots
      assert.deepStrictEqual(yield* livePids, [1, 2])
    }).pipe(Effect.provide(testSlots())))

  it.effect("gives each slot a number of its own, also when many are opened at once", () =>
    Effect.gen(function*() {
      const slots = yield* Slots
      const ids = yield* Effect.scoped(
        Effect.forEach(Array.from({ length: 8 }), () => Effect.map(slots.borrow(null), ({ id }) => id), {
          concurrency: "unbounded"
        })
      )
      assert.strictEqual(new Set(ids).size, 8)
    }).pipe(Effect.provide(testSlots({ size: 8, spare: null }))))

  it.effect("gives a task the spare, ends it after the task, and starts another", () =>
    Effect.gen(function*() {
      yield* livePids
      const pid = yield* Effect.scoped(Effect.map(work(launch), (worker) => worker.pid))
      assert.include([1, 2], pid)
      const live = yield* livePids
      assert.strictEqual(live.length, 2)
      assert.notInclude(live, pid)
      assert.include(live, 3)
    }).pipe(Effect.provide(testSlots())))

  it.effect("starts a process of its own for a task that no spare fits, and makes the next spare fit", () =>
    Effect.gen(function*() {
      yield* livePids
      const other: Launch = { ...launch, systemPrompt: "be brief" }
      const pid = yield* Effect.scoped(Effect.map(work(other), (worker) => worker.pid))
      assert.strictEqual(pid, 2)
      yield* livePids
      const processes = yield* StartedWorkers
      const spares = yield* processes.live
      assert.isTrue(spares.some((spare) => spare.launch.systemPrompt === "be brief"))
    }).pipe(Effect.provide(testSlots({ size: 1 }))))

  it.effect("keeps no spare for a workspace, whose directory may be gone, and gives it none", () =>
    Effect.gen(function*() {
      yield* livePids
      const pid = yield* Effect.scoped(Effect.map(work({ ...launch, env: {} }), (worker) => worker.pid))
      assert.notStrictEqual(pid, 1)
      assert.deepStrictEqual(yield* livePids, [1])
      const spares = yield* (yield* StartedWorkers).live
      assert.isUndefined(spares[0]?.launch.env)
    }).pipe(Effect.provide(testSlots({ size: 1 }))))

  it.effect("never resumes a session in a spare, nor keeps a spare for one", () =>
    Effect.gen(function*() {
      yield* livePids
      const resumed: Launch = { ...launch, resume: SessionId.make("s-1") }
      yield* Effect.scoped(work(resumed))
      yield* settle
      const { started } = yield* StartedWorkers
      const resumes = (yield* started).filter((process) => process.launch.resume !== undefined)
      assert.strictEqual(resumes.length, 1)
      assert.deepStrictEqual(yield* livePids, [1])
    }).pipe(Effect.provide(testSlots({ size: 1 }))))

  it.effect("does not lend a spare that has died", () =>
    Effect.gen(function*() {
      yield* livePids
      const [spare] = yield* (yield* StartedWorkers).started
      yield* spare!.crash
      yield* settle
      assert.strictEqual(yield* Effect.scoped(Effect.map(work(launch), (worker) => worker.pid)), 2)
    }).pipe(Effect.provide(testSlots({ size: 1 }))))

  it.effect("starts no more processes at once than it may", () =>
    Effect.gen(function*() {
      const gate = yield* Deferred.make<void>()
      const starting = yield* Ref.make(0)
      const most = yield* Ref.make(0)
      const start = () =>
        Ref.updateAndGet(starting, (n) => n + 1).pipe(
          Effect.flatMap((now) => Ref.update(most, (before) => Math.max(before, now))),
          Effect.andThen(Deferred.await(gate)),
          Effect.andThen(Ref.update(starting, (n) => n - 1))
        )
      yield* Effect.gen(function*() {
        yield* settle
        assert.strictEqual(yield* Ref.get(starting), 3)
        yield* Deferred.succeed(gate, undefined)
        assert.strictEqual((yield* livePids).length, 8)
        assert.strictEqual(yield* Ref.get(most), 3)
      }).pipe(Effect.provide(testSlots({ size: 8, startConcurrency: 3 }, { start })))
    }))

  it.effect("makes the next one wait until a slot is given back", () =>
    Effect.gen(function*() {
      const first = yield* Scope.make()
      const slot = yield* (yield* Slots).borrow(null).pipe(Scope.provide(first))
      const waiting = yield* Effect.forkChild(Effect.scoped(Effect.flatMap(Slots, (all) => all.borrow(null))))
      yield* settle
      assert.isUndefined(waiting.pollUnsafe())
      yield* Scope.close(first, Exit.void)
      assert.strictEqual((yield* Fiber.join(waiting)).id, slot.id)
    }).pipe(Effect.provide(testSlots({ size: 1, spare: null }))))

  it.effect("says of each slot what it does", () =>
    Effect.gen(function*() {
      yield* livePids
      const all = yield* Slots
      yield* Effect.scoped(Effect.gen(function*() {
        yield* work(launch)
        const busy = (yield* all.view).filter(({ state }) => state === "busy")
        assert.strictEqual(busy.length, 1)
      }))
      yield* settle
      assert.deepStrictEqual((yield* all.view).map(({ state }) => state), ["idle", "idle"])
    }).pipe(Effect.provide(testSlots())))

  it.effect("tells a task why its process could not be started, and tries anew for the next", () =>
    Effect.gen(function*() {
      const broken = new Failure({ reason: new StoreUnusable({ directory: "/x", problem: "io", detail: "gone" }) })
      const tries = yield* Ref.make(0)
      const start = () =>
        Effect.flatMap(Ref.updateAndGet(tries, (n) => n + 1), (n) => n <= 2 ? Effect.fail(broken) : Effect.void)
      yield* Effect.gen(function*() {
        yield* settle
        assert.deepStrictEqual(yield* (yield* Slots).view, [{ slot: "slot-1", state: "failed", error: broken.message }])
        const failure = yield* Effect.flip(Effect.scoped(work(launch)))
        assert.strictEqual(failure, broken)
        yield* Effect.scoped(work(launch))
      }).pipe(Effect.provide(testSlots({ size: 1 }, { start })))
    }))

  it.effect("ends every process when it ends itself", () =>
    Effect.gen(function*() {
      const scope = yield* Scope.make()
      const context = yield* Layer.buildWithScope(testSlots({ size: 4 }), scope)
      const processes = yield* Effect.provide(StartedWorkers, context)
      yield* Effect.scoped(work(launch)).pipe(Effect.provide(context))
      yield* settle
      assert.strictEqual((yield* processes.live).length, 4)
      yield* Scope.close(scope, Exit.void)
      assert.deepStrictEqual(yield* processes.live, [])
    }))

  it.effect("renews a spare, and nothing where there is none", () =>
    Effect.gen(function*() {
      yield* livePids
      const [first] = yield* (yield* Slots).watched
      yield* first!.renew
      assert.deepStrictEqual(yield* livePids, [2, 3])
      yield* Effect.scoped(Effect.gen(function*() {
        yield* work(launch)
        yield* work(launch)
        yield* first!.renew
        assert.deepStrictEqual(yield* livePids, [2, 3])
      }))
    }).pipe(Effect.provide(testSlots())))

  it.effect("starts spares only when there is memory for them, and a task's process in any case", () =>
    Effect.gen(function*() {
      const { holds, layer } = yield* ScriptedMachine.make
      const hold = (cause: "memory" | "drain") =>
        Effect.map(DateTime.now, (since) => ({ cause, detail: "", hint: "", since, until: null, probing: false }))
      yield* SubscriptionRef.set(holds, [yield* hold("memory")])
      yield* Effect.gen(function*() {
        assert.deepStrictEqual(yield* livePids, [])
        yield* Effect.scoped(
          Effect.andThen(work(launch), Effect.map(livePids, (pids) => assert.deepStrictEqual(pids, [1])))
        )
        yield* SubscriptionRef.set(holds, [yield* hold("memory"), yield* hold("drain")])
        assert.deepStrictEqual(yield* livePids, [])
        yield* SubscriptionRef.set(holds, [yield* hold("drain")])
        assert.lengthOf(yield* livePids, 2)
      }).pipe(Effect.provide(testSlots({ holds: layer })))
    }))
})
