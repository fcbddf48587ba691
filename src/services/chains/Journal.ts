/**
 * The journal of a chain that runs: what has been done is found here by its key and by the hash of all that went into it,
 * and what comes to an end is on record before anybody is told.
 */
import { DateTime, Effect, Exit, Schedule } from "effect"
import type { ChainId } from "../../domain/ChainId.ts"
import type { Failure } from "../../domain/Failure.ts"
import type { GroupId } from "../../domain/GroupId.ts"
import { PoolEvent } from "../../domain/PoolEvent.ts"
import type { StepOutcome, StepRecord } from "../../domain/StepRecord.ts"
import type { TaskId } from "../../domain/TaskId.ts"
import { Events } from "../Events.ts"
import { Store } from "../Store.ts"
import { mayPass } from "../tasks/AttemptRun.ts"

/** What a unit of work came to: a step, or a part of one that is journalled by itself. */
export interface Came {
  readonly outcome: Exclude<StepOutcome, { readonly _tag: "Skipped" }>
  readonly task: TaskId | null
  readonly group: GroupId | null
}

/** What is done once. */
export interface Unit {
  readonly key: string
  readonly step: string
  readonly hash: string
  /** From 1. */
  readonly round: number
}

/** Work that has begun, and how it is stopped. */
export interface Begun {
  readonly came: Effect.Effect<Came, Failure>
  /** Stops it for good. What it had come to before, if it had: that is not done again. */
  readonly stop: Effect.Effect<Came | null, Failure>
}

/** The record of a unit that was done, well or badly. */
export type Kept = StepRecord & Pick<Came, "outcome">

const isKept = (record: StepRecord): record is Kept => record.outcome._tag !== "Skipped"

/** A unit, and what is to be kept of it. */
export interface Ended {
  readonly unit: Unit
  readonly outcome: StepOutcome
  readonly task?: TaskId | null
  readonly group?: GroupId | null
  readonly recovered?: boolean
  /** Now, where nothing else is said. */
  readonly startedAt?: DateTime.Utc
}

export interface Journal {
  readonly find: (key: string, hash: string) => StepRecord | undefined
  /** Puts on record what a unit came to, then tells of it. */
  readonly finish: (ended: Ended) => Effect.Effect<StepRecord, Failure>
  /** Puts on record that the work of a unit is under way. */
  readonly note: (begun: Ended) => Effect.Effect<StepRecord, Failure>
  /** Does the work and puts on record what it came to, or finds that it has been done. */
  readonly once: (unit: Unit, begin: Effect.Effect<Begun>) => Effect.Effect<Kept, Failure>
}

/** Opens the journals of chains, each as it is in the store. */
export const openJournal = Effect.fnUntraced(function*(isStopping: () => boolean) {
  const store = yield* Store
  const events = yield* Events
  return (chain: ChainId) =>
    Effect.map(store.chains.journal(chain), (left) => makeJournal({ chain, events, isStopping, left, store }))
})

interface JournalOptions {
  readonly chain: ChainId
  readonly left: ReadonlyArray<StepRecord>
  readonly store: Store["Service"]
  readonly events: Events["Service"]
  readonly isStopping: () => boolean
}

const makeJournal = ({ chain, events, isStopping, left, store }: JournalOptions): Journal => {
  const records = new Map(left.map((record) => [record.key, record]))

  const find = (key: string, hash: string) => {
    const record = records.get(key)
    return record?.hash === hash ? record : undefined
  }

  const write = Effect.fnUntraced(function*(ended: Ended, event: PoolEvent) {
    const now = yield* DateTime.now
    const { group = null, outcome, recovered = false, startedAt = now, task = null, unit } = ended
    const { hash, key, round, step } = unit
    const record: StepRecord = {
      key,
      step,
      hash,
      outcome,
      task,
      group,
      rounds: round,
      recovered,
      startedAt,
      finishedAt: now
    }
    yield* store.chains.record(chain, record, event).pipe(
      Effect.tapError((failure) => Effect.logWarning(`not recorded yet: ${failure.message}`)),
      Effect.retry({ while: (failure) => mayPass(failure) && !isStopping(), schedule: Schedule.spaced("1 second") })
    )
    records.set(key, record)
    yield* events.publish(event)
    return record
  }, Effect.uninterruptible)

  const finish = (ended: Ended) =>
    write(
      ended,
      PoolEvent.cases.StepFinished.make({ id: chain, step: ended.unit.key, state: ended.outcome._tag })
    )

  const note = (begun: Ended) => write(begun, PoolEvent.cases.StepStarted.make({ id: chain, step: begun.unit.step }))

  const once = (unit: Unit, begin: Effect.Effect<Begun>): Effect.Effect<Kept, Failure> =>
    Effect.uninterruptibleMask((restore) =>
      Effect.gen(function*() {
        const known = find(unit.key, unit.hash)
        if (known !== undefined && isKept(known)) return known
        const startedAt = yield* DateTime.now
        const begun = yield* begin
        const exit = yield* Effect.exit(restore(begun.came))
        if (Exit.isSuccess(exit)) {
          const { outcome } = exit.value
          return { ...(yield* finish({ unit, ...exit.value, startedAt })), outcome }
        }
        // The end of the pool stops nothing for good: the next one goes on with it.
        if (Exit.hasInterrupts(exit) && !isStopping()) {
          const late = yield* begun.stop
          if (late !== null) yield* finish({ unit, ...late, startedAt })
        }
        return yield* Effect.failCause(exit.cause)
      })
    )

  return { find, finish, note, once }
}
