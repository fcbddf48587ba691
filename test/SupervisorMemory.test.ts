/**
 * The supervisor and memory, of a slot and of the machine; how often it looks, and what else it does meanwhile.
 */
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, SubscriptionRef } from "effect"
import { TestClock } from "effect/testing"
import { PoolEvent } from "../src/domain/PoolEvent.ts"
import { SlotId } from "../src/domain/SlotId.ts"
import { TaskId } from "../src/domain/TaskId.ts"
import { Events } from "../src/services/Events.ts"
import { resting } from "./support/ScriptedMachine.ts"
import { scriptedWorker, slot } from "./support/ScriptedSlots.ts"
import { playing, reasonOf, seconds } from "./support/SupervisedPlay.ts"
import { settle } from "./support/Time.ts"

describe("memory of a slot", () => {
  it.effect("is shown, and too much of it in two looks ends the worker", () =>
    Effect.gen(function*() {
      const large = yield* scriptedWorker()
      yield* playing({ slots: [slot(large.worker)] }, ({ machine, supervisor }) =>
        Effect.gen(function*() {
          machine.usage.set("m1", { ...resting, rssBytes: 4.1e9 })
          yield* supervisor.look
          assert.deepStrictEqual((yield* supervisor.health).map(({ rssBytes }) => rssBytes), [4.1e9])
          machine.usage.set("m1", { ...resting, rssBytes: 3.9e9 })
          yield* supervisor.look
          machine.usage.set("m1", { ...resting, rssBytes: 4.1e9 })
          yield* supervisor.look
          assert.isNull(large.conclusion())
          yield* supervisor.look
          assert.deepInclude(reasonOf(large), { _tag: "MemoryExceeded", limit: 4e9, used: 4.1e9 })
          assert.deepStrictEqual(machine.killed, [])
        }))
    }))

  it.effect("that an idle spare has too much of is had by another one", () => {
    const here = slot(null)
    return playing({ slots: [here] }, ({ machine, supervisor }) =>
      Effect.gen(function*() {
        machine.usage.set("m1", { ...resting, rssBytes: 5e9 })
        yield* supervisor.look
        assert.strictEqual(here.renewed, 0)
        yield* supervisor.look
        assert.strictEqual(here.renewed, 1)
        assert.deepStrictEqual(machine.killed, [])
      }))
  })

  it.effect("is not capped where nobody wants it", () =>
    Effect.gen(function*() {
      const large = yield* scriptedWorker()
      yield* playing({ slots: [slot(large.worker)], options: { slotMemory: null } }, ({ machine }) =>
        Effect.gen(function*() {
          machine.usage.set("m1", { ...resting, rssBytes: 1e12 })
          yield* seconds(30)
          assert.isNull(large.conclusion())
        }))
    }))
})

describe("memory of the machine", () => {
  it.effect("holds work back while there is too little, and lets it go on when there is clearly enough", () =>
    Effect.gen(function*() {
      const running = yield* scriptedWorker()
      yield* playing({ slots: [slot(running.worker)] }, ({ machine, supervisor }) =>
        Effect.gen(function*() {
          const causes = Effect.map(
            SubscriptionRef.get(machine.holds),
            (all) => all.map(({ cause, detail }) => `${cause}: ${detail}`)
          )
          assert.isNull(yield* supervisor.freeMemory)
          yield* supervisor.look
          assert.deepStrictEqual(yield* causes, [])
          machine.available = 499e6
          yield* supervisor.look
          assert.strictEqual(yield* supervisor.freeMemory, 499e6)
          assert.deepStrictEqual(yield* causes, ["memory: 476 MiB of 14.9 GiB are free, less than 477 MiB"])
          machine.available = 510e6
          yield* supervisor.look
          assert.lengthOf(yield* causes, 1)
          machine.available = 626e6
          yield* supervisor.look
          assert.deepStrictEqual(yield* causes, [])
          assert.isNull(running.conclusion())
        }))
    }))
})

describe("how often it looks", () => {
  it.effect("is every five seconds at work, and every thirty otherwise", () =>
    Effect.gen(function*() {
      const { worker } = yield* scriptedWorker()
      const here = slot(worker)
      yield* playing({ slots: [here, slot(null)] }, ({ machine }) =>
        Effect.gen(function*() {
          yield* seconds(60)
          assert.strictEqual(machine.looks, 12)
          Object.assign(here, { worker: null, state: "idle" })
          yield* seconds(5)
          assert.strictEqual(machine.looks, 13)
          yield* seconds(300)
          assert.strictEqual(machine.looks, 23)
        }))
    }))

  it.effect("is at once again when a task starts", () =>
    playing({ slots: [slot(null)] }, ({ machine }) =>
      Effect.gen(function*() {
        yield* seconds(10)
        assert.strictEqual(machine.looks, 1)
        const events = yield* Events
        yield* events.publish(
          PoolEvent.cases.Started.make({ id: TaskId.make("t_0000000000000000"), attempt: 1, slot: SlotId.make(1) })
        )
        yield* settle
        assert.strictEqual(machine.looks, 2)
      })))
})

describe("periodic steps", () => {
  it.effect("have each its own time, and one that fails or hangs holds up nobody", () =>
    Effect.gen(function*() {
      const done: Array<string> = []
      const step = (name: string, every: Duration.Input, run: Effect.Effect<unknown, unknown>) => ({
        name,
        every: Duration.fromInputUnsafe(every),
        run: Effect.andThen(Effect.sync(() => done.push(name)), run)
      })
      const { worker } = yield* scriptedWorker()
      const steps = [
        step("hangs", "1 second", Effect.never),
        step("fails", "1 minute", Effect.fail("no")),
        step("dies", "1 minute", Effect.die("no")),
        step("prune", "1 hour", Effect.void)
      ]
      yield* playing({ slots: [slot(worker)], options: { steps } }, () =>
        Effect.gen(function*() {
          yield* seconds(5)
          assert.deepStrictEqual(done.splice(0), ["hangs", "fails", "dies", "prune"])
          yield* seconds(61)
          assert.deepStrictEqual(done.splice(0), ["fails", "dies"])
          yield* TestClock.adjust("1 hour")
          yield* settle
          assert.strictEqual(done.filter((name) => name === "prune").length, 1)
          assert.notInclude(done, "hangs")
        }))
    }))
})
