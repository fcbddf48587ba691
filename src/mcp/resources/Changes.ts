/**
 * What of a pool's resources is another now, as a client hears of it: gathered for a second, each address once.
 */
import { Effect, Stream } from "effect"
import type { Failure } from "../../domain/Failure.ts"
import type { PoolEvent } from "../../domain/PoolEvent.ts"
import { isChainId, isGroupId, isTaskId, type WorkId } from "../../domain/WorkId.ts"
import { Pool } from "../../services/Pool.ts"
import { type Address, outputAddress, parseAddress, statusAddress, workAddress } from "./Address.ts"

const gathering = "1 second"
const mostGathered = 4096

const changesList: ReadonlySet<PoolEvent["_tag"]> = new Set([
  "Submitted",
  "GroupSubmitted",
  "ChainSubmitted",
  "Pruned",
  "Found"
])

/** Whenever works have appeared or gone, or may have. */
export const worksChanged: Stream.Stream<void, Failure, Pool> = Stream.unwrap(
  Effect.map(Pool, (pool) =>
    pool.events.pipe(
      Stream.filter(({ _tag }) => changesList.has(_tag)),
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
    case "Pruned":
    case "Lost":
    case "Found":
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

type AddressOf<Tag extends Address["_tag"]> = Extract<Address, { readonly _tag: Tag }>

const isOfWork = (address: Address | undefined): address is AddressOf<"Work" | "Output"> =>
  address?._tag === "Work" || address?._tag === "Output"

const mayChange = (uri: string): boolean => {
  const address = parseAddress(uri)
  return address?._tag === "Status" || isOfWork(address)
}

const looksAtOnce = 8

/** Addresses of work that is gone, each once. */
const makeGone = (pool: Pool["Service"]) => {
  let told: ReadonlySet<string> = new Set()

  const isGone = (id: WorkId) => {
    const look: Effect.Effect<unknown, Failure> = isTaskId(id)
      ? pool.result(id)
      : isGroupId(id)
      ? pool.group(id)
      : isChainId(id)
      ? pool.chain(id)
      : Effect.void
    return look.pipe(
      Effect.as(false),
      Effect.catch(({ reason }) => Effect.succeed(reason._tag === "NotFound"))
    )
  }

  return Effect.fnUntraced(function*(wanted: ReadonlySet<string>) {
    const works = [...wanted].flatMap((uri) => {
      const address = parseAddress(uri)
      return isOfWork(address) ? [{ uri, id: address.id }] : []
    })
    const before = told
    const gone = yield* Effect.filter(works, ({ id, uri }) => before.has(uri) ? Effect.succeed(true) : isGone(id), {
      concurrency: looksAtOnce
    })
    told = new Set(gone.map(({ uri }) => uri))
    return [...told].filter((uri) => !before.has(uri))
  })
}

/** Addresses whose content may be another now. Only those that are wanted are looked at one by one. */
export const changedAddresses = (wanted: () => ReadonlySet<string>): Stream.Stream<string, Failure, Pool> =>
  Stream.unwrap(
    Effect.map(Pool, (pool) => {
      const lineageOf = makeLineage(pool)
      const goneOf = makeGone(pool)

      const addressesOf = Effect.fnUntraced(function*(events: ReadonlyArray<PoolEvent>) {
        const last = events.findLast(({ _tag }) => _tag === "Lost" || _tag === "Found")
        // All of it is told with what comes next, which is `Found`: no process is started to look at it now.
        if (last?._tag === "Lost") return new Set<string>()
        // What happened meanwhile is not known: each may be another now.
        if (last?._tag === "Found") return new Set([...wanted()].filter(mayChange))
        const lineages = yield* Effect.forEach(new Set(events.flatMap(subjectsOf)), lineageOf)
        const results = events.filter(({ _tag }) => changesOutput.has(_tag)).flatMap(subjectsOf)
        const gone = events.some(({ _tag }) => _tag === "Pruned") ? yield* goneOf(wanted()) : []
        return new Set([
          statusAddress,
          ...lineages.flat().map(workAddress),
          ...results.filter(isTaskId).map(outputAddress),
          ...gone
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
