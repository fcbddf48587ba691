/**
 * What a worker is started with and asked, and its answer: a task for the first time, one that goes on from another, one
 * that was cut off, or one whose result was sent back.
 */
import { Effect, Option, Ref, type Scope } from "effect"
import { SecureRandom } from "effect/crypto"
import { cutOffPrompt } from "../../domain/CutOffPrompt.ts"
import { Failure } from "../../domain/Failure.ts"
import { type Launch, launchOf } from "../../domain/Launch.ts"
import { TimedOut } from "../../domain/LimitFailure.ts"
import { addUsd, lessUsd, type MicroUsd, zeroUsd } from "../../domain/MicroUsd.ts"
import type { Progress } from "../../domain/Progress.ts"
import { amendPrompt, freshPrompt, mostShown, reworkPrompt } from "../../domain/ReviewPrompt.ts"
import type { SessionId } from "../../domain/SessionId.ts"
import type { Task } from "../../domain/Task.ts"
import { onCrashOf } from "../../domain/TaskRequest.ts"
import type { TurnPiece } from "../../domain/Turn.ts"
import { notice } from "../../domain/TurnNotices.ts"
import { turnText } from "../../domain/TurnText.ts"
import { cleanLine } from "../../domain/UntrustedText.ts"
import { SessionLost } from "../../domain/WorkerFailure.ts"
import { Transcripts } from "../claude/Transcripts.ts"
import type { Answer, ToldMessage, Worker } from "../ClaudeCli.ts"
import { Messages } from "../Messages.ts"
import { SharedContext } from "../SharedContext.ts"
import type { Slot } from "../Slots.ts"
import { Store } from "../Store.ts"
import { Telemetry } from "../Telemetry.ts"
import type { Stay } from "../Workspaces.ts"

/** What an attempt has to go on. */
export interface WorkOptions {
  readonly task: Task
  readonly slot: Slot
  readonly budget: MicroUsd
  /** The workspace that it works in; null: it works in its directory as it is. */
  readonly stay: Stay | null
  /** Every process that was used, in its order: who asks later what they have spent. */
  readonly used: Ref.Ref<ReadonlyArray<Worker>>
  readonly observe: (progress: Progress) => Effect.Effect<void>
  /** Whoever reads along hears what the worker is asked, says and does. */
  readonly hear: (pieces: ReadonlyArray<TurnPiece>) => Effect.Effect<void>
}

export interface Finished {
  readonly answer: Answer
  /** To be done before the answer is on record: what the worker was told has reached it. */
  readonly confirm: Effect.Effect<void, Failure>
}

/** What a worker is asked, and the session that it is asked in; null: a new one. */
interface Asked {
  readonly prompt: string
  readonly session: SessionId | null
  /** Why it is asked that, where it is not what the task says. */
  readonly why?: string
}

/** Correspondence where there is nobody to correspond with. */
const silence = {
  waiting: Effect.succeed(""),
  attend: () => Effect.void,
  answer: undefined,
  confirm: Effect.void
}

/** So much of what a reviewer has said, in characters. */
const mostFeedback = 500

const sentBack = (feedback: string): string => `sent back with feedback: ${cleanLine(feedback, mostFeedback)}`

const spentBy = (used: WorkOptions["used"]) =>
  Effect.gen(function*() {
    const all = yield* Effect.forEach(yield* Ref.get(used), (worker) => worker.spent)
    return all.reduce((sum, { cost }) => addUsd(sum, cost), zeroUsd)
  })

