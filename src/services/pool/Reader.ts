/**
 * A pool that only reads: beside the process that owns the store, or where no pool runs. What would change something
 * fails with `StoreOwned`, which names the owner.
 */
import { DateTime, Effect, Option, Schedule, Stream } from "effect"
import type { ContextScope } from "../../domain/ContextEntry.ts"
import { Failure, type Reason } from "../../domain/Failure.ts"
import { type MicroUsd, toUsd } from "../../domain/MicroUsd.ts"
import { type PoolStatus, viewEntry, viewMessage } from "../../domain/PoolView.ts"
import type { RouteHints } from "../../domain/Route.ts"
import { viewRoute } from "../../domain/RouteView.ts"
import type { Task } from "../../domain/Task.ts"
import { makeForecast } from "../chains/Forecasting.ts"
import { Store } from "../Store.ts"
import { countsByName, makeReading } from "./Reading.ts"
import { makeRecords } from "./Records.ts"
import { makeWait, type WaitingOptions } from "./Waiting.ts"

/** How often the store is looked at while a reader waits. */
const lookEvery = Schedule.spaced("200 millis")

const until: WaitingOptions["until"] = (_ids, look) =>
  Effect.asVoid(Effect.repeat(look, { until: (enough) => enough, schedule: lookEvery }))

/** Its rules know the words of many languages, and are loaded only where they are asked. */
const router = Effect.promise(() => import("../Router.ts"))

export interface ReaderOptions {
  /** What a call that changes something fails with. */
  readonly refusal: Reason
  /** Whether another process runs the pool. */
  readonly owned: boolean
  /** What a task may cost where nothing else is said. */
  readonly taskBudget: MicroUsd
}

export const makeReader = Effect.fnUntraced(function*({ owned, refusal, taskBudget }: ReaderOptions) {
  const store = yield* Store
  const live = (task: Task) => task.state._tag === "Queued" ? { waitsFor: owned ? null : "pool" as const } : {}
  const { calls, views } = yield* makeReading(live)
  const refuse = () => new Failure({ reason: refusal })

  const status = Effect.gen(function*(): Effect.fn.Return<PoolStatus, Failure> {
    const spent = yield* store.spent
    const running = (yield* store.running).map(([task]) => task)
    return {
      store: store.directory,
      pool: owned ? "elsewhere" : "none",
      slots: [],
      tasks: countsByName(yield* store.counts),
      running: yield* Effect.forEach(running, views.task),
      budget: { spent_usd: toUsd(spent.cost), reserved_usd: 0, ...(spent.exact ? {} : { exact: false as const }) }
    }
  }).pipe(Effect.withSpan("Pool.status"))

  return {
    ...calls,
    ...(yield* makeRecords),
    submit: refuse,
    run: refuse,
    fanOut: refuse,
    runFanOut: refuse,
    retry: refuse,
    refan: refuse,
    submitChain: refuse,
    runChain: refuse,
    resumeChain: refuse,
    forecast: yield* makeForecast(taskBudget),
    // Without workers there is no model to ask: the rules decide alone.
    route: (prompt: string, hints: RouteHints = {}) =>
      Effect.map(router, ({ routeByRules }) => viewRoute(routeByRules(prompt, hints))),
    auto: refuse,
    approve: refuse,
    reject: refuse,
    cancel: refuse,
    setContext: refuse,
    deleteContext: refuse,
    getContext: (scope: ContextScope, key: string) =>
      Effect.map(store.context.get(scope, key), (entry) => Option.getOrNull(Option.map(entry, viewEntry))),
    listContext: (scope: ContextScope) => Effect.map(store.context.list(scope), (entries) => entries.map(viewEntry)),
    sendMessage: refuse,
    readMessages: refuse,
    listMessages: (page: { readonly since: number; readonly limit: number }) =>
      Effect.gen(function*() {
        const now = yield* DateTime.now
        return (yield* store.messages.list(page)).map((message) => viewMessage(message, now))
      }),
    wait: yield* makeWait({ views, until }),
    status,
    slots: refuse,
    scaleUp: refuse,
    scaleDown: refuse,
    setTargetSlots: refuse,
    configureSlot: refuse,
    drain: refuse,
    resume: refuse(),
    prune: refuse,
    rescueWorktree: refuse,
    pruneWorktrees: refuse,
    mergeForecast: refuse,
    merge: refuse,
    undoMerge: refuse,
    publication: refuse,
    acknowledge: refuse,
    events: Stream.fail(refuse())
  }
})
