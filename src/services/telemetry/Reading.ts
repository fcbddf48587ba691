/**
 * The spans of what has ended since a mark: attempts by the ledger, all else by the log. Each stands once in one of the two,
 * however often the pool was killed.
 */
import { DateTime, Effect, Option } from "effect"
import type { ChainId } from "../../domain/ChainId.ts"
import type { Failure } from "../../domain/Failure.ts"
import type { Group } from "../../domain/Group.ts"
import type { GroupId } from "../../domain/GroupId.ts"
import type { LoggedEvent } from "../../domain/PoolEvent.ts"
import type { Task } from "../../domain/Task.ts"
import {
  attemptSpan,
  chainSpan,
  groupSpan,
  pastStepSpan,
  stepSpan,
  taskSpan,
  type TraceSpan
} from "../../domain/TraceSpan.ts"
import { Store } from "../Store.ts"
import type { TraceMark } from "../store/TraceFeed.ts"

/** Entries of the log, and lines of the ledger, that are read at once. */
const pageLength = 200

export interface TracePage {
  readonly spans: ReadonlyArray<TraceSpan>
  /** How far it goes. */
  readonly mark: TraceMark
  readonly isLast: boolean
}

/** What may be taken up again. */
interface Runs {
  readonly version: number
  readonly isFinished: boolean
}

interface StepEnd {
  readonly id: ChainId
  readonly step: string
  readonly state: string
}

export const makeTraceReading = Effect.gen(function*() {
  const store = yield* Store
  /** When works were begun that have not ended: one that was taken up again does not say so itself. */
  const begun = new Map<GroupId | ChainId, number>()

  const groupOf = Effect.fnUntraced(
    function*({ parent }: Pick<Task, "parent">): Effect.fn.Return<Group | null, Failure> {
      return parent === null || parent._tag === "Step" ? null : Option.getOrNull(yield* store.groups.find(parent.id))
    }
  )

  const since = (id: GroupId | ChainId): number | null => {
    const at = begun.get(id) ?? null
    begun.delete(id)
    return at
  }

  /**
   * A work, and which of its runs an entry of the log is of: it may have been taken up again before that was read. Its ends
   * are counted from the newest one back, for the log forgets the oldest ones first.
   */
  const runAt = Effect.fnUntraced(function*<A extends Runs>(
    seq: number,
    id: GroupId | ChainId,
    find: Effect.Effect<Option.Option<A>, Failure>,
    again: (work: A) => number
  ): Effect.fn.Return<{ readonly work: A; readonly run: number; readonly isLast: boolean } | null, Failure> {
    while (true) {
      const work = Option.getOrNull(yield* find)
      if (work === null) return null
      const runs = again(work)
      if (runs === 0) return { work, run: 0, isLast: work.isFinished }
      const ends = yield* store.traces.ends(id, seq)
      // It went on in between.
      if (Option.getOrNull(yield* find)?.version !== work.version) continue
      const run = Math.min(runs, Math.max(0, runs + (work.isFinished ? 1 : 0) - ends))
      return { work, run, isLast: run === runs && work.isFinished }
    }
  })

  const groupAt = (seq: number, id: GroupId) => runAt(seq, id, store.groups.find(id), ({ retries }) => retries)
  const chainAt = (seq: number, id: ChainId) => runAt(seq, id, store.chains.find(id), ({ resumes }) => resumes)

  const stepAt = Effect.fnUntraced(
    function*(seq: number, at: number, { id, state, step }: StepEnd): Effect.fn.Return<TraceSpan | null, Failure> {
      const found = yield* chainAt(seq, id)
      if (found === null) return null
      const chain = { id, resumes: found.run }
      const record = (yield* store.chains.journal(id)).find(({ key }) => key === step)
      const isIt = record?.outcome._tag === state && DateTime.toEpochMillis(record.finishedAt) <= at
      return isIt ? stepSpan(chain, record) : pastStepSpan(chain, { key: step, at, state })
    }
  )

  const spanOf = Effect.fnUntraced(function*(
    { at: time, event, seq }: LoggedEvent
  ): Effect.fn.Return<TraceSpan | null, Failure> {
    const at = DateTime.toEpochMillis(time)
    switch (event._tag) {
      case "Finished": {
        const task = Option.getOrNull(yield* store.find(event.id))
        return task === null ? null : taskSpan(task, yield* groupOf(task))
      }
      case "GroupSubmitted":
      case "ChainSubmitted":
        if (!begun.has(event.id)) begun.set(event.id, at)
        return null
      case "GroupFinished": {
        const { id, state } = event
        const found = yield* groupAt(seq, id)
        if (found === null) return null
        const spend = found.isLast ? yield* store.groups.spent(id) : null
        return groupSpan(found.work, { run: found.run, since: since(id), at, state, spend })
      }
      case "ChainFinished": {
        const { id, state } = event
        const found = yield* chainAt(seq, id)
        if (found === null) return null
        const spend = found.isLast ? yield* store.chains.spent(id) : null
        return chainSpan(found.work, { run: found.run, since: since(id), at, state, spend })
      }
      case "StepFinished":
        return yield* stepAt(seq, at, event)
      default:
        return null
    }
  })

  /** What ended before `oldest`, in milliseconds, is passed over. */
  return Effect.fnUntraced(function*(mark: TraceMark, oldest: number): Effect.fn.Return<TracePage, Failure> {
    const { attempts, last } = yield* store.traces.ended(mark.line, pageLength)
    const events = yield* store.events(mark.event, pageLength)
    const ofAttempts = yield* Effect.forEach(
      attempts,
      ({ attempt, task }) => Effect.map(groupOf(task), (group) => attemptSpan(task, group, attempt))
    )
    const ofEvents = yield* Effect.forEach(events, spanOf)
    return {
      spans: [...ofAttempts, ...ofEvents.filter((span) => span !== null)].filter(({ endedAt }) => endedAt >= oldest),
      mark: { event: events.at(-1)?.seq ?? mark.event, line: last },
      isLast: attempts.length < pageLength && events.length < pageLength
    }
  })
})
