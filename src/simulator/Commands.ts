/**
 * The prompts that the CLI takes for commands of its own: a slash at the very start, and a name it knows.
 */
import { emitResultOfCommand, emitSynthetic } from "./Endings.ts"
import { describeUses } from "./Ledger.ts"
import { nameOf } from "./Models.ts"
import type { Message, Turn } from "./Turn.ts"

const unavailable: ReadonlySet<string> = new Set(["help", "exit", "quit", "login", "logout", "resume", "theme"])

const answers: Readonly<Record<string, (turn: Turn) => string>> = {
  cost: (turn) => describeUses(turn.session.uses),
  usage: (turn) => describeUses(turn.session.uses),
  context: () => "## Context Usage\n\n**Tokens:** simulated",
  model: (turn) => `Current model: \`${nameOf(turn.session.model)}\``,
  compact: () => ""
}

const nameIn = (text: string): string | undefined => /^\/([a-z-]+)(?=\s|$)/.exec(text)?.[1]

export const isCommand = (message: Message): boolean => {
  const name = message.isComposed ? undefined : nameIn(message.text)
  return message.text.trim() === "" && message.text !== ""
    || name !== undefined && (name === "clear" || unavailable.has(name) || Object.hasOwn(answers, name))
}

export const run = (turn: Turn, message: Message): void => {
  const { session } = turn
  const name = nameIn(message.text) ?? ""
  if (name === "clear") return clear(turn, message)
  session.emitInit()
  if (name === "") return blank(turn)
  const isUnavailable = unavailable.has(name)
  const text = isUnavailable ? `/${name} isn't available in this environment.` : answers[name]?.(turn) ?? ""
  if (text !== "") {
    emitSynthetic(turn, text, "end_turn", {
      local_command_source: `<local-command-stdout>${text}</local-command-stdout>`
    })
  }
  emitResultOfCommand(turn, text, isUnavailable ? {} : { local_command: name })
}

const clear = (turn: Turn, message: Message): void => {
  const { session } = turn
  const session_id = session.id
  session.emit({
    type: "conversation_reset",
    new_conversation_id: session.nextUuid(),
    trigger: "clear",
    user_message_uuid: message.uuid ?? session.nextUuid()
  })
  session.emit({ type: "system", subtype: "background_tasks_changed", tasks: [], session_id })
  session.clear()
  session.emitInit()
  emitResultOfCommand(turn, "", { local_command: "clear" })
}

const blank = (turn: Turn): void => {
  const content = "Blank prompt — the message was only whitespace, so nothing was sent to the model."
  turn.session.emit({ type: "system", subtype: "informational", content, level: "warning" })
  emitResultOfCommand(turn, content, {})
}
