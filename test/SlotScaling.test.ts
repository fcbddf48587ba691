/**
 * Slots that come, go, rest and change while the pool runs.
 */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Duration, Effect, Exit, Fiber, Scope } from "effect"
import { SlotId } from "../src/domain/SlotId.ts"
import { Roster } from "../src/services/Roster.ts"
import { Slots } from "../src/services/Slots.ts"
import { StartedWorkers } from "./support/ScriptedClaude.ts"
import { launch, testSlots } from "./support/TestSlots.ts"
import { pass, settle } from "./support/Time.ts"

/** Borrows a slot until it is given back. */
const hold = Effect.fnUntraced(function*(role: string | null = null) {
  const scope = yield* Scope.make()
  const slot = yield* (yield* Slots).borrow(role).pipe(Scope.provide(scope))
  return { slot, giveBack: Effect.andThen(Scope.close(scope, Exit.void), settle) }
})

/** Each slot and its state. */
const states = Effect.gen(function*() {
  yield* settle
  return (yield* (yield* Slots).view).map(({ slot, state }) => `${slot} ${state}`)
})

const seats = Effect.gen(function*() {
  return (yield* (yield* Roster).seats).map(({ id }) => Number(id))
})

const liveSpares = Effect.gen(function*() {
  yield* settle
  return (yield* (yield* StartedWorkers).live).length
})

const scale = (target: number) => Effect.flatMap(Slots, (slots) => slots.scale(target))

describe("scaling", () => {
  it.effect("opens slots at once, with their spares, at the lowest numbers that are free", () =>
    Effect.gen(function*() {
      yield* settle
      assert.deepStrictEqual(yield* scale(4), { before: 2, target: 4, draining: [] })
      assert.deepStrictEqual(yield* states, ["slot-1 idle", "slot-2 idle", "slot-3 idle", "slot-4 idle"])
      assert.strictEqual(yield* liveSpares, 4)
      assert.deepStrictEqual(yield* seats, [1, 2, 3, 4])
    }).pipe(Effect.provide(testSlots())))

  it.effect("closes idle slots at once, and lets busy ones finish before they go", () =>
    Effect.gen(function*() {
      yield* settle
      const [one, two] = [yield* hold(), yield* hold()]
      assert.deepStrictEqual([one.slot.id, two.slot.id].map(Number), [1, 2])
      assert.deepStrictEqual(yield* scale(1), { before: 4, target: 1, draining: ["slot-2"] })
      assert.deepStrictEqual(yield* states, ["slot-1 busy", "slot-2 draining"])
      assert.deepStrictEqual(yield* seats, [1])
      // It still works.
      yield* Effect.scoped(two.slot.worker(launch))
      yield* two.giveBack
      assert.deepStrictEqual(yield* states, ["slot-1 busy"])
      yield* one.giveBack
      assert.deepStrictEqual(yield* states, ["slot-1 idle"])
      assert.strictEqual(yield* liveSpares, 1)
    }).pipe(Effect.provide(testSlots({ size: 4 }))))

  it.effect("takes back what drains before it opens others", () =>
    Effect.gen(function*() {
      yield* settle
      const one = yield* hold()
      const two = yield* hold()
      yield* scale(1)
      assert.deepStrictEqual(yield* scale(3), { before: 1, target: 3, draining: [] })
      assert.deepStrictEqual(yield* states, ["slot-1 busy", "slot-2 busy", "slot-3 idle"])
      yield* Effect.all([one.giveBack, two.giveBack])
      assert.deepStrictEqual(yield* states, ["slot-1 idle", "slot-2 idle", "slot-3 idle"])
    }).pipe(Effect.provide(testSlots())))

  it.effect("waits for the end of whoever had the number before", () => {
    const gate = Deferred.makeUnsafe<void>()
    const ended: Array<number> = []
    return Effect.gen(function*() {
      yield* settle
      yield* scale(1)
      yield* settle
      yield* scale(2)
      assert.deepStrictEqual(yield* states, ["slot-1 idle", "slot-2 starting"])
      assert.deepStrictEqual(ended, [])
      yield* Deferred.succeed(gate, undefined)
      assert.deepStrictEqual(yield* states, ["slot-1 idle", "slot-2 idle"])
      assert.deepStrictEqual(ended, [2])
    }).pipe(Effect.provide(testSlots({}, {
      leave: (slot) =>
        slot === 2 ? Effect.andThen(Deferred.await(gate), Effect.sync(() => ended.push(slot))) : Effect.void
    })))
  })

  it.effect("refuses what is out of bounds, and what would leave a role without a slot, and says what would do", () =>
    Effect.gen(function*() {
      for (const target of [1, 5, 2.5, Number.NaN]) {
        const failure = yield* Effect.flip(scale(target))
        assert.strictEqual(failure.reason._tag, "InvalidRequest")
        assert.strictEqual(failure.message, `slots: ${target} is not a whole number from 2 to 4`)
        assert.include(failure.reason.hint, "2 to 4 slots, by the settings min_slots and max_slots")
      }
      const few = yield* Effect.flip(scale(2))
      assert.strictEqual(few.message, "slots: 2 is too few: each role keeps a slot")
      assert.include(few.reason.hint, "at least 3")
      assert.deepStrictEqual(yield* seats, [1, 2, 3])
    }).pipe(Effect.provide(testSlots({
      size: 3,
      min: 2,
      max: 4,
      profiles: [{ role: "a" }, { role: "b" }, { role: "c" }]
    }))))

  it.effect("does twice what is asked for twice at once", () =>
    Effect.gen(function*() {
      const slots = yield* Slots
      const replies = yield* Effect.all([slots.scaleBy(1), slots.scaleBy(1), slots.scaleBy(-1), slots.scaleBy(2)], {
        concurrency: "unbounded"
      })
      assert.deepStrictEqual(replies.map(({ target }) => target), [3, 4, 3, 5])
      assert.strictEqual(yield* slots.target, 5)
    }).pipe(Effect.provide(testSlots())))

  it.effect("gives a number back to who had it, as that slot was last told to be", () =>
    Effect.gen(function*() {
      const slots = yield* Slots
      yield* settle
      yield* slots.configure(SlotId.make(3), { name: "Ada" })
      yield* scale(1)
      yield* scale(4)
      const views = yield* Effect.andThen(settle, slots.view)
      assert.deepStrictEqual(views.map(({ model, name, role }) => [role, name, model]), [
        ["a", undefined, undefined],
        [undefined, undefined, "opus"],
        [undefined, "Ada", undefined],
        [undefined, undefined, undefined]
      ])
    }).pipe(Effect.provide(testSlots({ size: 3, profiles: [{ role: "a" }, { model: "opus" }] }))))

  it.effect("opens nothing any more while the pool ends", () =>
    Effect.gen(function*() {
      const slots = yield* Slots
      yield* slots.windDown
      assert.strictEqual((yield* Effect.flip(slots.scale(3))).reason._tag, "ShuttingDown")
    }).pipe(Effect.provide(testSlots())))
})

