/**
 * What a new owner does with the tasks that the last one left running. An answer that is whole in the transcript was paid
 * for, and is taken, whatever the policy says. Else the policy of the task decides: it waits again, uncharged, to go on
 * where it was or anew, or it fails; and one that has seen its pool end too often is not started again by itself. What was
 * done in a workspace is looked at as after any other attempt, before that is left.
 */
import { DateTime, Effect, Exit, Option, Result } from "effect"
import { Attempt, AttemptOutcome } from "../../domain/Attempt.ts"
import type { Failure } from "../../domain/Failure.ts"
import { PoolEvent } from "../../domain/PoolEvent.ts"
import { Spend } from "../../domain/Spend.ts"
import type { IllegalTransition, Task } from "../../domain/Task.ts"
import { isolationOf, onCrashOf } from "../../domain/TaskRequest.ts"
import { tellEnding } from "../../domain/TurnNotices.ts"
import { Interrupted } from "../../domain/WorkerFailure.ts"
import { Budget } from "../Budget.ts"
import type { Answer } from "../ClaudeCli.ts"
import type { Found } from "../Inspector.ts"
import { Store } from "../Store.ts"
import { eventOf } from "./AttemptRun.ts"
import { answerIn, makeRemains, type Remains } from "./Remains.ts"
import { type AttemptRules, type Ending, makeVerdict } from "./Verdict.ts"
import { makeWorkplaces, type Worked } from "./Workplaces.ts"

const mostCrashes = 3

/** What became of a task. */
type Fate = "recovered" | "resumed" | "requeued" | "failed"

/** Nobody was there to hear what the attempt had cost: its figures are a lower bound. */
const unheard = new Spend({ ...Spend.zero, exact: false })

/** Files are read side by side, and not all of them at once. */
const concurrency = 4

const unseen = ({ id }: Task) => ({ message }: Failure) =>
  Effect.as(Effect.logWarning(`what ${id} has left could not be looked at: ${message}`), null)

/** Answers with how many tasks were found running. */
export const recoverTasks = Effect.fnUntraced(
  function*(rules: AttemptRules): Effect.fn.Return<
    number,
    Failure | IllegalTransition,
    | Budget
    | Effect.Services<ReturnType<typeof makeVerdict>>
    | Effect.Services<typeof makeRemains>
    | Effect.Services<typeof makeWorkplaces>
  > {
    const store = yield* Store
    const budget = yield* Budget
    const left = yield* store.running
    if (left.length === 0) return 0
    const remainsOf = yield* makeRemains
    const judge = yield* makeVerdict({ rules, cancelNote: Option.none })
    const open = yield* makeWorkplaces

    /** What was done; a failure where it cannot be told. */
    const look = (task: Task, { slot }: Attempt, worked: Worked) =>
      Effect.scoped(
        Effect.flatMap(open(task, slot, { isLate: true }), (place) => place.look(worked, (effect) => effect))
      )

    /**
     * The answer stands in the transcript: all that is missing is a look at the work, and the record of it. Where it cannot
     * be looked at, the task fails with its answer: nobody is asked again for what was paid for.
     */
    const recover = Effect.fnUntraced(function*(
      task: Task,
      attempt: Attempt,
      { spend }: Remains,
      answer: Answer,
      seen: Result.Result<Found | null, Failure>
    ) {
      const found = Result.getOrElse(seen, () => null)
      const ending: Ending = {
        exit: Result.match(seen, { onSuccess: () => Exit.succeed(answer), onFailure: Exit.fail }),
        spend,
        session: attempt.session,
        said: answer.output,
        found,
        answered: Result.isSuccess(seen) ? null : answer.output,
        denials: [],
        held: null
      }
      const verdict = yield* judge(task, new Attempt({ ...attempt, recovered: true }), ending)
      const next = yield* Effect.fromResult(verdict.task)
      yield* store.commit({ ...verdict, task: next, turns: [tellEnding(next, verdict.attempt)], event: eventOf(next) })
      // The budgets of groups and chains are opened later, with all that stands in the store.
      yield* budget.book(spend.cost)
      return Result.isSuccess(seen) ? "recovered" as const : "failed" as const
    })

    const cutOff = Effect.fnUntraced(function*(task: Task, attempt: Attempt, remains: Remains | null) {
      const now = yield* DateTime.now
      const spend = remains === null ? unheard : new Spend({ ...remains.spend, exact: false })
      const closed = new Attempt({
        ...attempt,
        finishedAt: now,
        outcome: AttemptOutcome.cases.Interrupted.make({ by: "crash" }),
        // A session of which nothing was written cannot be gone on with, by anybody.
        session: remains === null ? null : attempt.session,
        spend
      })
      const policy = onCrashOf(task.options)
      const crashes = task.crashes + 1
      const isOver = policy === "fail" || crashes >= mostCrashes
      const toolCalls = remains?.transcript.toolCalls ?? 0
      // Nobody comes back to it.
      const found = isOver && isolationOf(task.options) !== "shared"
        ? yield* Effect.catch(look(task, attempt, { answer: null, toolCalls }), unseen(task))
        : null
      const next = yield* Effect.fromResult(
        isOver
          ? task.abandon(attempt.number, new Interrupted({ times: crashes }), spend, now, found?.evidence)
          : task.requeue(attempt.number, "crash", spend)
      )
      const event = isOver
        ? PoolEvent.cases.Finished.make({ id: task.id, state: "Failed" })
        : PoolEvent.cases.Requeued.make({ id: task.id, cause: "crash" })
      const patch = found === null || found.patch === null ? {} : { patch: found.patch }
      yield* store.commit({ task: next, attempt: closed, ...patch, turns: [tellEnding(next, closed)], event })
      yield* budget.book(spend.cost)
      if (isOver) return "failed" as const
      return policy === "resume" && remains?.transcript.isIntact === true ? "resumed" as const : "requeued" as const
    })

    const recoverTask = Effect.fnUntraced(function*(task: Task, attempt: Attempt) {
      const remains = attempt.session === null ? null : yield* remainsOf(attempt.session, attempt.ownFrom)
      const answer = remains === null ? null : answerIn(remains.transcript, task)
      if (remains === null || answer === null) return yield* cutOff(task, attempt, remains)
      const { toolCalls } = remains.transcript
      const seen = yield* Effect.result(look(task, attempt, { answer, toolCalls }))
      return yield* recover(task, attempt, remains, answer, seen)
    })

    const fates = yield* Effect.forEach(left, ([task, attempt]) => recoverTask(task, attempt), { concurrency })
    const count = (fate: Fate) => fates.filter((one) => one === fate).length
    yield* Effect.logInfo(
      `the last pool was killed while ${left.length} tasks ran: ${count("recovered")} had their answer, ` +
        `${count("resumed")} go on where they were, ${count("requeued")} begin anew, ${count("failed")} failed`
    )
    return left.length
  }
)
