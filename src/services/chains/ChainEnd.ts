/**
 * The end of a chain: nothing of it runs any more, its files are gone, and only then it is on record. Its workspace is left
 * after that.
 */
import { Cause, DateTime, Effect, Exit, Option, Result, Schedule } from "effect"
import type { Chain } from "../../domain/Chain.ts"
import type { Failure, Reason } from "../../domain/Failure.ts"
import { PoolEvent } from "../../domain/PoolEvent.ts"
import type { IllegalTransition } from "../../domain/Task.ts"
import { PoolDefect } from "../../domain/WorkerFailure.ts"
import { Events } from "../Events.ts"
import { FanOut } from "../FanOut.ts"
import { Store } from "../Store.ts"
import { Tasks } from "../Tasks.ts"
import { mayPass } from "../tasks/AttemptRun.ts"
import type { InputFiles } from "../tasks/InputFiles.ts"
import { Workspaces } from "../Workspaces.ts"
import type { ChainAborted } from "./ChainRun.ts"

/** How a chain ends. */
export type Ending =
  | { readonly _tag: "Done" }
  | { readonly _tag: "Failed"; readonly step: string | null; readonly reason: Reason }
  | { readonly _tag: "Cancelled"; readonly note: string }

/** What the run of a chain came to; null: it was cut off by the end of the pool, and is not over. */
export const endingOf = (
  exit: Exit.Exit<void, ChainAborted | Failure>,
  note: string | null
): Result.Result<Ending | null, Failure> => {
  if (Exit.isSuccess(exit)) return Result.succeed({ _tag: "Done" })
  const error = Cause.findError(exit.cause)
  if (Result.isSuccess(error)) {
    return error.success._tag === "Failure"
      ? Result.fail(error.success)
      : Result.succeed({ ...error.success, _tag: "Failed" })
  }
  if (Cause.hasInterruptsOnly(exit.cause)) return Result.succeed(note === null ? null : { _tag: "Cancelled", note })
  const detail = String(Cause.squash(exit.cause)).slice(0, 200)
  return Result.succeed({ _tag: "Failed", step: null, reason: new PoolDefect({ detail }) })
}

export interface ChainEndOptions {
  readonly files: InputFiles
  readonly isStopping: () => boolean
}

const transition = (chain: Chain, ending: Ending, now: DateTime.Utc): Result.Result<Chain, IllegalTransition> => {
  switch (ending._tag) {
    case "Done":
      return chain.complete(now)
    case "Failed":
      return chain.fail(ending.step, ending.reason, now)
    case "Cancelled":
      return chain.cancel(ending.note, now)
  }
}

export const makeChainEnd = Effect.fnUntraced(function*({ files, isStopping }: ChainEndOptions) {
  const store = yield* Store
  const events = yield* Events
  const tasks = yield* Tasks
  const fanOut = yield* FanOut
  const workspaces = yield* Effect.serviceOption(Workspaces)

  /** Whatever of it is left: there is some only where a pool was killed in between. */
  const stopRest = Effect.fnUntraced(function*({ id }: Chain) {
    const note = `a part of ${id}, which has ended`
    const groups = (yield* store.groups.open).filter(({ within }) => within === id)
    yield* Effect.forEach(groups, (group) => fanOut.cancel(group.id, note), { discard: true })
    const left = (yield* store.chains.tasks(id)).filter((task) => !task.isFinished)
    yield* Effect.forEach(left, (task) => tasks.cancel(task.id, note), { concurrency: "unbounded", discard: true })
  })

  /** Answers with the chain as it then is. Not to be interrupted. */
  return Effect.fn("Chains.end")(function*(chain: Chain, ending: Ending) {
    yield* stopRest(chain)
    yield* files.remove(chain.cwd, chain.id)
    const ended = yield* Effect.fromResult(transition(chain, ending, yield* DateTime.now))
    const event = PoolEvent.cases.ChainFinished.make({ id: chain.id, state: ending._tag })
    yield* store.chains.commit({ chain: ended, event }).pipe(
      Effect.tapErrorTag("Failure", (failure) => Effect.logWarning(`not recorded yet: ${failure.message}`)),
      Effect.retry({
        while: (error) => error._tag === "Failure" && mayPass(error) && !isStopping(),
        schedule: Schedule.spaced("1 second")
      })
    )
    yield* events.publish(event)
    if (Option.isSome(workspaces)) yield* workspaces.value.leave(chain.id)
    return ended
  })
})
