/**
 * Opens slots while tasks wait for one, and closes those that have nothing to do: one step, for whoever looks after the
 * pool to take again and again.
 */
import { DateTime, Effect, Ref } from "effect"
import { type AutoscaleMemory, decideSlots, firstMemory } from "../../domain/Autoscaling.ts"
import type { Slots } from "../Slots.ts"
import type { Tasks } from "../Tasks.ts"

/** What is known at the time of a step, beside the slots and the tasks. */
export interface AutoscaleFacts {
  /** Something keeps work from being started. */
  readonly isHeld: boolean
  /** Of the machine, in bytes; null: it is not known. */
  readonly freeMemory: number | null
  /** What has to stay free. */
  readonly minFreeMemory: number
}

/** What a slot at work is expected to need, in bytes. */
const memoryOfSlot = 512 * 2 ** 20

const roomIn = ({ freeMemory, minFreeMemory }: AutoscaleFacts): number | null =>
  freeMemory === null ? null : Math.max(0, Math.floor((freeMemory - minFreeMemory) / memoryOfSlot))

/** What the step answers with: how many slots there are meant to be. */
export const makeAutoscale = Effect.fnUntraced(function*(slots: Slots["Service"], tasks: Tasks["Service"]) {
  const memory = yield* Ref.make<AutoscaleMemory>(firstMemory)

  return Effect.fn("Autoscale.step")(function*(facts: AutoscaleFacts) {
    const { max, min, next, slots: standings, target } = yield* slots.occupancy
    const decision = decideSlots({
      now: yield* DateTime.now,
      demand: yield* tasks.demand,
      slots: standings,
      min,
      max,
      next,
      isHeld: facts.isHeld,
      room: roomIn(facts)
    }, yield* Ref.get(memory))
    if (decision.wanted === target) return target
    // Somebody else may have scaled in between, and each role keeps a slot: then it is looked at again next time.
    return yield* Effect.matchEffect(slots.scale(decision.wanted), {
      onFailure: () => Effect.succeed(target),
      onSuccess: (reply) => Effect.as(Ref.set(memory, decision.memory), reply.target)
    })
  })
})
