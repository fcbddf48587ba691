/**
 * Slots as they change, and which of them are opened and closed: rules alone.
 */
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Duration, Result, Schema } from "effect"
import { freeNumbers, planScaling, type Standing, staying } from "../../src/domain/Scaling.ts"
import { SlotId } from "../../src/domain/SlotId.ts"
import { changeSettings, oneOfEach } from "../../src/domain/SlotProfile.ts"
import { advance, isGoing, isLent, SlotState, SlotStep, stateNameOf } from "../../src/domain/SlotState.ts"

const at = DateTime.makeUnsafe(0)
const rest = { duration: Duration.seconds(5), why: "it hung" }

const steps = {
  Opened: SlotStep.cases.Opened.make({ at }),
  NotOpened: SlotStep.cases.NotOpened.make({ error: "no" }),
  Lend: SlotStep.cases.Lend.make({}),
  Rest: SlotStep.cases.Rest.make({ rest }),
  GiveBack: SlotStep.cases.GiveBack.make({ at }),
  Drain: SlotStep.cases.Drain.make({}),
  TakeBack: SlotStep.cases.TakeBack.make({}),
  Reopen: SlotStep.cases.Reopen.make({}),
  Close: SlotStep.cases.Close.make({})
}
const StepName = Schema.Literals(Object.keys(steps) as ReadonlyArray<keyof typeof steps>)

/** Which steps there are from where, and where they lead. */
const table: { readonly [From in SlotState["_tag"]]: { readonly [Step in keyof typeof steps]?: SlotState["_tag"] } } = {
  Opening: { Opened: "Idle", NotOpened: "Failed", Drain: "Closing" },
  Idle: { Lend: "Busy", Drain: "Closing" },
  Busy: { Rest: "Busy", GiveBack: "Idle", Drain: "Draining" },
  Draining: { Rest: "Draining", GiveBack: "Closing", TakeBack: "Busy" },
  Closing: { Close: "Closed" },
  Resting: { Reopen: "Opening", Drain: "Closing" },
  Failed: { Reopen: "Opening", Drain: "Closing" },
  Closed: {}
}

const names = Schema.Array(StepName).check(Schema.isMaxLength(60))

describe("a slot", () => {
  it.prop("goes only where the table leads, whatever it is told", [names], ([told]) => {
    let state: SlotState = SlotState.cases.Opening.make({})
    for (const name of told) {
      const before = state
      const next = advance(before, steps[name])
      const resting = name === "GiveBack" && before._tag === "Busy" && before.rest !== null
      const expected = resting ? "Resting" : table[before._tag][name]
      assert.strictEqual(Result.isSuccess(next) ? next.success._tag : undefined, expected)
      if (Result.isSuccess(next)) state = next.success
      // Nothing is lent that goes or rests.
      if (name === "Lend" && Result.isSuccess(next)) assert.strictEqual(before._tag, "Idle")
      if (isLent(before) && !isLent(state)) assert.strictEqual(name, "GiveBack")
    }
  }, { arbitrary: { size: 60 } })

  it("keeps what it was told about its rest while it is taken away and back", () => {
    const walk = ["Opened", "Lend", "Rest", "Drain", "TakeBack", "GiveBack"] as const
    const end = walk.reduce(
      (state: SlotState, name) => Result.getOrThrow(advance(state, steps[name])),
      SlotState.cases.Opening.make({})
    )
    assert.deepStrictEqual(end, SlotState.cases.Resting.make({ until: DateTime.makeUnsafe(5000), why: "it hung" }))
  })

  it("has a name for people in every state", () => {
    const refused = advance(SlotState.cases.Closed.make({}), steps.Lend)
    assert.isTrue(Result.isFailure(refused))
    if (Result.isFailure(refused)) assert.strictEqual(refused.failure.message, "a slot that is Closed cannot Lend")
    assert.strictEqual(stateNameOf(SlotState.cases.Closing.make({})), "draining")
  })
})

const Kind = Schema.Literals(["Opening", "Idle", "Busy", "Draining", "Closing", "Resting", "Failed"])
const Slots = Schema.Array(Schema.Struct({ kind: Kind, role: Schema.NullOr(Schema.Literals(["a", "b"])) })).check(
  Schema.isMinLength(1),
  Schema.isMaxLength(20)
)

const states: { readonly [K in typeof Kind.Type]: SlotState } = {
  Opening: SlotState.cases.Opening.make({}),
  Idle: SlotState.cases.Idle.make({ since: at }),
  Busy: SlotState.cases.Busy.make({ rest: null }),
  Draining: SlotState.cases.Draining.make({ rest: null }),
  Closing: SlotState.cases.Closing.make({}),
  Resting: SlotState.cases.Resting.make({ until: at, why: "" }),
  Failed: SlotState.cases.Failed.make({ error: "" })
}

