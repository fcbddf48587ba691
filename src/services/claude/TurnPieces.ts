/**
 * What an event of the CLI has for whoever reads along: what the worker says, thinks, calls and gets back.
 */
import {
  type AssistantEvent,
  type ClaudeEvent,
  isApiRetry,
  isAssistant,
  isUser,
  type UserEvent
} from "../../domain/ClaudeEvent.ts"
import { beginningOf } from "../../domain/OutputBound.ts"
import type { TurnPiece } from "../../domain/Turn.ts"
import { inputText, mostResultRead, resultText, turnText } from "../../domain/TurnText.ts"
import { cleanLine } from "../../domain/UntrustedText.ts"

const mostName = 80

const nestedIn = ({ parent_tool_use_id }: { readonly parent_tool_use_id?: string | null }): Pick<TurnPiece, "nested"> =>
  parent_tool_use_id == null ? {} : { nested: true }

const said = (event: AssistantEvent): ReadonlyArray<TurnPiece> => {
  const nested = nestedIn(event)
  return event.message.content.flatMap((block): ReadonlyArray<TurnPiece> => {
    if ("text" in block) {
      // The CLI's own words for a call that failed.
      return event.error == null
        ? [{ kind: "said", text: turnText(block.text), ...nested }]
        : [{ kind: "notice", text: turnText(block.text), failed: true, ...nested }]
    }
    if ("thinking" in block) return [{ kind: "thought", text: turnText(block.thinking), ...nested }]
    if (!("name" in block)) return []
    return [{ kind: "tool", tool: cleanLine(block.name, mostName), text: inputText(block.input), ...nested }]
  })
}

const isText = (part: unknown): part is { readonly text: string } =>
  typeof part === "object" && part !== null && "text" in part && typeof part.text === "string"

/** A result is a text, or parts of which some are; of the others, their kinds. What is long is not put together. */
const contentText = (content: unknown): string => {
  if (typeof content === "string") return resultText(content)
  if (!Array.isArray(content)) return resultText("")
  const parts = content.map((part: unknown) => isText(part) ? part.text : "(no text)")
  const total = parts.reduce((sum, part) => sum + part.length, Math.max(0, parts.length - 1))
  let beginning = ""
  for (const [index, part] of parts.entries()) {
    if (beginning.length >= mostResultRead) break
    beginning += `${index === 0 ? "" : "\n"}${beginningOf(part, mostResultRead)}`
  }
  return resultText(beginning, total)
}

const answered = (event: typeof UserEvent.Type): ReadonlyArray<TurnPiece> => {
  const { content } = event.message
  if (typeof content === "string") return []
  return content.flatMap((block): ReadonlyArray<TurnPiece> =>
    !("tool_use_id" in block) ? [] : [{
      kind: "result",
      text: contentText(block.content),
      ...(block.is_error === true ? { failed: true as const } : {}),
      ...nestedIn(event)
    }]
  )
}

/** A result says something also where it is empty; words that are none do not. */
const isWorthKeeping = ({ kind, text }: TurnPiece): boolean => text !== "" || kind === "tool" || kind === "result"

export const piecesOf = (event: ClaudeEvent): ReadonlyArray<TurnPiece> => {
  if (isAssistant(event)) return said(event).filter(isWorthKeeping)
  if (isUser(event)) return answered(event)
  if (!isApiRetry(event)) return []
  const status = event.error_status == null ? "" : ` (HTTP ${event.error_status})`
  const delay = event.retry_delay_ms == null ? "" : ` in ${Math.round(event.retry_delay_ms / 100) / 10}s`
  return [{ kind: "notice", text: `the provider failed${status}; the CLI tries again${delay}` }]
}
