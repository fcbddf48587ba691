/**
 * One at a time for each key, in the order in which they came.
 */
import { Effect, Semaphore } from "effect"
import type { Workspace } from "../../domain/Workspace.ts"

export type Turns = (key: string) => <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>

/** A key is known for as long as somebody has it or waits for it. */
export const makeTurns = (): Turns => {
  const waiting = new Map<string, { readonly turn: Semaphore.Semaphore; count: number }>()
  return (key) => <A, E, R>(effect: Effect.Effect<A, E, R>) =>
    Effect.acquireUseRelease(
      Effect.sync(() => {
        const mine = waiting.get(key) ?? { turn: Semaphore.makeUnsafe(1), count: 0 }
        mine.count++
        waiting.set(key, mine)
        return mine
      }),
      ({ turn }) => turn.withPermit(effect),
      (mine) =>
        Effect.sync(() => {
          mine.count--
          if (mine.count === 0) waiting.delete(key)
        })
    )
}

/** For whoever comes into a workspace, and whoever puts it away: not both at once. */
export const turnOf = ({ id }: Workspace): string => `workspace ${id}`
