/**
 * What follows from how attempts end: how long a slot rests before it is opened again, when the circuit opens, and which
 * failures concern everybody who shares their cause. Those are answered once, for all: with a hold.
 */
import { Clock, Context, DateTime, Duration, Effect, Layer, Random } from "effect"
import { type Reason, resumeAt } from "../domain/Failure.ts"
import { causeOf, disprovedBy, disprovedByTurn, longestWait, pauseOf, type ProbedCause } from "../domain/HoldRules.ts"
import {
  afterAnswer,
  afterCrash,
  forgetCrashes,
  isCrash,
  isTooMuch,
  noRestarts,
  recentRestarts,
  type RestartRecord,
  restartsOf,
  tellCrashes
} from "../domain/RestartRules.ts"
import type { SlotId } from "../domain/SlotId.ts"
import type { TaskId } from "../domain/TaskId.ts"
import { Holds, type Pass } from "./Holds.ts"

/** The end of an attempt, as far as slots and holds are concerned. */
export interface AttemptEnd {
  readonly task: TaskId
  readonly slot: SlotId
  /** With which it was started. */
  readonly pass: Pass
  /** Null: it came to an answer. `cut`: it was stopped, and says nothing of its slot. */
  readonly failure: Reason | "cut" | null
}

export interface Rest {
  readonly duration: Duration.Duration
  readonly why: string
}

/** What an attempt leaves for its slot and its task. */
export interface Aftermath {
  /** How long the slot has to rest, and is replaced; null: it may go on as it is. */
  readonly rest: Rest | null
  /**
   * What the attempt met that all would meet: the task is started again when that is over, and not by a clock of its own.
   * Null: it is the attempt's own failure, or none.
   */
  readonly held: {
    readonly cause: ProbedCause
    /** Whether the task has nevertheless used up one of its tries. */
    readonly isCharged: boolean
  } | null
}

/** How often a slot was opened again. */
export interface RestartCounts {
  /** In the last minute. */
  readonly recent: number
  readonly total: number
}

/** How this pool takes what all attempts would meet. */
export interface RestartsOptions {
  /**
   * What a login or a configuration that is missing does to tasks. `wait`: they wait until it is there, and so does who
   * meets what all meet. `fail`: they fail with it, for somebody waits for them; and every attempt counts.
   */
  readonly whenHeld: "wait" | "fail"
}

/** Whether nobody waits for the end of it. */
const isForNobody = (cause: ProbedCause, whenHeld: RestartsOptions["whenHeld"]): boolean =>
  whenHeld === "fail" && (cause === "login" || cause === "config")

const heldBy = (cause: ProbedCause, whenHeld: RestartsOptions["whenHeld"]): NonNullable<Aftermath["held"]> => ({
  cause,
  isCharged: whenHeld === "fail"
})

const nothing: Aftermath = { rest: null, held: null }

/** So many failures of the provider in a row concern all. */
const enough = { tasks: 3, ofOne: 2 }
/** So many starts that fail with the same words are a matter of configuration. */
const sameStarts = 3

