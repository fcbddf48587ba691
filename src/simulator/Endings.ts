/**
 * How a turn ends: the last events, and the result.
 */
import { answerTo } from "./Answers.ts"
import { type ApiFailure, failureFor } from "./Failures.ts"
import { encodeTokens } from "./Ledger.ts"
import { nameOf } from "./Models.ts"
import { valueFor } from "./SchemaValue.ts"
import type { Turn } from "./Turn.ts"

interface Verdict {
  readonly is_error: boolean
  readonly subtype: string
  readonly terminal_reason: string
  readonly stop_reason: string | null
  readonly num_turns: number
  readonly [field: string]: unknown
}

const emitResult = (turn: Turn, verdict: Verdict): void => {
  turn.bookGiven()
  turn.mail.complete()
  const { stop_reason, terminal_reason, safety_stops = 0, ...tail } = verdict
  turn.session.emitResult(
    {
      duration_api_ms: turn.durationMs,
      stop_reason,
      usage: encodeTokens(turn.tokens),
      permission_denials: turn.denials,
      terminal_reason,
      safety_stops
    },
    { ...tail, duration_ms: turn.durationMs, ...turn.uuids }
  )
}

/** A turn is a message of the model's, or a tool's result that it goes on from. */
const turnsOf = (turn: Turn): number => turn.toolResults + 1

const success = (turn: Turn, result: string, fields: Readonly<Record<string, unknown>> = {}): void => {
  turn.writeAnswer("end_turn")
  return turn.session.isExhausted ? exhausted(turn) : emitResult(turn, {
    is_error: false,
    num_turns: turnsOf(turn),
    subtype: "success",
    api_error_status: null,
    result,
    stop_reason: "end_turn",
    terminal_reason: "completed",
    ...fields
  })
}

/** A call that the budget cuts off has not been booked as a stop yet: what stands is the reason of the one before. */
const stopReasonAtBudget = ({ calls, tool }: Turn): string | null => {
  if (tool === undefined) return calls === 0 ? null : "end_turn"
  return calls > 1 ? "tool_use" : null
}

const exhausted = (turn: Turn): void => {
  turn.writeAnswer("end_turn")
  emitResult(turn, {
    is_error: true,
    num_turns: turnsOf(turn),
    subtype: "error_max_budget_usd",
    errors: [`Reached maximum budget ($${turn.session.options.maxBudgetUsd ?? 0})`],
    stop_reason: stopReasonAtBudget(turn),
    terminal_reason: "budget_exhausted"
  })
}

export const budgetExhausted = exhausted

/** The ordinary end. */
export const answered = (turn: Turn): void => {
  const { session } = turn
  if (session.jsonSchema !== undefined) return structured(turn)
  if (turn.said === undefined) turn.say(answerTo(turn.prompt, session.prompts))
  turn.bookGiven()
  success(turn, turn.said ?? "")
}

const structured = (turn: Turn): void => {
  const value = turn.value ?? valueFor(turn.session.jsonSchema, answerTo(turn.prompt, []).split("\n")[0] ?? "")
  const id = turn.call("StructuredOutput", value as object)
  turn.answerCall(id, "Structured output provided successfully", {
    tool_use_result: "Structured output provided successfully"
  })
  turn.bookGiven()
  success(turn, JSON.stringify(value), { structured_output: value, stop_reason: "tool_use" })
}

/** A text where a value was asked for: the model is told off once, and then it counts as a success. */
export const schemaMissing = (turn: Turn): void => {
  const text = turn.said ?? answerTo(turn.prompt, turn.session.prompts)
  turn.say(text)
  const reminder =
    "[structured-output-enforce] You MUST call the StructuredOutput tool to complete this request. Call this tool now."
  emitUser(turn, reminder, { isSynthetic: true })
  turn.say(text)
  turn.bookGiven()
  success(turn, text, { num_turns: turnsOf(turn) + 1 })
}

export const schemaInvalid = (turn: Turn): void => {
  const problem = "Output does not match required schema: /: must be object"
  const times = turn.session.setting.structuredRetries
  for (let attempt = 0; attempt < times; attempt++) {
    const id = turn.call("StructuredOutput", { simulated: "does not fit" })
    turn.answerCall(id, problem, { is_error: true })
  }
  emitResult(turn, {
    is_error: true,
    num_turns: turnsOf(turn),
    subtype: "error_max_structured_output_retries",
    errors: [
      `Failed to provide valid structured output after ${times} attempts — last StructuredOutput error: ${problem}`
    ],
    stop_reason: "tool_use",
    terminal_reason: "structured_output_retry_exhausted"
  })
}

export const maxTurnsReached = (limit: number) => (turn: Turn): void =>
  emitResult(turn, {
    is_error: true,
    num_turns: turnsOf(turn),
    subtype: "error_max_turns",
    errors: [`Reached maximum number of turns (${limit})`],
    stop_reason: "tool_use",
    terminal_reason: "max_turns"
  })

