/**
 * Worktrees that are made ahead, in the background and one at a time, at what the checkout stands at. To claim one is to
 * bring it to the branch that is wanted.
 */
import { DateTime, Effect, FiberSet, Option, type Scope, Semaphore } from "effect"
import type { Failure } from "../../domain/Failure.ts"
import { Holder, type RepositoryPlace, Workspace } from "../../domain/Workspace.ts"
import { Git, mainCheckout } from "../Git.ts"
import { resolveCommit } from "../git/Refs.ts"
import { Store } from "../Store.ts"
import type { Identity } from "./Identity.ts"
import type { Making, Standing } from "./Making.ts"
import type { Presence } from "./Presence.ts"
import type { SettingUp } from "./SettingUp.ts"
import { turnOf, type Turns } from "./Turns.ts"
import { isUntouched } from "./Untouched.ts"

export interface SparesOptions {
  /** How many for each repository. */
  readonly count: number
  readonly identity: Identity
  readonly making: Making
  readonly presence: Presence
  readonly settingUp: SettingUp
  readonly turns: Turns
  readonly background: FiberSet.FiberSet<unknown, unknown>
  /** Puts one away of which nothing is anybody's. */
  readonly drop: (workspace: Workspace) => Effect.Effect<void>
}

export const makeSpares = Effect.fnUntraced(function*(
  { background, count, drop, identity, making, presence, settingUp, turns }: SparesOptions
) {
  const git = yield* Git
  const store = yield* Store
  const spares = new Map<string, ReadonlyArray<Workspace>>()
  const one = yield* Semaphore.make(1)

  const of = ({ common }: RepositoryPlace) => spares.get(common) ?? []

  const makeOne = Effect.fnUntraced(function*(place: RepositoryPlace) {
    const base = yield* resolveCommit(git, mainCheckout(place), "HEAD")
    if (base === null) return false
    const spare = yield* making.fresh(place, Holder.cases.Spare.make({}), { base, branch: null, goesOn: false })
    spares.set(place.common, [...of(place), spare])
    return true
  }, Effect.scoped)

  /** Makes what is missing, in the background. That it cannot be done concerns nobody: who needs one makes it himself. */
  const refill = (place: RepositoryPlace) => {
    const next: Effect.Effect<void, Failure> = Effect.suspend(() =>
      of(place).length >= count
        ? Effect.void
        : Effect.flatMap(makeOne(place), (isMade) => isMade ? next : Effect.void)
    )
    const all = Effect.catch(one.withPermit(next), (failure) => Effect.logDebug(failure))
    return count === 0 ? Effect.void : Effect.asVoid(FiberSet.run(background, all))
  }

  const take = (place: RepositoryPlace) =>
    Effect.sync(() => {
      const [first, ...rest] = of(place)
      spares.set(place.common, rest)
      return first ?? null
    })

  /** One for a holder, at what it asks for, in use until the scope closes; null: there is none. */
  const claim = Effect.fnUntraced(function*(
    place: RepositoryPlace,
    holder: Holder,
    standing: Standing
  ): Effect.fn.Return<Workspace | null, Failure, Scope.Scope> {
    const spare = yield* take(place)
    if (spare === null) return null
    const there = yield* turns(turnOf(spare))(
      Effect.andThen(presence.come(spare.id), store.workspaces.find(spare.id))
    )
    // It was put away to make room.
    if (!Option.exists(there, ({ state }) => state._tag === "Ready")) return yield* claim(place, holder, standing)
    const checkout = yield* Effect.result(identity.of(spare))
    if (
      checkout._tag === "Failure" ||
      !(yield* Effect.orElseSucceed(isUntouched(git, checkout.success, spare.base), () => false))
    ) {
      yield* drop(spare)
      return yield* claim(place, holder, standing)
    }
    return yield* Effect.gen(function*() {
      const before = yield* settingUp.keyOf(spare.path)
      yield* making.stand(checkout.success, standing, spare.base)
      const claimed = new Workspace({
        ...spare,
        holder,
        branch: standing.branch,
        base: standing.base,
        setUp: yield* settingUp.renew(spare, before),
        usedAt: yield* DateTime.now
      })
      yield* store.workspaces.keep(claimed)
      return claimed
    }).pipe(Effect.onError(() => drop(spare)))
  })

  /** None is left. */
  const close = Effect.suspend(() => {
    const all = [...spares.values()].flat()
    spares.clear()
    return Effect.forEach(all, drop, { discard: true })
  })

  const isSpare = ({ id, repository }: Workspace): boolean => of(repository).some((spare) => spare.id === id)

  /** It is not to be claimed any more. */
  const forget = ({ id, repository }: Workspace): void => {
    spares.set(repository.common, of(repository).filter((spare) => spare.id !== id))
  }

  return { claim, close, forget, isSpare, refill }
})

export type Spares = Effect.Success<ReturnType<typeof makeSpares>>
