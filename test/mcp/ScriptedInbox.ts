/**
 * An inbox as the contract has it, with what the test puts into it: numbers rise by two, as other things happen in between.
 */
import { Effect, PubSub, Stream } from "effect"
import type { GroupId } from "../../src/domain/GroupId.ts"
import type { InboxEntry, InboxOptions } from "../../src/domain/Inbox.ts"
import { PoolEvent } from "../../src/domain/PoolEvent.ts"
import { isGroupId, isTaskId, type WorkId } from "../../src/domain/WorkId.ts"
import { settle } from "../support/Time.ts"

const eventOf = ({ id, state }: InboxEntry): PoolEvent => {
  if (isGroupId(id)) return PoolEvent.cases.GroupFinished.make({ id, state: "Done" })
  if (!isTaskId(id)) return PoolEvent.cases.ChainFinished.make({ id, state: "Done" })
  return state === "review"
    ? PoolEvent.cases.Presented.make({ id })
    : PoolEvent.cases.Finished.make({ id, state: "Done" })
}

export const makeInbox = Effect.gen(function*() {
  const told = yield* PubSub.unbounded<PoolEvent>()
  let entries: ReadonlyArray<InboxEntry> = []
  const readers = new Map<string, number>()
  const asked: Array<InboxOptions> = []
  const newest = () => entries.length * 2

  const put = (id: WorkId, more: { readonly state?: InboxEntry["state"]; readonly part_of?: GroupId } = {}) =>
    Effect.suspend(() => {
      const entry: InboxEntry = { seq: newest() + 2, at: "2026-01-01T00:00:00.000Z", id, state: "done", ...more }
      entries = [...entries, entry]
      return PubSub.publish(told, eventOf(entry))
    })

  const inbox = (options: InboxOptions) =>
    Effect.sync(() => {
      asked.push(options)
      const { limit, reader, since = reader === undefined ? 0 : readers.get(reader) ?? newest() } = options
      const after = entries.filter(({ seq }) => seq > since)
      const some = after.slice(0, limit)
      const more = some.length < after.length
      return { entries: some, seq: more ? some.at(-1)!.seq : newest(), more }
    })

  return {
    script: {
      inbox,
      acknowledge: (reader: string, seq: number) =>
        Effect.sync(() => readers.set(reader, Math.max(seq, readers.get(reader) ?? 0))),
      events: Stream.fromPubSub(told)
    },
    put,
    /** What has been put in is known to whoever listens when the next thing happens. */
    tell: (...ids: ReadonlyArray<WorkId>) => Effect.andThen(Effect.forEach(ids, (id) => put(id)), settle),
    happen: (event: PoolEvent) => Effect.andThen(PubSub.publish(told, event), settle),
    readers,
    asked
  }
})
