/**
 * One open slot: its home, and the spare that it keeps: a process that is started and unused, so that a task does not
 * wait for a start. A spare serves one task and is replaced after it; a task that no spare fits gets a process of its own.
 */
import { Cause, Effect, Exit, Fiber, Option, Ref, Scope, Struct } from "effect"
import type { Failure } from "../../domain/Failure.ts"
import { fits, type Launch } from "../../domain/Launch.ts"
import type { SlotView } from "../../domain/PoolView.ts"
import type { SlotId } from "../../domain/SlotId.ts"
import type { SlotSettings } from "../../domain/SlotProfile.ts"
import type { SlotHome, Worker } from "../ClaudeCli.ts"

export interface OpenSlot {
  readonly id: SlotId
  readonly home: SlotHome
  /** The worker that is at work here. */
  readonly running: Effect.Effect<Worker | null>
  /** The spare's worker, once it is started. */
  readonly spare: Effect.Effect<Worker | null>
  /** Whether a task would find a started process. */
  readonly isReady: () => boolean
  /** A process for a launch: the spare where it fits, else a new one. It ends with the scope. */
  readonly worker: (launch: Launch) => Effect.Effect<Worker, Failure, Scope.Scope>
  /** Sees to its next spare, in the background. */
  readonly restock: Effect.Effect<void>
  /** What its spares are started for from now on. */
  readonly configure: (settings: SlotSettings) => Effect.Effect<void>
  /** Ends its spare, where it has one, and starts another. */
  readonly renew: Effect.Effect<void>
  /** How its spare is. */
  readonly view: Effect.Effect<Pick<SlotView, "state" | "pid" | "error">>
}

interface Spare {
  readonly launch: Launch
  readonly scope: Scope.Closeable
  readonly start: Fiber.Fiber<Worker, Failure>
}

export interface OpenSlotOptions {
  readonly id: SlotId
  readonly settings: SlotSettings
  readonly home: Effect.Effect<SlotHome, Failure, Scope.Scope>
  readonly start: (launch: Launch, home: SlotHome) => Effect.Effect<Worker, Failure, Scope.Scope>
  /** What spares are started for where neither the slot nor a task says anything else; null: the slot keeps none. */
  readonly spare: Launch | null
  /** Whether spares are still wanted. */
  readonly isWanted: Effect.Effect<boolean>
  /** Waits until there is room for a spare. A task does not: it has been let in already. */
  readonly room: Effect.Effect<void>
}

/** Whether others like it may follow: a session goes on once, an attempt's trace is its own, and a workspace may be gone. */
const isUsual = ({ env, resume }: Launch): boolean => resume === undefined && env === undefined

/** What of a slot goes into its processes. */
const launched = ["model", "permissions", "cwd"] as const

const launchIn = (settings: SlotSettings, spare: Launch | null): Launch | null =>
  spare === null ? null : { ...spare, ...Struct.pick(settings, launched) }

export const openSlot = Effect.fnUntraced(function*(options: OpenSlotOptions) {
  const slotScope = yield* Effect.scope
  const home = yield* options.home
  const spare = yield* Ref.make<Spare | null>(null)
  const running = yield* Ref.make<Worker | null>(null)
  const wanted = yield* Ref.make(launchIn(options.settings, options.spare))

  const forget = (it: Spare) => Ref.update(spare, (current) => current === it ? null : current)

  const startSpare = Effect.fnUntraced(function*(launch: Launch) {
    const scope = yield* Scope.fork(slotScope)
    const start = yield* options.start(launch, home).pipe(Scope.provide(scope), Effect.forkIn(scope))
    const it: Spare = { launch, scope, start }
    yield* Ref.set(spare, it)
    // One that dies unused must not be lent. One that cannot start stays, so that `view` can say why.
    yield* Fiber.join(start).pipe(
      Effect.flatMap((worker) => worker.ended),
      Effect.andThen(forget(it)),
      Effect.ignore,
      Effect.forkIn(scope)
    )
  })

  const close = (it: Spare) => Scope.close(it.scope, Exit.void)

  const takeSpare = (launch: Launch) =>
    Ref.modify(spare, (current) => current !== null && fits(current.launch, launch) ? [current, null] : [null, current])

  const fresh = (launch: Launch) =>
    Effect.tap(
      options.start(launch, home),
      () => options.spare !== null && isUsual(launch) ? Ref.set(wanted, launch) : Effect.void
    )

  const worker = Effect.fn("Slot.worker")(function*(launch: Launch) {
    const it = yield* Effect.acquireRelease(takeSpare(launch), (taken) => taken === null ? Effect.void : close(taken))
    const started = it === null
      ? yield* fresh(launch)
      : yield* Effect.catch(Fiber.join(it.start), () => fresh(launch))
    yield* Effect.acquireRelease(Ref.set(running, started), () => Ref.set(running, null))
    return started
  })

  const stock = Effect.gen(function*() {
    yield* options.room
    if (!(yield* options.isWanted)) return
    const launch = yield* Ref.get(wanted)
    const current = yield* Ref.get(spare)
    if (launch === null || (current !== null && fits(current.launch, launch))) return
    if (current !== null) {
      yield* forget(current)
      yield* close(current)
    }
    yield* startSpare(launch)
  })

  const started = Effect.map(Ref.get(spare), (current) => {
    const outcome = current?.start.pollUnsafe()
    return outcome !== undefined && Exit.isSuccess(outcome) ? outcome.value : null
  })

  const stockSoon = Effect.forkIn(stock, slotScope, { startImmediately: true })

  const renew = Effect.gen(function*() {
    const current = yield* Ref.getAndSet(spare, null)
    if (current === null) return
    yield* close(current)
    yield* stockSoon
  })

  const view = Effect.gen(function*(): Effect.fn.Return<Pick<SlotView, "state" | "pid" | "error">> {
    const current = yield* Ref.get(spare)
    const outcome = current?.start.pollUnsafe()
    if (outcome === undefined) return { state: current === null ? "idle" : "starting" }
    return Exit.match(outcome, {
      onSuccess: ({ pid }) => ({ state: "idle" as const, pid }),
      onFailure: (cause) => {
        const failure = Cause.findErrorOption(cause)
        return { state: "failed" as const, ...(Option.isSome(failure) ? { error: failure.value.message } : {}) }
      }
    })
  })

  yield* stockSoon
  return {
    id: options.id,
    home,
    running: Ref.get(running),
    spare: started,
    isReady: () => {
      const outcome = Ref.getUnsafe(spare)?.start.pollUnsafe()
      return outcome !== undefined && Exit.isSuccess(outcome)
    },
    worker,
    restock: Effect.asVoid(Effect.forkIn(stock, slotScope)),
    configure: (settings) => Ref.set(wanted, launchIn(settings, options.spare)),
    renew,
    view
  } satisfies OpenSlot
})
