/**
 * Random histories of slots: they are scaled, borrowed, given back, told to rest and to be others, and those who wait for
 * them go away; and whatever happens, a slot is lent once, and nobody waits for one that is free.
 */
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Exit, Fiber, Layer, Schema, Scope } from "effect"
import { Context } from "effect"
import { SlotId } from "../src/domain/SlotId.ts"
import { type Slot, Slots } from "../src/services/Slots.ts"
import { StartedWorkers } from "./support/ScriptedClaude.ts"
import { launch, testSlots } from "./support/TestSlots.ts"
import { pass, settle } from "./support/Time.ts"

const number = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 64 }))
const which = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 9 }))
const role = Schema.NullOr(Schema.Literals(["a", "b"]))

const Step = Schema.Union([
  Schema.TaggedStruct("Scale", { to: Schema.Literals([1, 2, 3, 5, 8, 13, 64]) }),
  Schema.TaggedStruct("ScaleBy", { by: Schema.Literals([-5, -1, 1, 5]) }),
  Schema.TaggedStruct("Borrow", { role, works: Schema.Boolean }),
  Schema.TaggedStruct("GiveBack", { which }),
  Schema.TaggedStruct("Leave", { which }),
  Schema.TaggedStruct("Rest", { which }),
  Schema.TaggedStruct("Configure", { slot: number, role }),
  Schema.TaggedStruct("Pass", { seconds: Schema.Literals([1, 10, 60]) }),
  // What follows happens before anything comes of this.
  Schema.TaggedStruct("Hurry", {})
])

interface Borrower {
  readonly role: string | null
  readonly fiber: Fiber.Fiber<Slot, unknown>
  readonly scope: Scope.Closeable
}

const history = Effect.fnUntraced(function*(steps: ReadonlyArray<typeof Step.Type>) {
  const world = yield* Scope.make()
  /** The slots whose directories are there, each as often. */
  const homes: Array<number> = []
  const context = yield* Layer.buildWithScope(
    testSlots({ size: 3, profiles: [{ role: "a" }], startConcurrency: 3 }, {
      enter: (slot) => Effect.sync(() => homes.push(slot)),
      leave: (slot) => Effect.sync(() => homes.splice(homes.indexOf(slot), 1))
    }),
    world
  )
  const slots = Context.get(context, Slots)
  const workers = Context.get(context, StartedWorkers)
  let borrowers: ReadonlyArray<Borrower> = []
  let isSettled = true

  const held = () =>
    borrowers.flatMap(({ fiber }) => {
      const exit = fiber.pollUnsafe()
      return exit !== undefined && Exit.isSuccess(exit) ? [exit.value] : []
    })
  const waiting = () => borrowers.filter(({ fiber }) => fiber.pollUnsafe() === undefined)
  const pick = <A>(all: ReadonlyArray<A>, n: number): ReadonlyArray<A> => all.length === 0 ? [] : [all[n % all.length]!]

  const end = Effect.fnUntraced(function*(borrower: Borrower) {
    borrowers = borrowers.filter((other) => other !== borrower)
    yield* Fiber.interrupt(borrower.fiber)
    yield* Scope.close(borrower.scope, Exit.void)
  })

  const play = Effect.fnUntraced(function*(step: typeof Step.Type) {
    switch (step._tag) {
      case "Scale":
        return yield* Effect.exit(slots.scale(step.to))
      case "ScaleBy":
        return yield* Effect.exit(slots.scaleBy(step.by))
      case "Borrow": {
        const scope = yield* Scope.make()
        const borrow = slots.borrow(step.role).pipe(
          Effect.tap((slot) => step.works ? slot.worker(launch) : Effect.void),
          Scope.provide(scope)
        )
        const fiber = yield* Effect.forkDetach(borrow)
        borrowers = [...borrowers, { role: step.role, fiber, scope }]
        return
      }
      case "GiveBack": {
        const done = borrowers.filter(({ fiber }) => fiber.pollUnsafe() !== undefined)
        return yield* Effect.forEach(pick(done, step.which), end)
      }
      case "Leave":
        return yield* Effect.forEach(pick(waiting(), step.which), end)
      case "Rest":
        return yield* Effect.forEach(pick(held(), step.which), (slot) => slot.rest(Duration.seconds(30), "storm"))
      case "Configure":
        return yield* Effect.exit(slots.configure(SlotId.make(step.slot), { role: step.role }))
      case "Pass":
        return yield* pass(Duration.seconds(step.seconds), 3)
      case "Hurry":
        isSettled = false
    }
  })

  const check = Effect.gen(function*() {
    const { slots: all, target } = yield* slots.occupancy
    const lent = held().map(({ id }) => Number(id))
    assert.strictEqual(new Set(lent).size, lent.length, "a slot is lent once")
    const states = all.map(({ state }) => state._tag)
    const going = states.filter((state) => state === "Draining" || state === "Closing").length
    assert.strictEqual(all.length - going, target)
    assert.isAtMost(homes.length, target + going, "no more are open than there are meant to be")
    assert.strictEqual(new Set(homes).size, homes.length, "a number has one home")
    assert.isTrue(lent.every((id) => homes.includes(id)), "no home goes under whoever works in it")
    for (const { role } of waiting()) {
      const isFree = all.some((slot) => slot.state._tag === "Idle" && slot.role === role)
      assert.isFalse(isFree, "nobody waits for a role of which a slot is free")
    }
  })

  for (const step of steps) {
    isSettled = true
    yield* play(step)
    if (!isSettled) continue
    yield* settle
    yield* check
  }
  yield* Effect.forEach(borrowers, end)
  yield* pass("2 minutes", 3)
  const { slots: all, target } = yield* slots.occupancy
  assert.deepStrictEqual(all.map(({ state }) => state._tag), Array.from({ length: target }, () => "Idle" as const))
  assert.strictEqual((yield* workers.live).length, target, "each idle slot has its spare, and nothing else is left")
  yield* Scope.close(world, Exit.void)
  assert.deepStrictEqual(yield* workers.live, [])
  assert.deepStrictEqual(homes, [])
})

describe("slots, whatever happens to them,", () => {
  it.effect.prop(
    "are lent once, keep to their number, and leave nobody waiting",
    [Schema.Array(Step).check(Schema.isMinLength(3), Schema.isMaxLength(40))],
    ([steps]) => history(steps),
    { arbitrary: { runs: 150, size: 40 } }
  )
})
