/**
 * Slots as people see them: with the task that runs there, and with what is known of their workers' health.
 */
import { Effect, Option } from "effect"
import type { SlotView } from "../../domain/PoolView.ts"
import { formatSlotId, parseSlotId } from "../../domain/SlotId.ts"
import type { Task } from "../../domain/Task.ts"
import { Restarts } from "../Restarts.ts"
import { Slots } from "../Slots.ts"
import { type SlotHealth, Supervisor } from "../Supervisor.ts"

const withTask = (slot: SlotView, running: ReadonlyArray<Task>): SlotView => {
  const task = running.find(({ state }) => state._tag === "Running" && formatSlotId(state.slot) === slot.slot)
  return task === undefined ? slot : { ...slot, task: task.id }
}

const withHealth = (slot: SlotView, health: ReadonlyArray<SlotHealth>): SlotView => {
  const seen = health.find((one) => formatSlotId(one.slot) === slot.slot)
  if (seen === undefined) return slot
  return {
    ...slot,
    ...(seen.rssBytes === null ? {} : { rss_bytes: seen.rssBytes }),
    ...(seen.suspicion === null ? {} : { suspicion: seen.suspicion.detail })
  }
}

/** Of none, where this pool has no slots. */
export const makeSlotViews = Effect.gen(function*() {
  const restarts = yield* Restarts
  const slots = yield* Effect.serviceOption(Slots)
  const supervisor = yield* Effect.serviceOption(Supervisor)

  const withRestarts = (slot: SlotView): Effect.Effect<SlotView> =>
    Option.match(parseSlotId(slot.slot), {
      onNone: () => Effect.succeed(slot),
      onSome: (id) => Effect.map(restarts.countOf(id), (count) => count === 0 ? slot : { ...slot, restarts: count })
    })

  return Effect.fnUntraced(function*(running: ReadonlyArray<Task>) {
    const views = Option.isSome(slots) ? yield* slots.value.view : []
    const health = Option.isSome(supervisor) ? yield* supervisor.value.health : []
    return yield* Effect.forEach(views, (slot) => withRestarts(withHealth(withTask(slot, running), health)))
  })
})
