/**
 * What it means that a process could not be spawned: the machine had nothing to spare, which passes, or the program cannot
 * be run.
 */
import { Effect, PlatformError, Predicate } from "effect"
import { CliUnusable } from "../../domain/EnvironmentFailure.ts"
import { Failure } from "../../domain/Failure.ts"
import { StartFailed } from "../../domain/WorkerFailure.ts"

/** No descriptors, no processes, no memory; a program that is just being replaced. */
const passing: ReadonlySet<unknown> = new Set(["EMFILE", "ENFILE", "EAGAIN", "ENOMEM", "ETXTBSY"])

/** Of one launch, and not of the program: its arguments are too long. */
const tooLong = "E2BIG"

const codeOf = (error: unknown): unknown => Predicate.hasProperty(error, "code") ? error.code : undefined

export const spawnFailure = (binary: string, error: PlatformError.PlatformError): Failure => {
  const code = codeOf(error.cause)
  // In the system's own words, which are the same each time: arguments are not.
  const detail = Predicate.isError(error.cause) ? error.cause.message : error.message
  if (passing.has(code)) return new Failure({ reason: new StartFailed({ detail, transient: true }) })
  return new Failure({
    reason: code === tooLong
      ? new StartFailed({ detail, transient: false })
      : new CliUnusable({ binary, detail: `it cannot be started (${detail})` })
  })
}

/** Node tells of some errors with an event, and throws the others. */
export const withThrown = <A, R>(
  spawn: Effect.Effect<A, PlatformError.PlatformError, R>
): Effect.Effect<A, PlatformError.PlatformError, R> =>
  Effect.catchDefect(spawn, (defect) =>
    Predicate.isString(codeOf(defect))
      ? Effect.fail(
        PlatformError.systemError({
          _tag: "Unknown",
          module: "ChildProcess",
          method: "spawn",
          description: String(codeOf(defect)),
          cause: defect
        })
      )
      : Effect.die(defect))
