/**
 * Whether a turn was a success, and if not, what it was: decided by `is_error`, `terminal_reason`, status and schema,
 * never by `subtype` alone, and never by prose where there is anything else to go by.
 */
import { DateTime, Result } from "effect"
import type { AssistantEvent, ResultEvent } from "../../domain/ClaudeEvent.ts"
import { NotLoggedIn } from "../../domain/EnvironmentFailure.ts"
import type { Reason } from "../../domain/Failure.ts"
import type { Launch } from "../../domain/Launch.ts"
import { BillingStopped, BudgetExceeded, UsageLimited } from "../../domain/LimitFailure.ts"
import { fromUsd } from "../../domain/MicroUsd.ts"
import { beginningOf } from "../../domain/OutputBound.ts"
import type { Denial } from "../../domain/TaskResult.ts"
import {
  MaxTurnsReached,
  ModelRefused,
  NotRun,
  ProviderFailed,
  RequestRejected,
  SchemaMismatch,
  SessionLost,
  StartFailed,
  UnknownModel,
  WorkerLost
} from "../../domain/WorkerFailure.ts"
import type { Answer } from "../ClaudeCli.ts"

export interface Evidence {
  readonly launch: Launch
  readonly model: string | null
  readonly result: ResultEvent
  /** The last answer that the CLI made itself, of a failed call: its `error` names the class. */
  readonly lastError: AssistantEvent["error"]
  /** When a limit that was met is lifted, as far as the CLI has said. */
  readonly liftedAt: DateTime.Utc | null
  readonly now: DateTime.Utc
}

const shorten = (text: string): string => text.length <= 500 ? text : `${beginningOf(text, 499)}…`

const said = (result: ResultEvent): string => shorten(result.result ?? result.errors?.join("; ") ?? result.subtype)

/** A failed call to the provider, by its status and by the class that the CLI gives it. */
const judgeCall = ({ lastError, launch, liftedAt, model, now, result }: Evidence): Reason => {
  const status = result.api_error_status ?? null
  const detail = said(result)
  const is = (...kinds: ReadonlyArray<string>) =>
    kinds.includes(lastError ?? "") || kinds.includes(result.api_error_type ?? "")
  if (is("billing_error") || status === 402) return new BillingStopped({ detail })
  if (status === 401 || status === 403 || is("authentication_failed", "authentication_error", "permission_error")) {
    return new NotLoggedIn({ status, detail })
  }
  if (is("model_not_found") || (status === 404 && is("not_found_error"))) {
    return new UnknownModel({ model: launch.model ?? model ?? "that was asked for", detail })
  }
  if (status === 429 || is("rate_limit", "rate_limit_error")) {
    // A time that has passed was that of the CLI's own attempt: it says nothing of the next one.
    return new UsageLimited({
      detail,
      resumeAt: liftedAt !== null && DateTime.isGreaterThan(liftedAt, now) ? liftedAt : null
    })
  }
  if (result.terminal_reason === "prompt_too_long" || status === 413) return new RequestRejected({ status, detail })
  if (status === null || status === 408 || status >= 500) return new ProviderFailed({ status, detail })
  return new RequestRejected({ status, detail })
}

/** A turn that was cut off, or never began. */
const judgeExecution = ({ launch, result }: Evidence): Reason => {
  if (result.startup_failure_reason != null) {
    return new StartFailed({ detail: `${result.startup_failure_reason}: ${said(result)}`, transient: false })
  }
  if (launch.resume !== undefined && (result.num_turns ?? 0) === 0) {
    return new SessionLost({ session: launch.resume })
  }
  return new WorkerLost({ detail: said(result) })
}

const judgeLimit = (evidence: Evidence): Reason | null => {
  const { launch, result } = evidence
  switch (result.subtype) {
    case "error_max_turns":
      return new MaxTurnsReached({ turns: result.num_turns ?? 0 })
    case "error_max_budget_usd":
      return new BudgetExceeded({ cap: launch.budget, spent: fromUsd(result.total_cost_usd ?? 0) })
    case "error_max_structured_output_retries":
      return new SchemaMismatch({ detail: said(result) })
    case "error_during_execution":
      return judgeExecution(evidence)
    default:
      return null
  }
}

const denialOf = (denied: NonNullable<ResultEvent["permission_denials"]>[number]): Denial => ({
  tool: denied.tool_name,
  input: shorten(JSON.stringify(denied.tool_input ?? null))
})

/** What a turn was not allowed to do. */
export const denialsOf = ({ permission_denials }: ResultEvent): ReadonlyArray<Denial> =>
  (permission_denials ?? []).map(denialOf)

export const judge = (evidence: Evidence): Result.Result<Answer, Reason> => {
  const { launch, model, result } = evidence
  const limit = judgeLimit(evidence)
  if (limit !== null) return Result.fail(limit)
  if (result.stop_reason === "refusal") return Result.fail(new ModelRefused({ detail: said(result) }))
  if (result.is_error) return Result.fail(judgeCall(evidence))
  if ((result.num_turns ?? 0) === 0) return Result.fail(new NotRun({ detail: said(result) }))
  if (launch.schema !== undefined && result.structured_output === undefined) {
    return Result.fail(new SchemaMismatch({ detail: "the model answered in words" }))
  }
  return Result.succeed({
    output: result.result ?? "",
    ...(result.structured_output === undefined ? {} : { structured: result.structured_output }),
    model,
    denials: denialsOf(result)
  })
}