describe("a slot that has to rest", () => {
  it.effect("is closed when it is given back, and opened again after its time, while the others work on", () =>
    Effect.gen(function*() {
      yield* settle
      const { giveBack, slot } = yield* hold()
      yield* slot.rest(Duration.seconds(60), "its worker hung")
      assert.deepStrictEqual(yield* states, ["slot-1 busy", "slot-2 idle"])
      yield* giveBack
      const [resting] = yield* (yield* Slots).view
      assert.deepStrictEqual(resting, {
        slot: "slot-1",
        state: "resting",
        error: "its worker hung",
        until: "1970-01-01T00:01:00.000Z"
      })
      assert.strictEqual(yield* liveSpares, 1)
      const other = yield* hold()
      assert.strictEqual(Number(other.slot.id), 2)
      const waiting = yield* Effect.forkChild(hold())
      yield* pass("59 seconds")
      assert.isUndefined(waiting.pollUnsafe())
      yield* pass("1 second")
      const first = yield* Fiber.join(waiting)
      assert.strictEqual(Number(first.slot.id), 1)
      yield* Effect.all([first.giveBack, other.giveBack])
    }).pipe(Effect.provide(testSlots())))

  it.effect("goes at once where it is one too many, and does not rest where it was given back before", () =>
    Effect.gen(function*() {
      yield* settle
      const one = yield* hold()
      const two = yield* hold()
      yield* two.slot.rest(Duration.hours(1), "sick")
      yield* two.giveBack
      yield* two.slot.rest(Duration.hours(1), "too late")
      assert.deepStrictEqual(yield* scale(1), { before: 2, target: 1, draining: [] })
      assert.deepStrictEqual(yield* states, ["slot-1 busy"])
      yield* one.giveBack
      assert.deepStrictEqual(yield* states, ["slot-1 idle"])
    }).pipe(Effect.provide(testSlots())))
})

