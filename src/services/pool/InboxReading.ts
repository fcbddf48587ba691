/**
 * What has come to its end since, or to its review, from the log: what is gone by now, or has been taken up again, is left out.
 */
import { DateTime, Effect, Option } from "effect"
import { Failure } from "../../domain/Failure.ts"
import type { InboxEntry, InboxOptions, InboxReply } from "../../domain/Inbox.ts"
import type { LoggedEvent, PoolEvent } from "../../domain/PoolEvent.ts"
import { InvalidRequest } from "../../domain/RequestFailure.ts"
import { type StateName, stateName } from "../../domain/TaskView.ts"
import type { WorkId } from "../../domain/WorkId.ts"
import { Store } from "../Store.ts"
import type { Kept } from "../store/ReaderStore.ts"

/** Of the entries of one reply, whatever is asked for. */
const mostEntries = 500

const endOf = (event: PoolEvent): { readonly id: WorkId; readonly state: StateName } | null => {
  switch (event._tag) {
    case "Finished":
    case "GroupFinished":
    case "ChainFinished":
      return { id: event.id, state: stateName(event.state) }
    case "Presented":
      return { id: event.id, state: "review" }
    default:
      return null
  }
}

const viewEnd = (kept: ReadonlyMap<string, Kept>) => ({ at, event, seq }: LoggedEvent): ReadonlyArray<InboxEntry> => {
  const end = endOf(event)
  const now = end === null ? undefined : kept.get(end.id)
  if (end === null || now === undefined || now.state === "Reducing" || stateName(now.state) !== end.state) return []
  return [{
    seq,
    at: DateTime.formatIso(at),
    ...end,
    ...(now.parent === null ? {} : { part_of: now.parent })
  }]
}

/** Of what came to the same end twice, the last time. */
const lastOfEach = (entries: ReadonlyArray<InboxEntry>): ReadonlyArray<InboxEntry> => {
  const last = new Map(entries.map(({ id, seq }) => [id, seq]))
  return entries.filter(({ id, seq }) => last.get(id) === seq)
}

const unknownNumber = (since: number, newest: number) =>
  new Failure({
    reason: new InvalidRequest({
      issues: [`since: this store has never given out the number ${since}: its newest is ${newest}`],
      hint: "leave since out, and go on from the seq of the reply"
    })
  })

export const makeInboxReading = Effect.gen(function*() {
  const { readers } = yield* Store

  const start = Effect.fnUntraced(function*({ reader, since }: InboxOptions) {
    if (since !== undefined) {
      const newest = yield* readers.newest
      return since > newest ? yield* unknownNumber(since, newest) : since
    }
    if (reader === undefined) return 0
    const read = yield* readers.seqOf(reader)
    return Option.isSome(read) ? read.value : yield* readers.newest
  })

  const inbox = Effect.fn("Pool.inbox")(function*(options: InboxOptions): Effect.fn.Return<InboxReply, Failure> {
    const limit = Math.max(1, Math.min(options.limit, mostEntries))
    const { events, more, seq } = yield* readers.ends(yield* start(options), limit)
    const ids = events.flatMap(({ event }) => endOf(event)?.id ?? [])
    const kept = ids.length === 0 ? new Map<string, Kept>() : yield* readers.kept(ids)
    return { entries: lastOfEach(events.flatMap(viewEnd(kept))), seq, more }
  })

  return { inbox }
})
