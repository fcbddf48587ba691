/**
 * What keeps tasks from being started, told to a client once: whoever waits for them is not left to wait in vain, and has
 * something to tell its user.
 */
import { Duration, Effect, Ref } from "effect"
import type { WaitOptions } from "../domain/CallOptions.ts"
import type { Failure } from "../domain/Failure.ts"
import type { HoldView } from "../domain/Hold.ts"
import type { WaitReply } from "../domain/PoolView.ts"
import { Pool } from "../services/Pool.ts"
import { briefHold, type HoldBrief } from "./HoldBrief.ts"

export interface Held {
  /** Looks at the pool; true if nothing runs, and will not before somebody has done something that the client does not know of. */
  readonly look: Effect.Effect<boolean, Failure, Pool>
  /** What was seen and has not been told; it counts as told from then on. */
  readonly take: Effect.Effect<ReadonlyArray<HoldBrief>>
}

const keyOf = ({ cause, since }: HoldView): string => `${cause} ${since}`

/** Of one client. */
export const makeHeld: Effect.Effect<Held> = Effect.gen(function*() {
  const seen = yield* Ref.make<ReadonlyArray<HoldView>>([])
  const told = yield* Ref.make<ReadonlySet<string>>(new Set())

  const look = Effect.gen(function*() {
    const { holds = [], running } = yield* (yield* Pool).status
    const before = yield* Ref.get(told)
    const news = holds.filter((hold) => !before.has(keyOf(hold)))
    yield* Ref.set(seen, news)
    return running.length === 0 && news.some(({ until }) => until === undefined)
  })

  const take = Effect.gen(function*() {
    const news = yield* Ref.getAndSet(seen, [])
    if (news.length > 0) yield* Ref.update(told, (all) => new Set([...all, ...news.map(keyOf)]))
    return news.map(briefHold)
  })

  return { look, take }
})

/** How often the pool is looked at during a wait. */
const lookEvery = Duration.seconds(5)

/** A wait that ends early, once, where it would be in vain; one that ends without an end of the work says what it knows. */
export const waitUnlessHeld = (held: Held, options: WaitOptions): Effect.Effect<WaitReply, Failure, Pool> =>
  Effect.gen(function*() {
    const pool = yield* Pool
    const look = Effect.delay(held.look, lookEvery)
    const inVain = Effect.repeat(look, { until: (vain) => vain })
    const reply = yield* Effect.raceFirst(
      pool.wait(options),
      Effect.andThen(inVain, pool.wait({ ...options, timeout: Duration.zero }))
    )
    if (reply.timed_out) yield* held.look
    return reply
  })
