/**
 * What the lines of a transcript come to, one after the other: the answer, and what was paid for. Pure but for what it
 * has counted, which grows with the answers of the model and not with the size of the file.
 */
import { DateTime, Option, Schema } from "effect"
import { type ModelUsage, sumUsage } from "../../domain/ModelUsage.ts"
import type { Transcript } from "../../domain/Transcript.ts"
import {
  type AnswerEntry,
  isAnswer,
  isPrompt,
  type PromptEntry,
  type TranscriptEntry,
  TranscriptLine,
  type TranscriptUsage
} from "../../domain/TranscriptEntry.ts"
import { countCalls, schemaTool } from "./ToolCalls.ts"

export interface TranscriptReading {
  readonly take: (line: string) => void
  readonly found: () => Pick<Transcript, "answer" | "isIntact" | "isWhole" | "toolCalls" | "turns" | "usage">
}

export interface ReadingOptions {
  /** Entries from before do not count. */
  readonly from: DateTime.Utc | undefined
  /** All of it is a subagent's: it is paid for, and it is no answer. */
  readonly isSubagent: boolean
}

const decode = Schema.decodeUnknownOption(TranscriptLine)

/** Only what may be of use is parsed. A text in a message has its quotes escaped. */
const isWorthParsing = (line: string): boolean =>
  line.includes("\"type\":\"assistant\"") || line.includes("\"type\":\"user\"") || line.includes("compact_boundary")

const looksWhole = (line: string): boolean => line.startsWith("{") && line.endsWith("}")

/** Tools that ask a provider for something on their own, of which the transcript says nothing. */
const asking = new Set(["WebFetch", "WebSearch"])

/** Above so many tokens in, a call may cost more for each of them. */
const longPrompt = 100_000

const count = (tokens: number | null | undefined): number => Math.max(0, Math.round(tokens ?? 0))

const usageOf = (model: string, usage: TranscriptUsage): ModelUsage => {
  const hour = count(usage.cache_creation?.ephemeral_1h_input_tokens)
  return {
    model,
    inputTokens: count(usage.input_tokens),
    outputTokens: count(usage.output_tokens),
    cacheReadTokens: count(usage.cache_read_input_tokens),
    cacheWriteTokens: Math.max(0, count(usage.cache_creation_input_tokens) - hour),
    cacheWriteHourTokens: hour
  }
}

const isOrdinary = (usage: TranscriptUsage, { cacheReadTokens, cacheWriteTokens, inputTokens }: ModelUsage): boolean =>
  (usage.speed ?? "standard") === "standard" &&
  Object.values(usage.server_tool_use ?? {}).every((times) => times === 0) &&
  inputTokens + cacheReadTokens + cacheWriteTokens <= longPrompt

const millisOf = (timestamp: string | null | undefined): number =>
  Option.match(DateTime.make(timestamp ?? ""), { onNone: () => 0, onSome: DateTime.toEpochMillis })

export const makeReading = ({ from, isSubagent }: ReadingOptions): TranscriptReading => {
  const since = from === undefined ? null : DateTime.toEpochMillis(from)
  /** By the ids of the messages: the file has a line for each block of one. */
  const calls = new Map<string, ModelUsage>()
  let answer: Transcript["answer"] = null
  let value: { readonly id: string; readonly input: Schema.Json } | null = null
  let model: string | null = null
  let turns = 0
  let toolCalls = 0
  let isAsked = false
  let isWhole = true
  let torn = 0
  let isLastTorn = false

  const afterAnswer = ({ isSidechain, message }: AnswerEntry) => {
    if (message.model === "<synthetic>") {
      answer = null
      return
    }
    if (message.usage != null) {
      const usage = usageOf(message.model, message.usage)
      calls.set(message.id, usage)
      isWhole &&= isOrdinary(message.usage, usage)
    }
    const names = message.content.flatMap((block) => "name" in block ? [block.name] : [])
    isWhole &&= !names.some((name) => asking.has(name))
    toolCalls += countCalls(message.content)
    if (isSidechain === true || isSubagent) return
    model = message.model
    for (const block of message.content) {
      if ("name" in block && block.name === schemaTool) value = { id: block.id, input: block.input ?? null }
      if ("text" in block) answer = message.stop_reason === "end_turn" ? { output: block.text, model } : null
      if ("name" in block) answer = null
    }
  }

  const afterPrompt = ({ isMeta, isSidechain, message: { content } }: PromptEntry) => {
    if (isSidechain === true || isSubagent) return
    answer = null
    if (isMeta === true) return
    turns++
    const results = typeof content === "string" ? [] : content.filter((block) => "tool_use_id" in block)
    if (results.length === 0) isAsked = true
    const given = value === null ? undefined : results.find(({ tool_use_id }) => tool_use_id === value?.id)
    if (value !== null && given !== undefined && given.is_error !== true) {
      answer = { output: JSON.stringify(value.input), structured: value.input, model }
    }
  }

  const after = (entry: TranscriptEntry) => {
    if (since !== null && millisOf(entry.timestamp) < since) return
    if (isAnswer(entry)) afterAnswer(entry)
    else if (isPrompt(entry)) afterPrompt(entry)
    // What a summary of the conversation has cost is not in it.
    else if ("subtype" in entry && entry.subtype === "compact_boundary") isWhole = false
  }

  return {
    take: (line) => {
      if (line.trim() === "") return
      const entry = isWorthParsing(line) ? decode(line) : Option.none()
      isLastTorn = !looksWhole(line) || (isWorthParsing(line) && Option.isNone(entry))
      if (isLastTorn) torn++
      if (Option.isSome(entry)) after(entry.value)
    },
    found: () => {
      const isIntact = isAsked && torn === (isLastTorn ? 1 : 0)
      return { answer, isIntact, isWhole: isWhole && torn === 0, toolCalls, turns, usage: sumUsage(calls.values()) }
    }
  }
}
