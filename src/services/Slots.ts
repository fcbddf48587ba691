/**
 * The slots: N scoped resources, each lent to one task at a time. Those of one role are an Effect `Pool`.
 */
import { Array, Context, Effect, Exit, Layer, Order, Pool, Ref, Scope, Semaphore } from "effect"
import type { Failure } from "../domain/Failure.ts"
import type { Launch } from "../domain/Launch.ts"
import type { SlotView } from "../domain/PoolView.ts"
import { SlotId } from "../domain/SlotId.ts"
import { identitiesOf, type SlotIdentity, type SlotProfile } from "../domain/SlotProfile.ts"
import { ClaudeCli, type SlotHome } from "./ClaudeCli.ts"
import { type OpenSlot, openSlot } from "./slots/OpenSlot.ts"

export type Slot = Pick<OpenSlot, "id" | "role" | "worker">

export interface SlotsOptions {
  readonly size: number
  /** Who they are: those beyond the profiles have no role. */
  readonly profiles: ReadonlyArray<SlotProfile>
  /** What idle slots start a process for; null: they start none. */
  readonly spare: Launch | null
  /** How many processes may be starting at once: each takes a whole core while it does. */
  readonly startConcurrency: number
}

export class Slots extends Context.Service<Slots, {
  /** Every role that slots have, once; null: there are slots without one. */
  readonly roles: ReadonlyArray<string | null>
  /** Waits for a free slot of that role. It is given back when the scope closes. */
  readonly borrow: (role: string | null) => Effect.Effect<Slot, Failure, Scope.Scope>
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
        const takeSeat = (seats: ReadonlyArray<Seat>) =>
          Ref.modify(taken, (all) => {
            const seat = seats.find(({ id }) => !all.has(id))!
            return [seat, new Set(all).add(seat.id)]
          })
        const leaveSeat = ({ id }: Seat) =>
          Ref.update(taken, (all) => new Set([...all].filter((other) => other !== id)))
        const forget = (id: SlotId) => Ref.update(open, (all) => new Map([...all].filter(([other]) => other !== id)))

        const acquire = (seats: ReadonlyArray<Seat>): Effect.Effect<OpenSlot, Failure, Scope.Scope> =>
          Effect.uninterruptible(Effect.gen(function*() {
            const { id, identity } = yield* Effect.acquireRelease(takeSeat(seats), leaveSeat)
            const scope = yield* Effect.acquireRelease(
              Scope.make(),
              (scope) => Effect.andThen(Scope.close(scope, Exit.void), forget(id))
            )
            const home = claude.home(id)
            const slot = yield* Scope.provide(
              openSlot({ id, identity, start, home, spare: options.spare, isWanted: Ref.get(isWanted) }),
              scope
            )
            yield* Ref.update(open, (all) => new Map(all).set(id, { slot, scope }))
            return slot
          }))

        // A pool lends whatever it has: who asks for a role has to ask a pool of that role alone.
        const pools = new Map<string | null, Pool.Pool<OpenSlot, Failure>>()
        for (const [role, seats] of seatsByRole(identitiesOf(options.profiles, options.size))) {
          pools.set(role, yield* Pool.make({ acquire: acquire(seats), size: seats.length }))
        }

        // An Effect pool closes its items one after another; ending processes takes time, so end them all at once first.
        yield* Effect.addFinalizer(() =>
          Effect.flatMap(Ref.get(open), (all) =>
            Effect.forEach(all.values(), ({ scope }) => Scope.close(scope, Exit.void), {
              concurrency: "unbounded",
              discard: true
            }))
        )

        return {
          roles: [...pools.keys()],
          borrow: (role) => {
            const pool = pools.get(role)
            return pool === undefined ? Effect.die(new Error(`no slot has the role ${role}`)) : lend(pool)
          },
          windDown: Ref.set(isWanted, false),
          view: Effect.flatMap(Ref.get(open), (all) => {
            const inOrder = Array.sort(all.values(), byNumber)
            return Effect.forEach(inOrder, ({ slot }) =>
              slot.view)
          })
        }
      })
    )
}

const byNumber = Order.mapInput(Order.Number, ({ slot }: { readonly slot: OpenSlot }) => slot.id)

const lend = (pool: Pool.Pool<OpenSlot, Failure>) =>
  Effect.tap(
    Effect.acquireRelease(Pool.get(pool), (slot) => slot.restock, { interruptible: true }),
    (slot) => slot.lend
  )

/** A number, and who the slot is that has it. */
interface Seat {
  readonly id: SlotId
  readonly identity: SlotIdentity
}

/** Those who may do any task first: whose role is asked for is spared. */
const seatsByRole = (
  identities: ReadonlyArray<SlotIdentity>
): ReadonlyArray<readonly [string | null, ReadonlyArray<Seat>]> => {
  const seats = identities.map((identity, index): Seat => ({ id: SlotId.make(index + 1), identity }))
  const roles = Array.dedupe(identities.map((identity) => identity?.role ?? null))
  const inOrder = roles.toSorted((one, other) => Number(one !== null) - Number(other !== null))
  return inOrder.map((role) => [role, seats.filter(({ identity }) => (identity?.role ?? null) === role)])
}
