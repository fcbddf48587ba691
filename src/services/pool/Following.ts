/**
 * The events of a pool in another process that may end: they go on with the process that comes after it, whoever starts
 * that. Between `Lost` and `Found` nothing is told.
 */
import { Effect, Option, Stream } from "effect"
import type { Failure } from "../../domain/Failure.ts"
import { PoolEvent } from "../../domain/PoolEvent.ts"
import type { Connection } from "./Reconnecting.ts"

export interface FollowingOptions {
  /** The connection that calls go over; null: there is none. */
  readonly held: Effect.Effect<Connection | null>
  /** The same now, and whenever it is another one. */
  readonly changes: Stream.Stream<Connection | null>
  /** It, or a new one; where there is no process, one is started. */
  readonly current: Effect.Effect<Connection, Failure>
  /** The same, where there is a process; null: there is none. */
  readonly found: Effect.Effect<Connection | null>
  /** Whether a process that was lost is to be replaced by another one, though nobody has called. */
  readonly isReplaced: (lost: Connection) => Effect.Effect<boolean>
  /** So often at most. */
  readonly tries: number
}

/** How often is looked for a process that somebody else has started. */
const lookEvery = "2 seconds"

const Lost = PoolEvent.cases.Lost.make({})
const Found = PoolEvent.cases.Found.make({})

const isThere = (connection: Connection) => Effect.map(connection.isLost, (gone) => !gone)

const isSome = (connection: Connection | null): connection is Connection => connection !== null

/** For one listener. For its sake alone no process is started, but in the place of one that did not mean to end. */
const follow = (
  { changes, current, found, held, isReplaced, tries }: FollowingOptions
): Stream.Stream<PoolEvent, Failure> => {
  let lost: Connection | null = null
  let isTold = true
  let left = tries

  const byCall = changes.pipe(
    Stream.filter(isSome),
    Stream.filter((connection) => connection !== lost),
    Stream.filterEffect(isThere),
    Stream.runHead,
    Effect.flatMap(Option.match({ onNone: () => Effect.never, onSome: Effect.succeed }))
  )
  const byLooking = Effect.delay(found, lookEvery).pipe(
    Effect.repeat({ until: isSome }),
    Effect.flatMap((connection) => connection === null ? Effect.never : Effect.succeed(connection))
  )

  const atHand = Effect.gen(function*() {
    if (lost === null) {
      const connection = yield* held
      return connection !== null && (yield* isThere(connection)) ? connection : null
    }
    if (left === 0 || !(yield* isReplaced(lost))) return null
    left--
    return yield* Effect.orElseSucceed(current, () => null)
  })

  const lose = (connection: Connection | null) =>
    Stream.suspend(() => {
      lost = connection
      isTold = false
      return Stream.make(Lost)
    })

  const hear = (connection: Connection): Stream.Stream<PoolEvent, Failure> => {
    const { events } = connection.pool
    // Told once it is listened: what is looked at then cannot become another unheard.
    const told = isTold ? events : Stream.merge(events, Stream.make(Found))
    isTold = true
    return told.pipe(
      Stream.catchIf(({ reason }) => reason._tag === "PoolLost", () => Stream.empty),
      Stream.concat(lose(connection))
    )
  }

  const life = Stream.unwrap(Effect.map(atHand, (connection) => {
    if (connection !== null) return hear(connection)
    const next = Stream.unwrap(Effect.map(Effect.raceFirst(byCall, byLooking), hear))
    return isTold ? Stream.concat(lose(null), next) : next
  }))
  return Stream.forever(life)
}

export const following = (options: FollowingOptions): Stream.Stream<PoolEvent, Failure> =>
  Stream.suspend(() => follow(options))