describe("a slot that is told to be another", () => {
  it.effect("has its spare started anew where that does not fit any more, and is asked for by its new role", () =>
    Effect.gen(function*() {
      const slots = yield* Slots
      yield* settle
      const waiting = yield* Effect.forkChild(hold("reviewer"))
      yield* settle
      const settings = yield* slots.configure(SlotId.make(2), { role: "reviewer", model: "opus", cwd: "/other" })
      assert.deepStrictEqual(settings, { role: "reviewer", model: "opus", cwd: "/other" })
      const { giveBack, slot } = yield* Fiber.join(waiting)
      assert.deepStrictEqual([Number(slot.id), slot.role, slot.settings.cwd], [2, "reviewer", "/other"])
      yield* giveBack
      yield* settle
      const spares = (yield* (yield* StartedWorkers).live).map(({ launch: { cwd, model } }) => [cwd, model])
      assert.deepStrictEqual(spares, [["/w", undefined], ["/other", "opus"]])
    }).pipe(Effect.provide(testSlots())))

  it.effect("is what it was to the task that has it", () =>
    Effect.gen(function*() {
      const slots = yield* Slots
      const { giveBack, slot } = yield* hold()
      yield* slots.configure(slot.id, { role: "reviewer" })
      assert.deepStrictEqual([slot.role, slot.settings], [null, {}])
      const waiting = yield* Effect.forkChild(hold("reviewer"))
      yield* settle
      assert.isUndefined(waiting.pollUnsafe())
      yield* giveBack
      const next = yield* Fiber.join(waiting)
      assert.strictEqual(next.slot.role, "reviewer")
      yield* next.giveBack
    }).pipe(Effect.provide(testSlots({ size: 1 }))))

  it.effect("is refused rights, directories and numbers that there are not", () =>
    Effect.gen(function*() {
      const slots = yield* Slots
      const one = SlotId.make(1)
      const failure = (slot: SlotId, change: object) => Effect.flip(slots.configure(slot, change))
      assert.strictEqual((yield* failure(one, { permissions: "full" })).reason._tag, "PermissionRefused")
      assert.include((yield* failure(one, { cwd: "relative" })).message, "is not an absolute path")
      assert.include((yield* failure(one, { cwd: "/no/where" })).message, "is not a directory")
      assert.include((yield* failure(one, { colour: "red" })).message, "colour")
      const unknown = yield* failure(SlotId.make(9), { name: "x" })
      assert.deepStrictEqual([unknown.reason._tag, unknown.message], ["NotFound", "there is no slot-9"])
      assert.include(unknown.reason.hint, "claude-pool slots")
      assert.deepStrictEqual((yield* (yield* Roster).seats).map(({ settings }) => settings), [{}, {}])
    }).pipe(Effect.provide(testSlots())))

  it.effect("cannot be in a directory that there is not from the start", () =>
    Effect.gen(function*() {
      const failure = yield* Effect.flip(Effect.provide(Slots, testSlots({ profiles: [{ cwd: "/no/where" }] })))
      assert.include(failure.message, "/no/where is not a directory")
    }))
})

describe("the slots", () => {
  it.effect("count the answers that each has given", () =>
    Effect.gen(function*() {
      const slots = yield* Slots
      yield* settle
      const answered = Effect.gen(function*() {
        const slot = yield* slots.borrow(null)
        const worker = yield* slot.worker(launch)
        yield* worker.run({ prompt: "a", model: undefined }, () => Effect.void)
        yield* worker.run({ prompt: "b", model: undefined }, () => Effect.void)
      })
      yield* Effect.scoped(answered)
      yield* Effect.scoped(slots.borrow(null))
      yield* settle
      assert.deepStrictEqual((yield* slots.view).map(({ done }) => done), [1])
    }).pipe(Effect.provide(testSlots({ size: 1 }))))

  it.effect("are watched with the workers of their spares", () =>
    Effect.gen(function*() {
      const slots = yield* Slots
      yield* settle
      const { giveBack, slot } = yield* hold()
      yield* Effect.scoped(Effect.gen(function*() {
        yield* slot.worker(launch)
        const watched = yield* slots.watched
        assert.deepStrictEqual(watched.map(({ id, isLent, spare, worker }) => [id, isLent, worker?.pid, spare?.pid]), [
          [slot.id, true, 1, undefined],
          [SlotId.make(2), false, undefined, 2]
        ])
      }))
      yield* giveBack
    }).pipe(Effect.provide(testSlots())))

  it.effect("end whoever waits for one when they end themselves", () =>
    Effect.gen(function*() {
      const waiting = yield* Effect.gen(function*() {
        const fiber = yield* Effect.forkDetach(Effect.exit(hold("nobody")))
        yield* settle
        return fiber
      }).pipe(Effect.provide(testSlots()))
      assert.isTrue(Exit.isSuccess(yield* Fiber.await(waiting)))
    }))
})
