/**
 * Where an attempt works: the workspace that it enters before its worker is started, and the look at what was done there
 * once its worker is gone.
 */
import { Effect, Exit, Fiber, Option, Schedule, Scope } from "effect"
import { Failure } from "../../domain/Failure.ts"
import type { SlotId } from "../../domain/SlotId.ts"
import type { Task } from "../../domain/Task.ts"
import { isolationOf } from "../../domain/TaskRequest.ts"
import { IsolationImpossible } from "../../domain/WorkspaceFailure.ts"
import type { Answer } from "../ClaudeCli.ts"
import { type Found, Inspector } from "../Inspector.ts"
import { type Stay, Workspaces } from "../Workspaces.ts"
import { makeInputFiles } from "./InputFiles.ts"

/** Makes an effect interruptible again, as `Effect.uninterruptibleMask` hands it out. */
export type Restore = <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>

/** What a worker came to. */
export interface Worked {
  /** Null: it came to no answer. */
  readonly answer: Answer | null
  readonly toolCalls: number
}

export interface Workplace {
  /** Null: it works in its directory as it is. */
  readonly stay: Stay | null
  /**
   * Looks at what was done, once; null: nobody looks. With an answer an interruption, let in by `restore`, ends the checks
   * and never what has to be kept; without one there is nothing to interrupt.
   */
  readonly look: (worked: Worked, restore: Restore) => Effect.Effect<Found | null, Failure>
}

/** A look that failed may have met somebody else at work: the answer is paid for, and is worth another look. */
const lookAgain = Schedule.exponential("250 millis")

/** What a look may fail with and not fail with the next time. */
const mayPass = ({ reason }: Failure): boolean => reason.retryClass === "process"

/** Of a pool that has none. */
export const noWorkspaces = (directory: string): Failure => {
  const detail = "this pool makes no workspaces"
  return new Failure({ reason: new IsolationImpossible({ directory, cause: "unsupported", detail }) })
}

export const makeWorkplaces = Effect.gen(function*() {
  const workspaces = yield* Effect.serviceOption(Workspaces)
  const inspector = yield* Effect.serviceOption(Inspector)

  const files = yield* makeInputFiles

  /** Whoever asked for a workspace has one, or does not work. */
  const enter = Effect.fnUntraced(
    function*(task: Task, slot: SlotId): Effect.fn.Return<Stay | null, Failure, Scope.Scope> {
      if (isolationOf(task.options) === "shared") return null
      const { options, prompt } = task
      const stay = Option.isNone(workspaces) ? null : yield* workspaces.value.enter(task, slot)
      if (stay === null) return yield* noWorkspaces(options.cwd)
      const brought = files.bring(prompt, { from: options.cwd, to: stay.cwd })
      // In that of a chain others work who may need them, too; they go with it.
      yield* options.workspaceOf === undefined ? brought : Scope.provide(brought, yield* Scope.make())
      return stay
    }
  )

  /** To be left, by the end of the scope, after the look at it. `isLate`: the worker has been there before. */
  return Effect.fnUntraced(
    function*(
      task: Task,
      slot: SlotId,
      { isLate = false }: { readonly isLate?: boolean } = {}
    ): Effect.fn.Return<Workplace, Failure, Scope.Scope> {
      const stay = yield* enter(task, slot)
      // Of an attempt that a crash has ended nobody knows how it was outside before.
      const unknownBefore = isLate || task.crashes > 0
      const inspection = Option.isNone(inspector) ? null : yield* inspector.value.begin(task, stay, { unknownBefore })
      const look: Workplace["look"] = Effect.fnUntraced(function*(worked, restore) {
        if (inspection === null) return null
        if (worked.answer === null) return yield* Effect.uninterruptible(inspection.end(worked))
        const end = Effect.retry(inspection.end(worked), { while: mayPass, schedule: lookAgain, times: 3 })
        // It has begun with what has to be kept before anybody can interrupt it.
        const looking = yield* Effect.forkChild(end, { startImmediately: true })
        yield* restore(Fiber.await(looking)).pipe(Effect.onInterrupt(() => Fiber.interrupt(looking)), Effect.exit)
        return yield* Effect.flatten(Fiber.await(looking))
      }, Effect.uninterruptible)
      return { stay, look }
    }
  )
})

/** An attempt that has ended, and what was found of it. */
export interface Seen {
  readonly exit: Exit.Exit<Answer, Failure>
  readonly found: Found | null
  /** The whole answer that was paid for, where looking at it failed or was cut off. */
  readonly answered: string | null
}

/** An answer that cannot be looked at is none; what is no answer stays what it is. */
export const lookAt = Effect.fnUntraced(function*(
  place: Workplace,
  exit: Exit.Exit<Answer, Failure>,
  toolCalls: number,
  restore: Restore
): Effect.fn.Return<Seen> {
  const answer = Exit.isSuccess(exit) ? exit.value : null
  const looked = yield* Effect.exit(place.look({ answer, toolCalls }, restore))
  if (Exit.isSuccess(looked)) return { exit, found: looked.value, answered: null }
  if (answer !== null) return { exit: Exit.failCause(looked.cause), found: null, answered: answer.output }
  yield* Effect.logWarning("what an attempt has left could not be looked at", looked.cause)
  return { exit, found: null, answered: null }
})
