/**
 * The health of one worker at work: what is remembered of it from look to look, and what is done about it. A worker that
 * hangs is concluded with its failure, one whose answer is in its transcript with that; all else follows from there.
 */
import { DateTime, Duration, Effect, Equal, Exit } from "effect"
import { Failure } from "../../domain/Failure.ts"
import {
  Condition,
  conditionOf,
  firstPulse,
  type HealthRules,
  type Look,
  nextPulse,
  type Pulse,
  type Suspicion,
  type Usage
} from "../../domain/Health.ts"
import { stalledAfter } from "../../domain/LimitFailure.ts"
import type { Transcript, TranscriptSize } from "../../domain/Transcript.ts"
import type { Vitals } from "../../domain/Vitals.ts"
import type { Answer, ClaudeCli, Worker } from "../ClaudeCli.ts"

/** What a transcript came to at a size: as long as it has that size, it says the same. */
interface Read extends TranscriptSize {
  readonly answer: Answer | null
}

/** A worker, as it was at the last look. */
export interface Patient {
  readonly worker: Worker
  /** When it was first seen: of a session that it goes on with, what is said from then on is of its task. */
  readonly since: DateTime.Utc
  readonly pulse: Pulse
  readonly suspicion: Suspicion | null
  readonly read: Read | null
}

/** The answer that a transcript has come to, where it is one to what this worker was asked. `from`: what was said before is not. */
const answerIn = (transcript: Transcript | null, worker: Worker, from: DateTime.Utc | undefined): Answer | null => {
  if (transcript === null || transcript.answer === null) return null
  if (from !== undefined && DateTime.isLessThan(transcript.modifiedAt, from)) return null
  const { model, output, structured } = transcript.answer
  if (structured === undefined && worker.launch.schema !== undefined) return null
  return { output, model, denials: [], ...(structured === undefined ? {} : { structured }) }
}

const isSame = (read: Read | null, { bytes, modifiedAt }: TranscriptSize): read is Read =>
  read !== null && read.bytes === bytes && Equal.equals(read.modifiedAt, modifiedAt)

const growthOf = (read: Read | null): Look["transcript"] =>
  read === null ? null : {
    bytes: read.bytes,
    modifiedAt: DateTime.toEpochMillis(read.modifiedAt),
    hasAnswer: read.answer !== null
  }

export interface Visit {
  readonly worker: Worker
  readonly now: DateTime.Utc
  /** Null: it cannot be told here. */
  readonly usage: Usage | null
  readonly before: Patient | null
  /** As in `Look`. */
  readonly heldUpMs: number
}

export const makeWorkerHealth = (claude: ClaudeCli["Service"], rules: HealthRules) => {
  /** It costs reading: so only of a worker that has nothing to say, and only where it has grown. */
  const transcriptOf = Effect.fnUntraced(
    function*({ before, now, worker }: Visit, vitals: Vitals, since: DateTime.Utc) {
      const { lastEventAt, session } = vitals
      const silent = Duration.millis(DateTime.toEpochMillis(now) - DateTime.toEpochMillis(lastEventAt))
      // Before its silence is too long: then it is to be known whether it has answered.
      const after = Duration.min(rules.bounds.settled, rules.stallAfter)
      if (session === null || Duration.isLessThan(silent, after)) return null
      const size = yield* claude.transcriptSize(session)
      if (size === null) return null
      const known = before?.read ?? null
      if (isSame(known, size)) return known
      const { bytes, modifiedAt } = size
      // A session of its own has nothing in it but its task.
      const from = worker.launch.resume === undefined ? undefined : since
      return { bytes, modifiedAt, answer: answerIn(yield* claude.transcript(session, from), worker, from) }
    }
  )

  return Effect.fnUntraced(function*(visit: Visit): Effect.fn.Return<Patient> {
    const { before, heldUpMs, now, usage, worker } = visit
    const since = before?.since ?? now
    const vitals = yield* worker.vitals
    const read = yield* transcriptOf(visit, vitals, since)
    const look: Look = { now: DateTime.toEpochMillis(now), vitals, usage, transcript: growthOf(read), heldUpMs }
    const pulse = before === null ? firstPulse(look) : nextPulse(before.pulse, look, rules.bounds)
    const patient = { worker, since, pulse, read }
    return yield* Condition.$match(conditionOf(pulse, rules), {
      Well: () => Effect.succeed({ ...patient, suspicion: null }),
      Suspicious: ({ detail, mode, since }) => Effect.succeed({ ...patient, suspicion: { detail, mode, since } }),
      Hung: Effect.fnUntraced(function*({ evidence, mode, quiet }) {
        const reason = stalledAfter({ phase: vitals.phase, mode, quiet, evidence })
        yield* Effect.logWarning(`process ${worker.pid} hangs: ${reason.message}`)
        yield* worker.conclude(Exit.fail(new Failure({ reason })))
        const since = look.now - Duration.toMillis(quiet)
        return { ...patient, suspicion: { mode, since, detail: `${mode}: ${evidence}; it is being ended` } }
      }),
      Answered: Effect.fnUntraced(function*() {
        yield* Effect.logWarning(`process ${worker.pid} says nothing any more; its answer is taken from its transcript`)
        if (read !== null && read.answer !== null) yield* worker.conclude(Exit.succeed(read.answer))
        const detail = "output-stopped: its answer was taken from its transcript"
        return { ...patient, suspicion: { mode: "output-stopped" as const, since: look.now, detail } }
      })
    })
  })
}
