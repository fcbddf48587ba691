/**
 * The rules: what a task becomes, given how its attempt ended.
 */
import { Cause, DateTime, Effect, Exit, Option, type Result, type Schema } from "effect"
import { Digest } from "effect/crypto"
import { Attempt, AttemptOutcome } from "../../domain/Attempt.ts"
import { canonicalJson } from "../../domain/CanonicalJson.ts"
import type { Evidence } from "../../domain/Evidence.ts"
import { Failure, type Reason } from "../../domain/Failure.ts"
import { boundOutput } from "../../domain/OutputBound.ts"
import { ResultHash } from "../../domain/Review.ts"
import type { Spend } from "../../domain/Spend.ts"
import type { IllegalTransition, Task } from "../../domain/Task.ts"
import type { TaskId } from "../../domain/TaskId.ts"
import { type Denial, summarize, TaskResult } from "../../domain/TaskResult.ts"
import { PoolDefect } from "../../domain/WorkerFailure.ts"
import { Contradicted } from "../../domain/WorkspaceFailure.ts"
import type { Answer } from "../ClaudeCli.ts"
import type { Found } from "../Inspector.ts"
import type { Aftermath } from "../Restarts.ts"
import { AfterFailure, afterFailure } from "../RetryPolicy.ts"
import { Store } from "../Store.ts"

/** What holds for the attempts of every task. */
export interface AttemptRules {
  readonly maxAttempts: number
}

/** The end of an attempt, before it is judged. */
export interface Ending {
  readonly exit: Exit.Exit<Answer, Failure>
  readonly spend: Spend
  readonly session: Attempt["session"]
  /** The model's last text. */
  readonly said: string
  /** What it did, as it was found; null: nobody has looked, or could. */
  readonly found: Found | null
  /** The whole answer that was paid for, where looking at it failed or was cut off. */
  readonly answered: string | null
  /** What it was not allowed to do, as far as it has said so. */
  readonly denials: ReadonlyArray<Denial>
  /** What its models have cost, as far as the CLI has said so. */
  readonly costs?: Attempt["costs"]
  /** What all have met with it. */
  readonly held: Aftermath["held"]
}

export interface Verdict {
  readonly task: Result.Result<Task, IllegalTransition>
  readonly attempt: Attempt
  /** The text to keep. */
  readonly output?: string
  /** What it changed, to be kept. */
  readonly patch?: string
}

export interface VerdictOptions {
  readonly rules: AttemptRules
  /** Why a task's fiber was interrupted, if somebody asked for it: else the pool is ending. */
  readonly cancelNote: (id: TaskId) => Option.Option<string>
}

/** An approval is also given for the work, where it is on a branch, and for what that is to be merged into. */
const workOf = (evidence: Evidence | undefined): ReadonlyArray<Schema.Json> => {
  const branch = evidence?.branch
  return branch === undefined ? [] : [[branch.patchHash, branch.head, branch.target?.tip ?? null]]
}

/** An answer whose work is not what was expected is none, unless somebody looks at it all the same. */
const accepted = (
  { options }: Task,
  exit: Exit.Exit<Answer, Failure>,
  found: Found | null
): Exit.Exit<Answer, Failure> => {
  if (Exit.isFailure(exit) || options.review !== undefined || found?.evidence.verification !== "contradicted") {
    return exit
  }
  const checks = found.evidence.checks.filter(({ held }) => held === false)
  return Exit.fail(new Failure({ reason: new Contradicted({ checks }) }))
}

