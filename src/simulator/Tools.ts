/**
 * The steps in which a tool is called.
 */
import { budgetExhausted, maxTurnsReached } from "./Endings.ts"
import { requestHost } from "./Host.ts"
import { warn } from "./Output.ts"
import { type Directive, numberOf, optionOf, parse } from "./Scenario.ts"
import * as Shell from "./Shell.ts"
import { Ended, type Message, type Turn } from "./Turn.ts"

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
const goOn = (turn: Turn): ReadonlyArray<Message> => {
  const limit = turn.session.options.maxTurns
  if (limit !== undefined && turn.calls >= limit) throw new Ended(maxTurnsReached(limit))
  const messages = turn.mail.take()
  turn.merge(messages)
  return messages
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
  const said = isError || directive.values[0] === "Bash" ? { is_error: isError } : {}
  turn.answerCall(id, isError ? "simulated tool failure" : "ok", { ...accepted(id), ...said })
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
  turn.answerCall(id, `${pid}`, { ...accepted(id), is_error: false })
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

/** The tool of the host's and its input, as in `send_message,{"to":"all","text":"hi"}`. */
const readCall = (text: string): readonly [tool: string, input: object] => {
  const [tool = "", ...rest] = text.split(",")
  try {
    const input: unknown = JSON.parse(rest.join(",").trim() || "{}")
    if (typeof input === "object" && input !== null) return [tool.trim(), input]
  } catch {
    // What is said below holds for it too.
  }
  warn(`simulator: [[call:${text}]] has no object of JSON after the tool's name`)
  return [tool.trim(), {}]
}

export const callHost = async (turn: Turn, directive: Directive): Promise<void> => {
  const [tool, input] = readCall(directive.text)
  const servers = turn.session.hostServers
  const server = servers.find(({ tools }) => tools.includes(tool))
  const name = server?.nameOf(tool) ?? servers[0]?.nameOf(tool) ?? tool
  const id = callTool(turn, name, input)
  const { isError, text } = server === undefined
    ? { text: `Error: No such tool available: ${name}`, isError: true }
    : await server.call(turn, tool, input, id)
  turn.answerCall(id, text, { ...accepted(id), ...(isError ? { is_error: true } : { asBlocks: true }) })
  goOn(turn)
  turn.say(text)
}

/** A tool that runs until the host has sent something: it is part of the conversation from there on. */
export const hear = async (turn: Turn): Promise<void> => {
  const id = callTool(turn, "Read", { description: "simulated" })
  await turn.until(turn.mail.arrival())
  turn.answerCall(id, "ok", accepted(id))
  const messages = goOn(turn)
  turn.say(parse(messages.map(({ text }) => text).join("\n")).prompt)
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
