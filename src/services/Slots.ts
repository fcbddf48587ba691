/**
 * The slots: N scoped resources of an Effect `Pool`, each lent to one task at a time.
 */
import { Context, Effect, Exit, Layer, Pool, Ref, Scope, Semaphore } from "effect"
import type { Failure } from "../domain/Failure.ts"
import type { Launch } from "../domain/Launch.ts"
import type { SlotView } from "../domain/PoolView.ts"
import { SlotId } from "../domain/SlotId.ts"
import { ClaudeCli, type SlotHome } from "./ClaudeCli.ts"
import { type OpenSlot, openSlot } from "./slots/OpenSlot.ts"

export type Slot = Pick<OpenSlot, "id" | "worker">

export interface SlotsOptions {
  readonly size: number
  /** What idle slots start a process for; null: they start none. */
  readonly spare: Launch | null
  /** How many processes may be starting at once: each takes a whole core while it does. */
  readonly startConcurrency: number
}

export class Slots extends Context.Service<Slots, {
  /** Waits for a free slot. It is given back when the scope closes. */
  readonly borrow: Effect.Effect<Slot, Failure, Scope.Scope>
  readonly view: Effect.Effect<ReadonlyArray<SlotView>>
  /** Starts no more spares: the pool is about to end. */
  readonly windDown: Effect.Effect<void>
}>()("claude-pool/services/Slots") {
  static readonly layer = (options: SlotsOptions) =>
    Layer.effect(
      this,
      Effect.gen(function*() {
        const claude = yield* ClaudeCli
        const gate = yield* Semaphore.make(options.startConcurrency)
        const isWanted = yield* Ref.make(true)
        const taken = yield* Ref.make<ReadonlySet<SlotId>>(new Set())
        const open = yield* Ref.make<ReadonlyMap<SlotId, { readonly slot: OpenSlot; readonly scope: Scope.Closeable }>>(
          new Map()
        )
        const start = (launch: Launch, home: SlotHome) => gate.withPermit(claude.start(launch, home))

        // Slots may be opened side by side, so a number is taken in the same step in which it is found to be free.
        const takeNumber = Ref.modify(taken, (all) => {
          const id = lowestFree(all)
          return [id, new Set(all).add(id)]
        })
        const freeNumber = (id: SlotId) => Ref.update(taken, (all) => new Set([...all].filter((other) => other !== id)))
        const forget = (id: SlotId) => Ref.update(open, (all) => new Map([...all].filter(([other]) => other !== id)))

        const acquire = Effect.uninterruptible(Effect.gen(function*() {
          const id = yield* Effect.acquireRelease(takeNumber, freeNumber)
          const scope = yield* Effect.acquireRelease(Scope.make(), (scope) =>
            Effect.andThen(Scope.close(scope, Exit.void), forget(id)))
          const slot = yield* Scope.provide(
            openSlot({ id, start, home: claude.home(id), spare: options.spare, isWanted: Ref.get(isWanted) }),
            scope
          )
          yield* Ref.update(open, (all) =>
            new Map(all).set(id, { slot, scope }))
          return slot
        }))

        const pool = yield* Pool.make({ acquire, size: options.size })
        // An Effect pool closes its items one after another; ending processes takes time, so end them all at once first.
        yield* Effect.addFinalizer(() =>
          Effect.flatMap(Ref.get(open), (all) =>
            Effect.forEach(all.values(), ({ scope }) =>
              Scope.close(scope, Exit.void), {
              concurrency: "unbounded",
              discard: true
            }))
        )

        const borrow = Effect.acquireRelease(Pool.get(pool), (slot) =>
          slot.restock, { interruptible: true })

        return {
          borrow: Effect.tap(borrow, (slot) =>
            slot.lend),
          windDown: Ref.set(isWanted, false),
          view: Effect.flatMap(Ref.get(open), (all) => Effect.forEach(all.values(), ({ slot }) => slot.view))
        }
      })
    )
}

const lowestFree = (taken: ReadonlySet<SlotId>): SlotId => {
  let candidate = 1
  while (taken.has(SlotId.make(candidate))) candidate++
  return SlotId.make(candidate)
}