/** A failure of the API is a `success` with `is_error`, and its text the result. */
export const failed = (failure: ApiFailure) => (turn: Turn): void => {
  const api = {
    ...(failure.status === null ? {} : { api_error_status: failure.status }),
    ...(failure.type === undefined ? {} : { api_error_type: failure.type }),
    ...(failure.apiError === undefined ? {} : { api_error: failure.apiError })
  }
  emitSynthetic(turn, failure.text, "stop_sequence", { error: failure.category, is_api_error_message: true, ...api })
  emitResult(turn, {
    is_error: true,
    num_turns: turnsOf(turn),
    subtype: "success",
    api_error_status: null,
    ...api,
    result: failure.text,
    stop_reason: "stop_sequence",
    terminal_reason: failure.terminalReason
  })
}

export const notLoggedIn = (turn: Turn): void => failed(failureFor("not-logged-in", turn.model))(turn)

export const refused = (turn: Turn): void => {
  const { session } = turn
  const name = nameOf(turn.model)
  turn.ask()
  session.emit({
    type: "system",
    subtype: "informational",
    content: `${name}'s safeguards stopped the response above · continuing once with that noted`,
    level: "notice"
  })
  emitUser(turn, "Your response above was stopped by a safety classifier — this is not a tool or API error.", {
    isSynthetic: true
  })
  session.emit({
    type: "system",
    subtype: "model_refusal_no_fallback",
    original_model: turn.model,
    api_refusal_category: null,
    api_refusal_explanation: null,
    content: ""
  })
  const text = `API Error: ${name}'s safeguards flagged this message. This sometimes happens with safe, normal ` +
    `conversations. Claude Code can't respond to this message with ${name}.`
  emitSynthetic(turn, text, "refusal", { error: "invalid_request", is_api_error_message: true })
  emitResult(turn, {
    is_error: true,
    num_turns: turnsOf(turn) + 1,
    subtype: "success",
    api_error_status: null,
    result: text,
    stop_reason: "refusal",
    terminal_reason: "api_error",
    safety_stops: 2
  })
}

/** A success for which nobody was asked anything. */
export const notRun = (turn: Turn): void => emitResultOfCommand(turn, "", {})

/** The result of a command that the CLI carries out by itself: it has no `terminal_reason`. */
export const emitResultOfCommand = (turn: Turn, result: string, fields: object): void => {
  turn.bookGiven()
  turn.session.emitResult(
    {
      duration_api_ms: 0,
      num_turns: 0,
      stop_reason: null,
      usage: encodeTokens(turn.tokens),
      permission_denials: [],
      safety_stops: 0
    },
    { is_error: false, subtype: "success", result, ...fields, duration_ms: 0 }
  )
}

const rejected = "The user doesn't want to proceed with this tool use. The tool use was rejected. " +
  "STOP what you are doing and wait for the user to tell you how to proceed."

/** What an interruption leaves on stdout before its result. */
export const emitInterruption = (turn: Turn): void => {
  if (turn.tool !== undefined) {
    turn.answerCall(turn.tool, rejected, { is_error: true, tool_use_result: "User rejected tool use" })
    emitUser(turn, "[Request interrupted by user for tool use]")
  } else {
    emitUser(turn, "[Request interrupted by user]")
  }
}

export const interrupted = (turn: Turn): void => {
  const wasInTool = turn.tool !== undefined
  emitInterruption(turn)
  const stop_reason = wasInTool ? "tool_use" : null
  emitResult(turn, {
    is_error: true,
    num_turns: turnsOf(turn) + 1,
    subtype: "error_during_execution",
    errors: [`[ede_diagnostic] result_type=user last_content_type=n/a stop_reason=${stop_reason}`],
    stop_reason,
    terminal_reason: wasInTool ? "aborted_tools" : "aborted_streaming"
  })
}

/** A turn that the CLI started by itself, after the host's own. */
export const emitSecondResult = (turn: Turn): void => {
  turn.session.emitInit()
  turn.say("A background task has ended.")
  success(turn, "A background task has ended.", { origin: { kind: "task-notification" } })
}

const emitUser = (turn: Turn, text: string, fields: object = {}): void => {
  turn.session.emit({
    type: "user",
    message: { role: "user", content: [{ type: "text", text }] },
    parent_tool_use_id: null,
    timestamp: turn.session.nextTime(),
    ...fields
  })
}

/** A message that the CLI writes in the model's place. */
export const emitSynthetic = (turn: Turn, text: string, stop_reason: string, fields: object): void => {
  turn.session.emit({
    type: "assistant",
    message: {
      id: turn.session.nextUuid(),
      model: "<synthetic>",
      role: "assistant",
      stop_reason,
      stop_sequence: stop_reason === "end_turn" ? null : "",
      type: "message",
      usage: encodeTokens({ input: 0, output: 0, cacheRead: 0, cacheWrite: 0 }),
      content: [{ type: "text", text }],
      context_management: null
    },
    parent_tool_use_id: null,
    timestamp: turn.session.nextTime(),
    ...fields
  })
}
