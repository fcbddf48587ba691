/**
 * Failures of a step, and those that only keep the chain from going on: the latter are on nobody's record, for the next
 * pool goes on from there.
 */
import { Effect, Schedule } from "effect"
import type { Failure, Reason } from "../../domain/Failure.ts"
import { InvalidRequest } from "../../domain/RequestFailure.ts"
import { StepOutcome } from "../../domain/StepRecord.ts"
import { mayPass } from "../tasks/AttemptRun.ts"
import type { Came } from "./Journal.ts"

export const failedWith = (reason: Reason): Came => ({
  outcome: StepOutcome.cases.Failed.make({ reason }),
  task: null,
  group: null
})

/** What the step asks for is not there, or is not what it takes it for. */
export const unusable = (...issues: ReadonlyArray<string>): Reason =>
  new InvalidRequest({ issues, hint: "correct the step, or what comes before it, and submit the chain again" })

const isOfThePool = ({ reason }: Failure): boolean => reason._tag === "StoreUnusable" || reason._tag === "StoreOwned"

/** Waits while there is no room or no space, and until the pool is `open`. More tasks than ever fit are refused. */
export const patiently = <A>(
  handOut: Effect.Effect<A, Failure>,
  open: Effect.Effect<void>,
  tasks = 1
): Effect.Effect<A, Failure> =>
  handOut.pipe(
    Effect.retry({
      while: (failure) => {
        const { reason } = failure
        return reason._tag === "QueueFull" ? tasks <= reason.limit : mayPass(failure)
      },
      schedule: Schedule.spaced("1 second")
    }),
    Effect.catchIf(
      (failure) => failure.reason._tag === "ShuttingDown",
      () => Effect.andThen(open, patiently(handOut, open, tasks))
    )
  )

/** Hands out work and waits for it: what is refused is the step's failure. */
export const handedOut = (work: Effect.Effect<Came, Failure>): Effect.Effect<Came, Failure> =>
  Effect.catchIf(work, (failure) => !isOfThePool(failure), ({ reason }) => Effect.succeed(failedWith(reason)))
