/**
 * How many slots there should be: decisions over hours, without a pool.
 */
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Duration, Schema } from "effect"
import {
  type AutoscaleInput,
  type AutoscaleMemory,
  decideSlots,
  type Demand,
  firstMemory
} from "../../src/domain/Autoscaling.ts"
import type { Standing } from "../../src/domain/Scaling.ts"
import { SlotId } from "../../src/domain/SlotId.ts"
import { SlotState } from "../../src/domain/SlotState.ts"

const time = (seconds: number) => DateTime.makeUnsafe(seconds * 1000)
const busy = SlotState.cases.Busy.make({ rest: null })
const idle = (since: number) => SlotState.cases.Idle.make({ since: time(since) })
const slot = (id: number, state: SlotState, role: string | null = null): Standing => ({
  id: SlotId.make(id),
  role,
  state
})
const waiting = (count: number, since = 0, role: string | null = null): Demand => ({ role, count, since: time(since) })

const input = (options: Partial<AutoscaleInput> & { readonly at?: number }): AutoscaleInput => ({
  now: time(options.at ?? 100),
  demand: [],
  slots: [slot(1, busy), slot(2, busy)],
  min: 1,
  max: 16,
  next: Array.from({ length: 14 }, () => null),
  isHeld: false,
  room: null,
  ...options
})

const wanted = (options: Parameters<typeof input>[0], memory: AutoscaleMemory = firstMemory) =>
  decideSlots(input(options), memory).wanted

describe("autoscaling", () => {
  it("opens what can be used at once, at most as many again, once tasks have waited a few seconds", () => {
    assert.strictEqual(wanted({ demand: [waiting(1)] }), 3)
    assert.strictEqual(wanted({ demand: [waiting(9)] }), 4)
    assert.strictEqual(wanted({ demand: [waiting(9, 98)] }), 2)
    assert.strictEqual(wanted({ demand: [waiting(9)], max: 3 }), 3)
    assert.strictEqual(wanted({ demand: [waiting(9)], room: 1 }), 3)
    assert.strictEqual(wanted({ demand: [waiting(9)], room: 0 }), 2)
    assert.strictEqual(wanted({ demand: [waiting(9)], isHeld: true }), 2)
  })

  it("opens nothing for tasks that a free slot takes, or that no new slot would take", () => {
    assert.strictEqual(wanted({ demand: [waiting(1)], slots: [slot(1, busy), slot(2, idle(99))] }), 2)
    assert.strictEqual(wanted({ demand: [waiting(3, 0, "a")] }), 2)
    assert.strictEqual(wanted({ demand: [waiting(3, 0, "a")], next: [null, "a"] }), 4)
    assert.strictEqual(wanted({ demand: [waiting(3, 0, "a")], next: ["a", null] }), 3)
  })

  it("closes one slot after the other that had nothing to do for a minute, down to the fewest", () => {
    const slots = [slot(1, idle(0)), slot(2, idle(0)), slot(3, idle(0))]
    assert.strictEqual(wanted({ slots, at: 59 }), 3)
    const first = decideSlots(input({ slots, at: 60 }), firstMemory)
    assert.strictEqual(first.wanted, 2)
    assert.strictEqual(wanted({ slots: slots.slice(0, 2), at: 69 }, first.memory), 2)
    assert.strictEqual(wanted({ slots: slots.slice(0, 2), at: 70 }, first.memory), 1)
    assert.strictEqual(wanted({ slots: slots.slice(0, 2), at: 70, min: 2 }, first.memory), 2)
    assert.strictEqual(wanted({ slots, at: 60, isHeld: true }), 3)
    assert.strictEqual(wanted({ slots, at: 60, demand: [waiting(1, 59)] }), 3)
  })

  it("takes no slot from a task, and no role its last one, to close another one", () => {
    assert.strictEqual(wanted({ slots: [slot(1, idle(0), "a"), slot(2, busy)], at: 90 }), 2)
    assert.strictEqual(wanted({ slots: [slot(1, idle(0)), slot(2, busy)], at: 90 }), 1)
    const failed = SlotState.cases.Failed.make({ error: "" })
    assert.strictEqual(wanted({ slots: [slot(1, idle(0)), slot(2, failed)], at: 90 }), 1)
  })

  const seconds = (minimum: number, maximum: number) => Schema.Int.check(Schema.isBetween({ minimum, maximum }))

  const hours = 4

  /** Hours of bursts: `size` tasks every `period`, each of which takes `work`. Answers with the numbers of slots in turn. */
  const course = (
    { period, size, work }: { readonly period: number; readonly size: number; readonly work: number }
  ) => {
    let memory = firstMemory
    let slots: Array<{ since: number; until: number | null }> = [{ since: 0, until: null }]
    let queue: Array<number> = []
    const targets: Array<number> = []
    for (let at = 0; at < hours * 3600; at++) {
      if (at % period === 0) queue.push(...Array.from({ length: size }, () => at))
      slots = slots.map((one) => one.until !== null && one.until <= at ? { since: at, until: null } : one)
      slots = slots.map((one) =>
        one.until === null && queue.shift() !== undefined ? { since: at, until: at + work } : one
      )
      if (at % 2 === 1) continue
      const decision = decideSlots(
        input({
          at,
          demand: queue.length === 0 ? [] : [waiting(queue.length, queue[0])],
          slots: slots.map(({ since, until }, index) => slot(index + 1, until === null ? idle(since) : busy))
        }),
        memory
      )
      memory = decision.memory
      if (decision.wanted < slots.length) slots.pop()
      while (slots.length < decision.wanted) slots.push({ since: at, until: null })
      if (targets.at(-1) !== decision.wanted) targets.push(decision.wanted)
      assert.isAtMost(decision.wanted, 16)
      assert.isAtLeast(decision.wanted, 1)
    }
    return targets
  }

  /** How often it turned round. */
  const turns = (targets: ReadonlyArray<number>): number => {
    const directions = targets.slice(1).map((target, index) => Math.sign(target - targets[index]!))
    return directions.filter((direction, index) => index > 0 && direction !== directions[index - 1]).length
  }

  it.prop(
    "never flaps, however its load comes: it turns round a few times in four hours, and not with each burst",
    [Schema.Struct({ period: seconds(5, 900), size: seconds(1, 12), work: seconds(1, 120) })],
    ([load]) => {
      assert.isAtMost(turns(course(load)), 16)
    },
    { arbitrary: { runs: 20 } }
  )

  it("settles under a load that stays", () => {
    const targets = course({ period: 10, size: 4, work: 10 })
    assert.isAtMost(turns(targets), 1)
    assert.isAtMost(targets.at(-1)!, 8)
  })

  it("gives back what a burst has opened", () => {
    const targets = course({ period: hours * 3600, size: 12, work: 30 })
    assert.strictEqual(turns(targets), 1)
    assert.strictEqual(targets.at(-1), 1)
    assert.isAtLeast(Math.max(...targets), 8)
  })

  it("bounds its patience", () => {
    let memory = firstMemory
    for (let round = 0; round < 20; round++) {
      memory =
        decideSlots(input({ at: round * 10, demand: [waiting(4, -9)] }), { ...memory, closedAt: time(round * 10) })
          .memory
    }
    assert.isAtMost(Duration.toSeconds(memory.patience), 32 * 60)
  })
})
