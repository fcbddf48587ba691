/**
 * One open slot: its home, and the spare that it keeps: a process that is started and unused, so that a task does not
 * wait for a start. A spare serves one task and is replaced after it; a task that no spare fits gets a process of its own.
 */
import { Cause, Effect, Exit, Fiber, Option, Ref, Scope } from "effect"
import type { Failure } from "../../domain/Failure.ts"
import { fits, type Launch } from "../../domain/Launch.ts"
import type { SlotView } from "../../domain/PoolView.ts"
import { formatSlotId, type SlotId } from "../../domain/SlotId.ts"
import type { SlotIdentity } from "../../domain/SlotProfile.ts"
import type { SlotHome, Worker } from "../ClaudeCli.ts"

export interface OpenSlot {
  readonly id: SlotId
  /** Null: it has none. */
  readonly role: string | null
  /** A process for a launch: the spare where it fits, else a new one. It ends with the scope. */
  readonly worker: (launch: Launch) => Effect.Effect<Worker, Failure, Scope.Scope>
  /** Marks the slot as lent. */
  readonly lend: Effect.Effect<void>
  /** Marks it as idle again, and sees to its next spare, in the background. */
  readonly restock: Effect.Effect<void>
  readonly view: Effect.Effect<SlotView>
}

interface Spare {
  readonly launch: Launch
  readonly scope: Scope.Closeable
  readonly start: Fiber.Fiber<Worker, Failure>
}

export interface OpenSlotOptions {
  readonly id: SlotId
  readonly identity: SlotIdentity
  readonly home: Effect.Effect<SlotHome, Failure, Scope.Scope>
  readonly start: (launch: Launch, home: SlotHome) => Effect.Effect<Worker, Failure, Scope.Scope>
  /** What the first spare is started for; null: the slot keeps none. */
  readonly spare: Launch | null
  /** Whether spares are still wanted. */
  readonly isWanted: Effect.Effect<boolean>
}

export const openSlot = Effect.fnUntraced(function*(options: OpenSlotOptions) {
  const slotScope = yield* Effect.scope
  const home = yield* options.home
  const spare = yield* Ref.make<Spare | null>(null)
  const lent = yield* Ref.make(false)
  const running = yield* Ref.make<Worker | null>(null)
  const wanted = yield* Ref.make(options.spare)

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
      () => launch.resume === undefined && options.spare !== null ? Ref.set(wanted, launch) : Effect.void
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

  const restock = Effect.andThen(Ref.set(lent, false), Effect.forkIn(stock, slotScope))

  const view = Effect.gen(function*(): Effect.fn.Return<SlotView> {
    const slot = { slot: formatSlotId(options.id), ...options.identity }
    const busy = yield* Ref.get(running)
    if (yield* Ref.get(lent)) return { ...slot, state: "busy", ...(busy === null ? {} : { pid: busy.pid }) }
    const current = yield* Ref.get(spare)
    const outcome = current?.start.pollUnsafe()
    if (outcome === undefined) return { ...slot, state: current === null ? "idle" : "starting" }
    return Exit.match(outcome, {
      onSuccess: ({ pid }): SlotView => ({ ...slot, state: "idle", pid }),
      onFailure: (cause): SlotView => {
        const failure = Cause.findErrorOption(cause)
        return { ...slot, state: "failed", ...(Option.isSome(failure) ? { error: failure.value.message } : {}) }
      }
    })
  })

  yield* stock
  return {
    id: options.id,
    role: options.identity?.role ?? null,
    worker,
    lend: Ref.set(lent, true),
    restock,
    view
  } satisfies OpenSlot
})
