/**
 * What of a pool's resources is another now, as a client hears of it: gathered for a second, each address once.
 */
import { Effect, Stream } from "effect"
import type { Failure } from "../../domain/Failure.ts"
import type { PoolEvent } from "../../domain/PoolEvent.ts"
import { isChainId, isGroupId, isTaskId, type WorkId } from "../../domain/WorkId.ts"
import { Pool } from "../../services/Pool.ts"
import { outputAddress, statusAddress, workAddress } from "./Address.ts"

const gathering = "1 second"
const mostGathered = 4096

const appears: ReadonlySet<PoolEvent["_tag"]> = new Set(["Submitted", "GroupSubmitted", "ChainSubmitted"])

/** Whenever works have appeared. */
export const worksAppeared: Stream.Stream<void, Failure, Pool> = Stream.unwrap(
  Effect.map(Pool, (pool) =>
    pool.events.pipe(
      Stream.filter(({ _tag }) => appears.has(_tag)),
      Stream.groupedWithin(mostGathered, gathering),
      Stream.map(() => undefined)
    ))
)

/** Of what nothing is shown that would be another. */
const shownNowhere: ReadonlySet<PoolEvent["_tag"]> = new Set(["Turned", "Reported", "Merged"])

/** The work that it is about. */
const subjectsOf = (event: PoolEvent): ReadonlyArray<WorkId> => {
  switch (event._tag) {
    case "Overlapped":
    case "Held":
    case "Lifted":
    case "Merged":
      return []
    default:
      return [event.id]
  }
}

const changesOutput: ReadonlySet<PoolEvent["_tag"]> = new Set(["Presented", "Finished"])

/** So many wholes are remembered; one that is forgotten is looked up again. */
const mostRemembered = 10_000

/** What a work is a part of, itself first. That never changes: it is looked up once. */
const makeLineage = (pool: Pool["Service"]) => {
  const known = new Map<WorkId, WorkId | null>()

  const lookUp = (id: WorkId) => {
    const view: Effect.Effect<{ readonly part_of?: string }, Failure> = isTaskId(id)
      ? pool.result(id)
      : isGroupId(id)
      ? pool.group(id)
      : Effect.succeed({})
    // One that is gone has no whole any more.
    return Effect.orElseSucceed(view, () => ({}) as { readonly part_of?: string })
  }

  const wholeOf = Effect.fnUntraced(function*(id: WorkId) {
    const before = known.get(id)
    if (before !== undefined) return before
    const { part_of = "" } = yield* lookUp(id)
    const whole = isGroupId(part_of) || isChainId(part_of) ? part_of : null
    if (known.size >= mostRemembered) known.clear()
    known.set(id, whole)
    return whole
  })

  const lineageOf = (id: WorkId): Effect.Effect<ReadonlyArray<WorkId>> =>
    Effect.flatMap(
      wholeOf(id),
      (whole) => whole === null ? Effect.succeed([id]) : Effect.map(lineageOf(whole), (wholes) => [id, ...wholes])
    )
  return lineageOf
}

/** Addresses whose content is another now. */
export const changedAddresses: Stream.Stream<string, Failure, Pool> = Stream.unwrap(
  Effect.map(Pool, (pool) => {
    const lineageOf = makeLineage(pool)

    const addressesOf = Effect.fnUntraced(function*(events: ReadonlyArray<PoolEvent>) {
      const lineages = yield* Effect.forEach(new Set(events.flatMap(subjectsOf)), lineageOf)
      const results = events.filter(({ _tag }) => changesOutput.has(_tag)).flatMap(subjectsOf)
      return new Set([
        statusAddress,
        ...lineages.flat().map(workAddress),
        ...results.filter(isTaskId).map(outputAddress)
      ])
    })

    return pool.events.pipe(
      Stream.filter(({ _tag }) => !shownNowhere.has(_tag)),
      Stream.groupedWithin(mostGathered, gathering),
      Stream.mapEffect(addressesOf),
      Stream.flattenIterable
    )
  })
)