const standings = (slots: typeof Slots.Type): ReadonlyArray<Standing> =>
  slots.map(({ kind, role }, index) => ({ id: SlotId.make(index + 1), role, state: states[kind] }))

const rolesIn = (slots: ReadonlyArray<Standing>) => new Set(slots.flatMap(({ role }) => role === null ? [] : [role]))

describe("a plan of how many slots there are", () => {
  it.prop(
    "comes to the number that is wanted, gives no number twice, and leaves each role a slot",
    [Slots, Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 24 }))],
    ([kinds, target]) => {
      const slots = standings(kinds)
      const now = staying(slots)
      const planned = planScaling(slots, target)
      if (Result.isFailure(planned)) {
        // Refused is only what would leave a role without a slot.
        assert.isBelow(target, planned.failure.least)
        assert.isTrue(Result.isSuccess(planScaling(slots, planned.failure.least)))
        return
      }
      const { drain, open, takeBack } = planned.success
      assert.strictEqual(now.length - drain.length + open.length + takeBack.length, target)
      const left = slots.filter(({ id, state }) => !drain.includes(id) && (!isGoing(state) || takeBack.includes(id)))
      assert.isTrue([...rolesIn(now)].every((role) => rolesIn(left).has(role)))
      const numbers = [...left.map(({ id }) => id), ...open]
      assert.strictEqual(new Set(numbers).size, numbers.length)
      // One that is still lent keeps its number to the end.
      const lent = new Set(slots.filter(({ state }) => isLent(state)).map(({ id }) => id))
      assert.isTrue(open.every((id) => !lent.has(id)))
      assert.isTrue(takeBack.every((id) => slots[id - 1]!.state._tag === "Draining"))
      assert.isTrue(drain.length === 0 || (open.length === 0 && takeBack.length === 0))
      // Nobody at work goes while somebody who is not could.
      const isSpared = drain.some((id) => isLent(slots[id - 1]!.state)) &&
        left.some(({ role, state }) =>
          !isLent(state) && (role === null || left.filter((one) => one.role === role).length > 1)
        )
      assert.isFalse(isSpared)
    },
    { arbitrary: { size: 20 } }
  )

  const slot = (id: number, role: string | null, state: SlotState): Standing => ({ id: SlotId.make(id), role, state })
  const { Busy, Draining, Idle } = states
  const ids = (...numbers: ReadonlyArray<number>) => numbers.map((number) => SlotId.make(number))

  const drained = (slots: ReadonlyArray<Standing>, target: number): ReadonlyArray<number> =>
    Result.getOrThrow(planScaling(slots, target)).drain

  it("takes idle slots first, those without a role before those with one, and the highest numbers first", () => {
    const slots = [
      slot(1, null, Idle),
      slot(2, "a", Idle),
      slot(3, "a", Busy),
      slot(4, null, Busy),
      slot(5, null, Idle)
    ]
    assert.deepStrictEqual(drained(slots, 1), [5, 1, 2, 4])
  })

  it("keeps a slot of each role", () => {
    const slots = [slot(1, "a", Idle), slot(2, "b", Idle), slot(3, null, Busy)]
    assert.deepStrictEqual(drained(slots, 2), [3])
    assert.deepStrictEqual(planScaling(slots, 1), Result.fail({ least: 2 }))
  })

  it("takes those back that were to go before it opens others, and fills gaps with the lowest numbers", () => {
    const slots = [slot(1, null, Idle), slot(3, null, Draining), slot(4, null, Busy), slot(6, null, Draining)]
    assert.deepStrictEqual(Result.getOrThrow(planScaling(slots, 3)), { takeBack: ids(3), open: [], drain: [] })
    assert.deepStrictEqual(Result.getOrThrow(planScaling(slots, 6)), {
      takeBack: ids(3, 6),
      open: ids(2, 5),
      drain: []
    })
    assert.deepStrictEqual(freeNumbers([slot(2, null, states.Closing)], 2), ids(1, 2))
  })
})

describe("who a slot is", () => {
  it("is changed field by field, and null takes a field away", () => {
    const ada = { role: "reviewer", name: "Ada" }
    assert.deepStrictEqual(changeSettings(ada, { name: null, model: "opus" }), { role: "reviewer", model: "opus" })
    assert.deepStrictEqual(changeSettings(ada, {}), ada)
  })

  it("is one of each role where one task is run, each as its profile says", () => {
    const profiles = [{ role: "a", model: "opus", count: 3 }, { role: "b" }, { role: "a", model: "haiku" }]
    assert.deepStrictEqual(oneOfEach(profiles), [{ role: "a", model: "opus" }, { role: "b" }, {}])
    assert.deepStrictEqual(oneOfEach([{ cwd: "/w", count: 2 }]), [{ cwd: "/w" }])
  })
})
