/**
 * Which failures concern everybody, what disproves that they still do, and after how long it is looked whether they are
 * over.
 */
import { Duration } from "effect"
import type { Reason } from "./Failure.ts"
import type { HoldCause } from "./Hold.ts"

/** What is over when an attempt has shown so. The other causes are lifted by those who know. */
export const probedCauses = ["crashes", "login", "limit", "provider", "config"] as const satisfies ReadonlyArray<
  HoldCause
>
/** A cause that is over when a task that is let through gets on. */
export type ProbedCause = (typeof probedCauses)[number]

/** What all attempts would meet that meet this; of a provider's failure and of a start, only if it goes on. */
export const causeOf = (reason: Reason): ProbedCause | null => {
  switch (reason._tag) {
    case "NotLoggedIn":
    case "BillingStopped":
      return "login"
    case "UsageLimited":
      return "limit"
    case "ProviderFailed":
      return "provider"
    case "CliMissing":
    case "CliUnusable":
    case "ConfigMismatch":
    case "StartFailed":
      return "config"
    default:
      return null
  }
}

/**
 * What an end of an attempt disproves; null: it came to an answer. A refusal of the provider shows that it is there, and
 * any word of the CLI's own that it can be started and does not crash.
 */
export const disprovedBy = (reason: Reason | null): ReadonlyArray<ProbedCause> => {
  switch (reason?._tag) {
    case undefined:
    case "MaxTurnsReached":
    case "SchemaMismatch":
    case "ModelRefused":
    case "BudgetExceeded":
      return probedCauses
    case "RequestRejected":
    case "UnknownModel":
    case "UsageLimited":
      return ["crashes", "config", "login", "provider"]
    case "BillingStopped":
      return ["crashes", "config", "provider"]
    case "NotLoggedIn":
      return reason.status === null ? ["crashes", "config"] : ["crashes", "config", "provider"]
    case "ProviderFailed":
      return ["crashes", "config"]
    case "WorkerLost":
      return ["config"]
    default:
      return []
  }
}

/** By what an answer of the model in the middle of its work disproves: it may yet crash. */
export const disprovedByTurn = probedCauses.filter((cause) => cause !== "crashes")

/** What concerns all may after all lie in the task's own options: it is given the benefit of the doubt once. */
export const mayBeItsOwn = (reason: Reason): boolean =>
  reason._tag === "ConfigMismatch" || (reason._tag === "StartFailed" && !reason.transient)

interface Pause {
  readonly first: Duration.Duration
  readonly factor: number
  readonly longest: Duration.Duration
}

const pauses: { readonly [C in ProbedCause]: Pause } = {
  crashes: { first: Duration.seconds(30), factor: 2, longest: Duration.minutes(10) },
  // Somebody logs in, and looks whether it goes on: a look costs nothing.
  login: { first: Duration.seconds(15), factor: 2, longest: Duration.minutes(2) },
  limit: { first: Duration.seconds(30), factor: 2, longest: Duration.minutes(10) },
  // Not longer, so that all are done a minute after the provider is back.
  provider: { first: Duration.seconds(5), factor: 1.5, longest: Duration.seconds(30) },
  config: { first: Duration.seconds(30), factor: 2, longest: Duration.minutes(5) }
}

/** How long is waited for the next look, after so many that failed. */
export const pauseOf = (cause: ProbedCause, failed: number): Duration.Duration => {
  const { factor, first, longest } = pauses[cause]
  return Duration.min(longest, Duration.millis(Math.ceil(Duration.toMillis(first) * factor ** Math.min(failed, 30))))
}

/** A limit that is lifted only after this is not waited for: the task fails and says when it makes sense again. */
export const longestWait = Duration.hours(6)