export const makeVerdict = Effect.fnUntraced(function*({ cancelNote, rules }: VerdictOptions) {
  const digest = yield* Digest.Digest
  const store = yield* Store

  const resultOf = Effect.fnUntraced(function*(
    answer: Answer,
    session: Attempt["session"],
    evidence: Evidence | undefined
  ) {
    const { denials, model, output, structured } = answer
    const whole = canonicalJson([output, structured ?? null, ...workOf(evidence)])
    const hash = yield* digest.digestHex(Digest.sha256, new TextEncoder().encode(whole))
    return new TaskResult({
      summary: summarize(output),
      outputChars: output.length,
      ...(structured === undefined ? {} : { structured }),
      session,
      model,
      denials,
      hash: ResultHash.make(hash)
    })
  })

  /** The attempts before this one, since the task was last sent back. */
  const attemptsBefore = Effect.fnUntraced(function*({ id, rejections }: Task, attempt: Attempt) {
    const since = rejections.at(-1)?.attempt ?? 0
    const attempts = yield* store.attempts(id)
    return attempts.filter(({ number }) => number > since && number < attempt.number)
  })

  return Effect.fnUntraced(function*(
    task: Task,
    attempt: Attempt,
    ending: Ending
  ): Effect.fn.Return<Verdict, Failure> {
    const { answered, costs = [], found, session, spend } = ending
    const said = boundOutput(ending.said)
    const ended = Exit.map(ending.exit, (answer): Answer => ({ ...answer, output: boundOutput(answer.output) }))
    const exit = accepted(task, ended, found)
    // What was paid for is kept, also when the attempt failed; but a rejected answer is worth more than half a new one.
    const whole = Exit.isSuccess(ended) ? ended.value.output : answered === null ? null : boundOutput(answered)
    const rest = said === "" || task.rejections.length > 0 ? {} : { output: said }
    const last = whole === null ? rest : { output: whole }
    const patch = found === null || found.patch === null ? {} : { patch: found.patch }
    const kept = { ...last, ...patch }
    const denied = Exit.isSuccess(ended) ? ended.value.denials : ending.denials
    // A result says itself what was denied.
    const evidence = found === null
      ? undefined
      : Exit.isSuccess(exit) || denied.length === 0
      ? found.evidence
      : { ...found.evidence, denials: denied }
    const now = yield* DateTime.now
    const closed = (outcome: AttemptOutcome, model = attempt.model) =>
      new Attempt({
        ...attempt,
        finishedAt: now,
        outcome,
        model,
        session,
        spend,
        ...(costs.length === 0 ? {} : { costs })
      })
    const number = attempt.number

    if (Exit.isSuccess(exit)) {
      const { model, output } = exit.value
      const result = yield* resultOf(exit.value, session, evidence)
      return {
        task: task.options.review === undefined
          ? task.complete(number, result, spend, now, evidence)
          : task.present(number, result, spend, now, evidence),
        attempt: closed(AttemptOutcome.cases.Completed.make({}), model),
        output,
        ...patch
      }
    }
    const note = cancelNote(task.id)
    if (Option.isSome(note)) {
      return {
        task: task.cancel(note.value, spend, now, evidence),
        attempt: closed(AttemptOutcome.cases.Interrupted.make({ by: "cancel" })),
        ...kept
      }
    }
    const failure = Cause.findErrorOption(exit.cause)
    if (Option.isNone(failure) && Cause.hasInterruptsOnly(exit.cause)) {
      return {
        task: task.requeue(number, "shutdown", spend, evidence),
        attempt: closed(AttemptOutcome.cases.Interrupted.make({ by: "shutdown" })),
        ...kept
      }
    }
    if (Option.isNone(failure)) yield* Effect.logError("an attempt died", exit.cause)
    const reason: Reason = Option.match(failure, {
      onNone: () => new PoolDefect({ detail: String(Cause.squash(exit.cause)).slice(0, 200) }),
      onSome: (it) => it.reason
    })
    const { retry } = task.options
    const before = yield* attemptsBefore(task, attempt)
    // An answer that was paid for is not asked for again because nobody could look at the work.
    const next: AfterFailure = answered === null
      ? yield* afterFailure({ ...rules, retry, reason, attempt, before, held: ending.held })
      : AfterFailure.Fail({ reason })
    switch (next._tag) {
      case "Fail":
        return {
          task: task.fail(number, next.reason, spend, now, evidence),
          attempt: closed(AttemptOutcome.cases.Failed.make({ reason })),
          ...kept
        }
      case "Retry":
        return {
          task: task.retry(number, reason, spend, next.at, evidence),
          attempt: closed(AttemptOutcome.cases.Failed.make({ reason })),
          ...kept
        }
      case "Postpone":
        return {
          task: task.postpone(number, reason, spend, evidence),
          attempt: closed(AttemptOutcome.cases.Failed.make({ reason, postponed: true })),
          ...kept
        }
    }
  })
})
