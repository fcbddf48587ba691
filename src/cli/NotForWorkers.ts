/**
 * What only people and coordinators may do: a worker that runs the command itself is refused, before anything else.
 */
import { Effect } from "effect"
import { fail, type Failure } from "../domain/Failure.ts"
import { NotForWorkers } from "../domain/RequestFailure.ts"
import { Machine } from "../services/Machine.ts"

/** `what` ends the sentence that begins with `a worker cannot`. */
export const notForWorkers = (what: string): Effect.Effect<void, Failure, Machine> =>
  Effect.flatMap(Machine, ({ isWorker }) => isWorker ? fail(new NotForWorkers({ what })) : Effect.void)
