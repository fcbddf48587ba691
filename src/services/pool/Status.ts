/**
 * The pool at a glance: slots, tasks, money.
 */
import { Effect, Option } from "effect"
import type { Failure } from "../../domain/Failure.ts"
import { viewHold } from "../../domain/Hold.ts"
import { toUsd } from "../../domain/MicroUsd.ts"
import { viewOverlap } from "../../domain/Overlap.ts"
import type { PoolStatus } from "../../domain/PoolView.ts"
import { formatSlotId } from "../../domain/SlotId.ts"
import type { Task } from "../../domain/Task.ts"
import { Budget } from "../Budget.ts"
import { ClaudeCli } from "../ClaudeCli.ts"
import { Holds } from "../Holds.ts"
import { Radar } from "../Radar.ts"
import { Restarts } from "../Restarts.ts"
import { Store } from "../Store.ts"
import { Supervisor } from "../Supervisor.ts"
import { countsByName } from "./Reading.ts"
import { makeSlotViews } from "./SlotViews.ts"
import type { Views } from "./Views.ts"

/** Whoever has more of them has no use for each. */
const mostOverlaps = 200

/** Where tasks run, as people read it. */
const slotsOf = (running: ReadonlyArray<Task>): ReadonlyMap<string, string> =>
  new Map(running.flatMap(({ id, state }) => state._tag === "Running" ? [[id, formatSlotId(state.slot)]] : []))

export const makeStatus = Effect.fnUntraced(function*(views: Views) {
  const store = yield* Store
  const budget = yield* Budget
  const holds = yield* Holds
  const restarts = yield* Restarts
  const slotViews = yield* makeSlotViews
  const claude = yield* Effect.serviceOption(ClaudeCli)
  const supervisor = yield* Effect.serviceOption(Supervisor)
  const radar = yield* Effect.serviceOption(Radar)

  return Effect.gen(function*(): Effect.fn.Return<PoolStatus, Failure> {
    const running = (yield* store.running).map(([task]) => task)
    const money = yield* budget.state
    const { exact } = yield* store.spent
    const containment = Option.isSome(claude) ? { containment: yield* claude.value.containment } : {}
    const held = yield* holds.current
    const counts = yield* restarts.counts
    const freeMemory = Option.isSome(supervisor) ? yield* supervisor.value.freeMemory : null
    const overlaps = Option.isSome(radar) ? yield* radar.value.overlaps : []
    const slots = slotsOf(running)
    return {
      store: store.directory,
      pool: "here",
      slots: yield* slotViews(running),
      tasks: countsByName(yield* store.counts),
      running: yield* Effect.forEach(running, views.task),
      budget: {
        spent_usd: toUsd(money.settled),
        reserved_usd: toUsd(money.reserved),
        ...(money.cap === null ? {} : { cap_usd: toUsd(money.cap) }),
        ...(exact ? {} : { exact })
      },
      ...containment,
      ...(held.length === 0 ? {} : { holds: held.map(viewHold) }),
      ...(counts.total === 0 ? {} : { restarts: counts }),
      ...(freeMemory === null ? {} : { free_memory_bytes: freeMemory }),
      ...(overlaps.length === 0
        ? {}
        : { overlaps: overlaps.slice(0, mostOverlaps).map((one) => viewOverlap(one, slots)) })
    }
  }).pipe(Effect.withSpan("Pool.status"))
})
