/**
 * A pool that only reads: beside the process that owns the store, or where no pool runs. What would change something
 * fails with `StoreOwned`, which names the owner.
 */
import { Effect, Option, Schedule, Stream } from "effect"
import { Failure, type Reason } from "../../domain/Failure.ts"
import { toUsd } from "../../domain/MicroUsd.ts"
import type { PoolStatus } from "../../domain/PoolView.ts"
import type { Task } from "../../domain/Task.ts"
import { Store } from "../Store.ts"
import type { WaitOptions } from "./Options.ts"
import { countsByName, makeReading, waitReply } from "./Reading.ts"

/** Who owns the store, as a failure to give to whoever wants to change it; null while nobody does. */
export type Owner = Effect.Effect<Reason | null>

/** How often the store is looked at while a reader waits. */
const lookEvery = Schedule.spaced("200 millis")

export const makeReader = Effect.fnUntraced(function*(refusal: Reason, owned: boolean) {
  const store = yield* Store
  const live = (task: Task) => task.state._tag === "Queued" && !owned ? { waitsFor: "pool" as const } : {}
  const reading = yield* makeReading(live)
  const refuse = () => new Failure({ reason: refusal })

  const wait = Effect.fn("Pool.wait")(function*({ ids, mode, timeout }: WaitOptions) {
    const chosen = ids.length === 0 ? yield* reading.unfinished : [...new Set(ids)]
    const look = Effect.forEach(chosen, reading.find)
    const enough = (tasks: ReadonlyArray<Task>) =>
      tasks.length === 0 ||
      (mode === "all" ? tasks.every((task) => task.isFinished) : tasks.some((task) => task.isFinished))
    const inTime = yield* look.pipe(
      Effect.repeat({ until: enough, schedule: lookEvery }),
      Effect.timeoutOption(timeout)
    )
    return yield* waitReply(yield* look, reading.view, Option.isNone(inTime))
  })

  const status = Effect.gen(function*(): Effect.fn.Return<PoolStatus, Failure> {
    const spent = yield* store.spent
    const running = (yield* store.running).map(([task]) => task)
    return {
      store: store.directory,
      pool: owned ? "elsewhere" : "none",
      slots: [],
      tasks: countsByName(yield* store.counts),
      running: yield* Effect.forEach(running, reading.view),
      budget: { spent_usd: toUsd(spent.cost), reserved_usd: 0, ...(spent.exact ? {} : { exact: false as const }) }
    }
  }).pipe(Effect.withSpan("Pool.status"))

  return {
    submit: refuse,
    run: refuse,
    cancel: refuse,
    wait,
    result: reading.result,
    output: reading.output,
    list: reading.list,
    status,
    events: Stream.fail(refuse())
  }
})
