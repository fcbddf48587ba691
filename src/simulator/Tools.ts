/**
 * The steps in which a tool is called.
 */
import { budgetExhausted, maxTurnsReached } from "./Endings.ts"
import { requestHost } from "./Host.ts"
import { type Directive, numberOf, optionOf } from "./Scenario.ts"
import * as Shell from "./Shell.ts"
import { Ended, type Turn } from "./Turn.ts"

const accepted = (id: string) => ({
  tool_result_meta: [{ id, permission_decision: { decision: "accept", source: "config", reason_type: "rule" } }]
})

/** The model's call. It is not carried out when the model has used up the budget with it. */
const callTool = (turn: Turn, name: string, input: object): string => {
  const id = turn.call(name, input)
  if (turn.session.isExhausted) throw new Ended(budgetExhausted)
  return id
}

/** After a tool's answer: the limit of turns, and messages that have come in the meantime. */
const goOn = (turn: Turn): void => {
  const limit = turn.session.options.maxTurns
  if (limit !== undefined && turn.calls >= limit) throw new Ended(maxTurnsReached(limit))
  turn.merge(turn.absorb())
}

export const tool = async (turn: Turn, directive: Directive): Promise<void> => {
  const id = callTool(turn, directive.values[0] ?? "Read", { description: "simulated" })
  const beats = optionOf(directive, "progress", 0)
  const ms = optionOf(directive, "ms", 0)
  for (let beat = 1; beat <= beats; beat++) {
    // oxlint-disable-next-line eslint/no-await-in-loop -- one beat after the other is what is played
    await turn.pause(ms / (beats + 1))
    turn.session.emit({
      type: "tool_progress",
      tool_use_id: `${id}-heartbeat-${beat}`,
      tool_name: directive.values[0] ?? "Read",
      parent_tool_use_id: null,
      elapsed_time_seconds: 30 * beat,
      heartbeat: true
    })
  }
  await turn.pause(ms / (beats + 1))
  const isError = directive.values.includes("error")
  turn.answerCall(id, isError ? "simulated tool failure" : "ok", { ...accepted(id), is_error: isError })
  goOn(turn)
}

export const bash = async (turn: Turn, directive: Directive): Promise<void> => {
  const id = callTool(turn, "Bash", { command: directive.text, description: "simulated" })
  const { code, output } = await turn.until(Shell.run(directive.text, turn.session.setting.cwd))
  const content = code === 0 ? output : `Exit code ${code}\n${output}`.trimEnd()
  turn.answerCall(id, content, { ...accepted(id), is_error: code !== 0 })
  goOn(turn)
}

export const daemon = async (turn: Turn, directive: Directive): Promise<void> => {
  const id = callTool(turn, "Bash", { command: "setsid sleep &", description: "simulated daemon" })
  const pid = await turn.until(Shell.daemonize(numberOf(directive, 300), directive.values.includes("hold")))
  turn.answerCall(id, `${pid}`, accepted(id))
  goOn(turn)
}

export const deny = (turn: Turn, directive: Directive): void => {
  const name = directive.values[0] ?? "Bash"
  const input = { command: "simulated" }
  const id = callTool(turn, name, input)
  const message = `Permission to use ${name} has been denied because Claude Code is running in don't ask mode.`
  turn.session.emit({
    type: "system",
    subtype: "permission_denied",
    tool_name: name,
    tool_use_id: id,
    decision_reason_type: "mode",
    message
  })
  reject(turn, { id, name, input, message, source: "config" })
  goOn(turn)
}

interface Rejection {
  readonly id: string
  readonly name: string
  readonly input: object
  readonly message: string
  readonly source: string
}

const reject = (turn: Turn, { id, input, message, name, source }: Rejection): void => {
  turn.deny({ tool_name: name, tool_use_id: id, tool_input: input })
  turn.answerCall(id, message, {
    is_error: true,
    tool_result_meta: [{
      id,
      non_execution_kind: "permission-rule",
      permission_decision: { decision: "reject", source }
    }]
  })
}

export const ask = async (turn: Turn, directive: Directive): Promise<void> => {
  if (!turn.session.options.asksHost) return deny(turn, directive)
  const name = directive.values[0] ?? "Bash"
  const input = { command: "simulated" }
  const id = callTool(turn, name, input)
  const answer = await turn.until(requestHost(turn.session, {
    subtype: "can_use_tool",
    tool_name: name,
    display_name: name,
    input,
    permission_suggestions: [],
    tool_use_id: id
  }))
  if (answer["behavior"] === "allow") {
    turn.answerCall(id, "ok", accepted(id))
  } else {
    const message = typeof answer["message"] === "string" ? answer["message"] : "Stream closed"
    if (answer["interrupt"] === true) turn.interrupt()
    reject(turn, { id, name, input, message, source: "user_reject" })
  }
  goOn(turn)
}

/** Calls tools until the limit of turns is reached. */
export const exhaustTurns = (turn: Turn): void => {
  const limit = turn.session.options.maxTurns ?? 1
  while (turn.calls < limit) {
    const id = callTool(turn, "Read", { file_path: "simulated" })
    turn.answerCall(id, "ok", accepted(id))
  }
  throw new Ended(maxTurnsReached(limit))
}
