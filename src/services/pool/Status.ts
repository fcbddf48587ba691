/**
 * The pool at a glance: slots, tasks, money.
 */
import { Effect, Option } from "effect"
import type { Failure } from "../../domain/Failure.ts"
import { viewHold } from "../../domain/Hold.ts"
import { toUsd } from "../../domain/MicroUsd.ts"
import type { PoolStatus } from "../../domain/PoolView.ts"
import { Budget } from "../Budget.ts"
import { ClaudeCli } from "../ClaudeCli.ts"
import { Holds } from "../Holds.ts"
import { Restarts } from "../Restarts.ts"
import { Store } from "../Store.ts"
import { Supervisor } from "../Supervisor.ts"
import { countsByName } from "./Reading.ts"
import { makeSlotViews } from "./SlotViews.ts"
import type { Views } from "./Views.ts"

export const makeStatus = Effect.fnUntraced(function*(views: Views) {
  const store = yield* Store
  const budget = yield* Budget
  const holds = yield* Holds
  const restarts = yield* Restarts
  const slotViews = yield* makeSlotViews
  const claude = yield* Effect.serviceOption(ClaudeCli)
  const supervisor = yield* Effect.serviceOption(Supervisor)

  return Effect.gen(function*(): Effect.fn.Return<PoolStatus, Failure> {
    const running = (yield* store.running).map(([task]) => task)
    const money = yield* budget.state
    const { exact } = yield* store.spent
    const containment = Option.isSome(claude) ? { containment: yield* claude.value.containment } : {}
    const held = yield* holds.current
    const counts = yield* restarts.counts
    const freeMemory = Option.isSome(supervisor) ? yield* supervisor.value.freeMemory : null
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
      ...(freeMemory === null ? {} : { free_memory_bytes: freeMemory })
    }
  }).pipe(Effect.withSpan("Pool.status"))
})
