/**
 * Work that is handed in and waited for, by a command that shows how it goes. Interrupting the command cancels the work.
 */
import { Console, Duration, Effect, Schedule, type Stdio } from "effect"
import type { Failure } from "../domain/Failure.ts"
import type { WaitReply } from "../domain/PoolView.ts"
import { Cancelled } from "../domain/RequestFailure.ts"
import { viewFailure } from "../domain/TaskView.ts"
import { isGroupId, isTaskId, type WorkId } from "../domain/WorkId.ts"
import { Configuration } from "../services/Configuration.ts"
import type { Machine } from "../services/Machine.ts"
import { Pool } from "../services/Pool.ts"
import { Format, note } from "./Format.ts"
import { liveChain } from "./LiveChain.ts"
import { liveGroup } from "./LiveGroup.ts"
import { withLiveLine } from "./LiveLine.ts"
import { withLiveTable } from "./LiveTable.ts"
import type { Outcome } from "./Outcome.ts"
import { progressLine } from "./ProgressLine.ts"
import { complain, tellFailure } from "./Reported.ts"
import { readWorkId } from "./WorkIds.ts"
import { outcomeOf } from "./WorkOutcome.ts"

/** Every wait is bounded; no attempt of a task may take longer. */
const longest = Duration.days(7)

/** Whether something of it goes on without a review. */
const isMoving = (id: WorkId): Effect.Effect<boolean, Failure, Pool> =>
  Effect.gen(function*() {
    const pool = yield* Pool
    if (isTaskId(id)) return false
    if (isGroupId(id)) {
      const { counts, state } = yield* pool.group(id)
      return state === "reducing" || (state === "running" && counts.queued + counts.running > 0)
    }
    const { state, steps } = yield* pool.chain(id)
    if (state !== "running") return false
    if (steps.some((step) => step.state === "running")) return true
    const groups = steps.filter((step) => step.state === "review").flatMap(({ group }) => group ?? [])
    const moving = yield* Effect.forEach(groups, (group) => Effect.flatMap(readWorkId(group), isMoving))
    return moving.includes(true)
  })

/** A review ends the wait, but not the command: what needs no review is done first. */
const untilNothingMoves = (id: WorkId): Effect.Effect<void, Failure, Pool> =>
  isMoving(id).pipe(
    Effect.repeat({ until: (moving) => !moving, schedule: Schedule.spaced("1 second") }),
    Effect.asVoid
  )

const waitFor = (id: WorkId): Effect.Effect<WaitReply, Failure, Machine | Pool | Stdio.Stdio> =>
  Effect.gen(function*() {
    const pool = yield* Pool
    const ended = pool.wait({ ids: [id], mode: "all", timeout: longest }).pipe(
      Effect.tap(({ review = [] }) => review.length === 0 ? Effect.void : untilNothingMoves(id))
    )
    if (isGroupId(id)) return yield* withLiveTable(ended, yield* liveGroup(id))
    return yield* isTaskId(id) ? withLiveLine(ended, progressLine) : withLiveTable(ended, liveChain(id))
  })

/** What was begun has a name, and can be taken up again by it. */
const tellCut = (id: WorkId | null): Effect.Effect<void> =>
  Effect.flatMap(Format, (format) => {
    if (id === null) return tellFailure(new Cancelled({ note: "interrupted before it was accepted" }))
    const reason = new Cancelled({ note: `${id} was interrupted while it was waited for` })
    const error = { ...viewFailure(reason), hint: `\`claude-pool retry ${id}\` runs again what of it is not done` }
    return format === "json" ? Console.log(JSON.stringify({ id, error })) : complain(error)
  })

/** What becomes of work that is not waited for: a host has it at once, and without one whoever waits for it. */
export const noteLeft = (said: string, id: string): Effect.Effect<void, never, Configuration> =>
  Effect.flatMap(
    Configuration,
    ({ settings: { inProcess } }) =>
      note(`${said}: \`claude-pool wait ${id}\` ${inProcess ? "(or a running pool) runs it" : "waits for it"}`)
  )

export interface Attended<A> {
  readonly started: A
  readonly outcome: Outcome
}

/** `start` is not to be interrupted, unless it says so itself: accepted work that nobody waits for would be left. */
export const attend = <A extends { readonly id: string }, R>(
  start: Effect.Effect<A, Failure, R>
): Effect.Effect<Attended<A>, Failure, R | Machine | Pool | Stdio.Stdio> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.gen(function*() {
      const pool = yield* Pool
      const started = yield* Effect.onInterrupt(start, () => tellCut(null))
      const id = yield* readWorkId(started.id)
      // Said before anything can go wrong: whoever is killed meanwhile finds it again by its name.
      yield* note(`accepted as ${id}`)
      const reply = yield* restore(waitFor(id)).pipe(
        Effect.onInterrupt(() => Effect.andThen(Effect.ignore(pool.cancel([id], "the caller went away")), tellCut(id)))
      )
      const outcome = yield* restore(outcomeOf(id))
      if (reply.timed_out) yield* note(`not finished in time: ${id}; it goes on where a pool runs it`)
      // What has not finished, and has time, waits for a review: that is no failure.
      const waits = !reply.timed_out && !outcome.isFinished
      return { started, outcome: waits ? { ...outcome, exitCode: 0 as const } : outcome }
    })
  )
