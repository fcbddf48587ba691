/**
 * Whether the store takes writes. What failed in a way that may pass is tried with a small write of no meaning, until one
 * succeeds: nobody has to look after it.
 */
import { Effect, Queue, Result, type Scope, type Stream, SubscriptionRef } from "effect"
import { SqlClient } from "effect/sql"
import { StoreUnusable } from "../../domain/EnvironmentFailure.ts"
import type { GroupCommit, Write } from "./GroupCommit.ts"
import { detailOf, isDefect, isStorageError, problemOf, type StorageError } from "./StorageError.ts"

/** What keeps a store from taking writes; null: nothing does. */
export type Trouble = StoreUnusable | null

export interface WriteHealth {
  readonly trouble: Effect.Effect<Trouble>
  /** The trouble there is, and whenever that changes. */
  readonly changes: Stream.Stream<Trouble>
}

/** In seconds: how soon the first probe is made, and how far apart they become. */
const firstWait = 1
const longestWait = 4
const growth = 1.5

/** A probe is no smaller than this, and as large as what did not fit, within bounds. */
const smallestProbe = 64 * 1024
const largestProbe = 32 * 1024 * 1024

/** `commits` that are watched, and what is known of them. */
export const makeWriteHealth = Effect.fnUntraced(function*(
  { commits, directory }: { readonly commits: GroupCommit; readonly directory: string }
): Effect.fn.Return<
  { readonly commits: GroupCommit; readonly health: WriteHealth },
  never,
  SqlClient.SqlClient | Scope.Scope
> {
  const sql = yield* SqlClient.SqlClient
  const state = yield* SubscriptionRef.make<Trouble>(null)
  const failures = yield* Queue.sliding<void>(1)
  let bytes = smallestProbe

  const probe = Effect.gen(function*() {
    const insert = sql`INSERT INTO probe (body) VALUES (zeroblob(${bytes}))`
    yield* commits.submit({ durable: true, apply: Effect.as(insert, Result.void) })
    yield* commits.submit({ durable: true, apply: Effect.as(sql`DELETE FROM probe`, Result.void) })
  })

  const untilWell = Effect.gen(function*() {
    for (let wait = firstWait;; wait = Math.min(wait * growth, longestWait)) {
      yield* Effect.sleep(`${wait} seconds`)
      if (Result.isSuccess(yield* Effect.result(probe))) break
    }
    bytes = smallestProbe
    yield* SubscriptionRef.set(state, null)
    yield* Effect.logInfo(`the store ${directory} takes writes again`)
  })

  yield* Queue.take(failures).pipe(
    Effect.andThen(untilWell),
    Effect.forever,
    Effect.forkScoped
  )

  const failed = Effect.fnUntraced(function*(error: StorageError, size: number) {
    if (isDefect(error)) return
    const trouble = new StoreUnusable({ directory, problem: problemOf(error), detail: detailOf(error) })
    const known = yield* SubscriptionRef.get(state)
    if (known?.problem === "corrupt") return
    if (trouble.mayPass) {
      bytes = Math.min(Math.max(bytes, size), largestProbe)
      yield* Queue.offer(failures, undefined)
    }
    if (known?.problem !== trouble.problem) yield* SubscriptionRef.set(state, trouble)
  })

  const submit = <A, E>(write: Write<A, E>) =>
    Effect.tapError(
      commits.submit(write),
      (error) => isStorageError(error) ? failed(error, write.bytes ?? 0) : Effect.void
    )

  return {
    commits: { submit },
    health: { trouble: SubscriptionRef.get(state), changes: SubscriptionRef.changes(state) }
  }
})
