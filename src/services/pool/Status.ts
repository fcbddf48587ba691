/**
 * The pool at a glance: slots, tasks, money.
 */
import { Effect, Option } from "effect"
import type { Failure } from "../../domain/Failure.ts"
import { toUsd } from "../../domain/MicroUsd.ts"
import type { PoolStatus, SlotView } from "../../domain/PoolView.ts"
import { formatSlotId } from "../../domain/SlotId.ts"
import type { Task } from "../../domain/Task.ts"
import { Budget } from "../Budget.ts"
import { ClaudeCli } from "../ClaudeCli.ts"
import { Slots } from "../Slots.ts"
import { Store } from "../Store.ts"
import { countsByName } from "./Reading.ts"
import type { Views } from "./Views.ts"

export const makeStatus = Effect.fnUntraced(function*(views: Views) {
  const store = yield* Store
  const budget = yield* Budget
  const slots = yield* Effect.serviceOption(Slots)
  const claude = yield* Effect.serviceOption(ClaudeCli)

  return Effect.gen(function*(): Effect.fn.Return<PoolStatus, Failure> {
    const running = (yield* store.running).map(([task]) => task)
    const money = yield* budget.state
    const { exact } = yield* store.spent
    const containment = Option.isSome(claude) ? { containment: yield* claude.value.containment } : {}
    return {
      store: store.directory,
      pool: "here",
      slots: withTasks(Option.isSome(slots) ? yield* slots.value.view : [], running),
      tasks: countsByName(yield* store.counts),
      running: yield* Effect.forEach(running, views.task),
      budget: {
        spent_usd: toUsd(money.settled),
        reserved_usd: toUsd(money.reserved),
        ...(money.cap === null ? {} : { cap_usd: toUsd(money.cap) }),
        ...(exact ? {} : { exact })
      },
      ...containment
    }
  }).pipe(Effect.withSpan("Pool.status"))
})

const withTasks = (slots: ReadonlyArray<SlotView>, running: ReadonlyArray<Task>): ReadonlyArray<SlotView> =>
  slots.map((slot) => {
    const task = running.find(({ state }) => state._tag === "Running" && formatSlotId(state.slot) === slot.slot)
    return task === undefined ? slot : { ...slot, task: task.id }
  })
