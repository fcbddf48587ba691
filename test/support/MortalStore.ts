/**
 * A store as one life of a pool sees it: the life ends at one of its writes, before it or just after it, and from then on
 * that life can do no more to it.
 */
import { Deferred, Effect } from "effect"
import { Store } from "../../src/services/Store.ts"

export interface Life {
  /** Succeeds when nothing of the life is under way any more. */
  readonly ended: Effect.Effect<void>
  readonly isOver: Effect.Effect<boolean>
  /** What a call to the store does in this life. */
  readonly call: <A, E>(name: string, call: Effect.Effect<A, E>) => Effect.Effect<A, E>
}

const writing = new Set(["accept", "commit", "note", "record", "forget"])

/** `writes` is how many there are, null for no end; `lastIsDone` says whether the last one is done, and only not told. */
export const makeLife = (writes: number | null, lastIsDone: boolean): Life => {
  const ended = Deferred.makeUnsafe<void>()
  let left = writes
  let underway = 0

  const leave = Effect.suspend(() => {
    underway--
    return left === 0 && underway === 0 ? Effect.asVoid(Deferred.succeed(ended, undefined)) : Effect.void
  })

  return {
    ended: Deferred.await(ended),
    isOver: Effect.sync(() => left === 0),
    call: <A, E>(name: string, call: Effect.Effect<A, E>) =>
      Effect.suspend((): Effect.Effect<A, E> => {
        if (left === 0) return Effect.never
        underway++
        if (left !== null && writing.has(name)) left--
        if (left === 0 && !lastIsDone) return Effect.andThen(leave, Effect.never)
        // What was under way when the life ended is done, and nobody is told.
        return Effect.flatMap(
          Effect.exit(Effect.ensuring(call, leave)),
          (exit): Effect.Effect<A, E> => left === 0 ? Effect.never : exit
        )
      })
  }
}

const within = <T extends object>(life: Life, part: T): T =>
  Object.fromEntries(
    Object.entries(part).map(([name, value]) => {
      if (Effect.isEffect(value)) return [name, life.call(name, value as Effect.Effect<unknown>)]
      if (typeof value !== "function") return [name, value]
      return [name, (...given: ReadonlyArray<unknown>) => life.call(name, value(...given))]
    })
  ) as T

export const mortalStore = (store: Store["Service"], life: Life): Store["Service"] =>
  Store.of({
    ...within(life, store),
    groups: within(life, store.groups),
    chains: within(life, store.chains),
    turns: within(life, store.turns)
  })