export class Restarts extends Context.Service<Restarts, {
  /** To be told of every end of an attempt, before its task is judged, and before its slot is given back. */
  readonly ended: (end: AttemptEnd) => Effect.Effect<Aftermath>
  /** To be told when the model has answered in the middle of an attempt. */
  readonly answered: (pass: Pass) => Effect.Effect<void>
  readonly counts: Effect.Effect<RestartCounts>
  readonly countOf: (slot: SlotId) => Effect.Effect<number>
}>()("claude-pool/services/Restarts") {
  static readonly layer = ({ whenHeld }: RestartsOptions) =>
    Layer.effect(
      this,
      Effect.gen(function*() {
        const holds = yield* Holds
        let record: RestartRecord = noRestarts
        /** Whose attempts the provider failed, since it last answered. */
        let failing: ReadonlyArray<TaskId> = []
        let starts: { readonly detail: string; readonly times: number } = { detail: "", times: 0 }
        /** How often it was looked in vain whether it is over. */
        const looks = new Map<ProbedCause, number>()

        const isHeld = (cause: ProbedCause) =>
          Effect.map(holds.current, (all) => all.find((hold) => hold.cause === cause) ?? null)

        /** Holds it, or holds it for longer where it was just found out that it is not over. */
        const hold = Effect.fnUntraced(function*(
          cause: ProbedCause,
          { pass }: AttemptEnd,
          about: { readonly detail: string; readonly hint: string; readonly reason: Reason }
        ) {
          const before = yield* isHeld(cause)
          const isProbe = pass.probes.includes(cause)
          const named = resumeAt(about.reason)
          const now = yield* DateTime.now
          // Others who met it at the same time do not make it longer, unless the provider says so.
          if (before !== null && !isProbe) {
            if (named === null || before.until === null || !DateTime.isGreaterThan(named, before.until)) return
          }
          const looked = before === null ? 0 : (looks.get(cause) ?? 0) + (isProbe ? 1 : 0)
          looks.set(cause, looked)
          const { detail, hint, reason } = about
          yield* holds.place({
            cause,
            detail,
            hint,
            ...(isForNobody(cause, whenHeld)
              ? { probeAfter: null, refusal: reason }
              : { probeAfter: named === null ? pauseOf(cause, looked) : DateTime.distance(now, named) })
          })
        })

        const lift = Effect.fnUntraced(function*(cause: ProbedCause) {
          if ((yield* isHeld(cause)) === null) return
          if (cause === "crashes") record = forgetCrashes(record)
          yield* holds.lift(cause)
        })

        /** What an attempt has shown to be over; of a hold only who began after it: others may have been answered before. */
        const disprove = (causes: ReadonlyArray<ProbedCause>, { probes }: Pass) =>
          Effect.suspend(() => {
            if (causes.includes("provider")) failing = []
            return Effect.forEach(causes.filter((cause) => probes.includes(cause)), lift, { discard: true })
          })

        const crashed = Effect.fnUntraced(function*(end: AttemptEnd, reason: Reason) {
          const { slot } = end
          const at = yield* Clock.currentTimeMillis
          const jitter = yield* Random.next
          const after = afterCrash(record, { slot, at, reason: reason.message, jitter })
          record = after.record
          const isOpen = (yield* isHeld("crashes")) !== null
          if (isOpen || isTooMuch(record)) {
            const detail = isOpen && !end.pass.probes.includes("crashes") ? reason.message : tellCrashes(record)
            yield* hold("crashes", end, {
              detail,
              hint: "one task is tried now and then; see what its worker said, and run `claude-pool doctor`",
              reason
            })
          }
          const often = after.isExcessive ? "its workers crash again and again, last with: " : ""
          const rest: Rest = { duration: after.rest, why: `${often}${reason.message}` }
          return { rest, held: isOpen || isTooMuch(record) ? heldBy("crashes", whenHeld) : null } satisfies Aftermath
        })

        /** Whether all would meet it, and not only who did. */
        const isShared = Effect.fnUntraced(function*(reason: Reason, { pass, task }: AttemptEnd) {
          const now = yield* DateTime.now
          switch (reason._tag) {
            case "UsageLimited":
              return reason.resumeAt === null ||
                Duration.isLessThanOrEqualTo(DateTime.distance(now, reason.resumeAt), longestWait)
            case "ProviderFailed": {
              failing = [...failing, task].slice(-100)
              const isHeldAlready = (yield* isHeld("provider")) !== null
              const ofOne = failing.filter((id) => id === task).length
              return isHeldAlready || ofOne >= enough.ofOne || new Set(failing).size >= enough.tasks
            }
            case "StartFailed":
              starts = { detail: reason.detail, times: starts.detail === reason.detail ? starts.times + 1 : 1 }
              return starts.times >= sameStarts || pass.probes.includes("config")
            default:
              return causeOf(reason) !== null
          }
        })

        const ended = Effect.fn("Restarts.ended")(function*(end: AttemptEnd) {
          const { failure, pass, slot } = end
          if (failure === "cut") return nothing
          if (failure === null) record = afterAnswer(record, slot)
          if (failure?._tag !== "StartFailed") starts = { detail: "", times: 0 }
          yield* disprove(disprovedBy(failure), pass)
          if (failure === null) return nothing
          const cause = causeOf(failure)
          if (cause !== null && (yield* isShared(failure, end))) {
            yield* hold(cause, end, { detail: failure.message, hint: failure.hint, reason: failure })
            return { rest: null, held: heldBy(cause, whenHeld) }
          }
          // Whoever waits longer than is waited here fails, and says until when.
          if (cause === "limit") yield* lift("limit")
          return isCrash(failure) ? yield* crashed(end, failure) : nothing
        })

        return {
          // In one piece: the holds are as they should be before the pass is free again.
          ended: (end) => Effect.uninterruptible(Effect.ensuring(ended(end), holds.giveBack(end.pass))),
          answered: (pass) => disprove(disprovedByTurn, pass),
          counts: Effect.map(Clock.currentTimeMillis, (now) => ({
            recent: recentRestarts(record, now),
            total: record.total
          })),
          countOf: (slot) => Effect.sync(() => restartsOf(record, slot).total)
        }
      })
    )
}