export const makeWork = Effect.gen(function*() {
  const store = yield* Store
  const random = yield* SecureRandom.SecureRandom
  const shared = yield* Effect.serviceOption(SharedContext)
  const messages = yield* Effect.serviceOption(Messages)
  const transcripts = yield* Transcripts
  const telemetry = yield* Effect.serviceOption(Telemetry)

  const briefed = Effect.fnUntraced(function*(task: Task) {
    const briefing = Option.isSome(shared) ? yield* shared.value.briefing(task) : undefined
    const parts = [task.options.systemPrompt, briefing].filter((part) => part !== undefined)
    return parts.length === 0 ? {} : { systemPrompt: parts.join("\n\n") }
  })

  const launchFor = Effect.fnUntraced(function*(task: Task, stay: Stay | null) {
    const mailbox = Option.isSome(messages) && task.options.mailbox === true ? { mailbox: true } : {}
    const briefing = yield* briefed(task)
    const joining = Option.isSome(telemetry) ? yield* telemetry.value.joining(task) : null
    const env = stay === null ? joining : { ...stay.env, ...joining }
    return (budget: MicroUsd, session: SessionId | null): Launch => ({
      ...launchOf(task.options, budget, session ?? undefined),
      ...briefing,
      ...mailbox,
      ...(stay === null ? {} : { cwd: stay.cwd }),
      ...(env === null ? {} : { env })
    })
  })

  /** The task as it was asked for. */
  const original = Effect.fnUntraced(function*({ options: { continueFrom }, prompt }: Task): Effect.fn.Return<
    Asked,
    Failure
  > {
    if (continueFrom === undefined) return { prompt, session: null }
    const kept = yield* store.sessionOf(continueFrom)
    if (Option.isNone(kept)) {
      return yield* new Failure({ reason: new SessionLost({ session: `of task ${continueFrom}` }) })
    }
    return { prompt, session: kept.value.session, why: `goes on in the session of ${continueFrom}` }
  })

  /** What a worker is asked that was cut off, in its own session; null where the last one was not, or left nothing. */
  const resumption = Effect.fnUntraced(function*({ attempts, id, options }: Task) {
    if (attempts < 2 || onCrashOf(options) !== "resume") return null
    const last = (yield* store.attempts(id)).find(({ number }) => number === attempts - 1)
    if (last === undefined || last.outcome._tag !== "Interrupted" || last.session === null) return null
    const transcript = yield* transcripts.read(last.session, last.ownFrom)
    const why = `goes on in the session of attempt ${last.number}, which was cut off`
    return transcript?.isIntact === true ? { prompt: cutOffPrompt, session: last.session, why } : null
  })

  /** What its author is asked whose result was sent back; null where the session is not known any more. */
  const rework = Effect.fnUntraced(function*({ id, rejections }: Task) {
    const last = rejections.at(-1)
    if (last === undefined) return null
    // What was cut off since is half an answer.
    const whole = (yield* store.attempts(id)).findLast(({ outcome, session }) =>
      session !== null && outcome._tag !== "Interrupted" && outcome._tag !== "Running"
    )
    return whole === undefined || whole.session === null
      ? null
      : { prompt: reworkPrompt(last.feedback), session: whole.session, why: sentBack(last.feedback) }
  })

  /** What its author is asked whose work is not what was expected, where it is tried again. */
  const amendment = Effect.fnUntraced(function*({ attempts, id }: Task) {
    const last = attempts < 2 ? undefined : (yield* store.attempts(id)).find(({ number }) => number === attempts - 1)
    if (last === undefined || last.session === null || last.outcome._tag !== "Failed") return null
    const { reason } = last.outcome
    const why = `goes on in the session of attempt ${last.number}: its work is not what was expected`
    return reason._tag === "Contradicted" ? { prompt: amendPrompt(reason.checks), session: last.session, why } : null
  })

  /** What another session is asked, which remembers nothing. */
  const afresh = Effect.fnUntraced(function*(task: Task, stay: Stay | null): Effect.fn.Return<Asked, Failure> {
    const asked = yield* original(task)
    if (task.rejections.length === 0) return asked
    const kept = yield* store.output(task.id, { offset: 0, limit: mostShown })
    const output = Option.getOrElse(kept, () => ({ text: "", total: 0 }))
    const { id, prompt, rejections } = task
    const branch = stay?.workspace.branch ?? undefined
    return {
      ...asked,
      prompt: freshPrompt({ id, branch, prompt, rejections, output, nonce: yield* random.uuidV4() }),
      why: `${sentBack(rejections.at(-1)?.feedback ?? "")}; in a session of its own, for its author's is gone`
    }
  })

  const work = Effect.fnUntraced(
    function*(
      { budget, hear, observe, slot, stay, task, used }: WorkOptions
    ): Effect.fn.Return<Finished, Failure, Scope.Scope> {
      const letters = Option.isSome(messages) ? yield* messages.value.open(task, slot.id) : silence
      const waiting = yield* letters.waiting
      const launch = yield* launchFor(task, stay)

      const ask = Effect.fnUntraced(function*({ prompt, session, why }: Asked) {
        const worker = yield* slot.worker(launch(lessUsd(budget, yield* spentBy(used)), session))
        yield* Ref.update(used, (all) => [...all, worker])
        // On record before anything is asked: whoever finds the pool killed knows where to look.
        const known = { task: task.id, attempt: task.attempts, session: worker.name, resumes: session }
        yield* Effect.ignore(store.note(known), { log: "Warn" })
        const turn = {
          prompt: waiting === "" ? prompt : `${waiting}\n\n${prompt}`,
          model: task.options.model,
          onCall: letters.answer,
          hear
        }
        yield* hear([
          ...(why === undefined ? [] : [notice(why)]),
          { kind: "prompt", text: turnText(turn.prompt) }
        ])
        const tell = (message: ToldMessage) =>
          Effect.tap(
            worker.tell(message),
            (isTold) => isTold ? hear([{ kind: "prompt", text: turnText(message.text) }]) : Effect.void
          )
        return yield* Effect.forkScoped(letters.attend(tell)).pipe(
          Effect.andThen(worker.run(turn, observe)),
          Effect.scoped
        )
      })
      const begin = Effect.flatMap(afresh(task, stay), ask)

      const known = [yield* resumption(task), yield* amendment(task), yield* rework(task)].filter((one) => one !== null)
      // Each process is gone before another one is started, and before anybody looks at what was done.
      const answer = yield* known.reduceRight(
        (otherwise, one) => Effect.catchReason(Effect.scoped(ask(one)), "Failure", "SessionLost", () => otherwise),
        Effect.scoped(begin)
      )
      return { answer, confirm: letters.confirm }
    }
  )

  /** Within the task's time, which is that of one attempt. */
  return (options: WorkOptions): Effect.Effect<Finished, Failure, Scope.Scope> =>
    Effect.timeoutOrElse(work(options), {
      duration: options.task.options.timeout,
      orElse: () => new Failure({ reason: new TimedOut({ after: options.task.options.timeout }) })
    })
})
