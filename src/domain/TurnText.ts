/**
 * Texts of turns as they are kept: clean, bounded, and with a word where something is missing.
 */
import { beginningOf } from "./OutputBound.ts"
import { cleanLine, cleanText } from "./UntrustedText.ts"

/** Of one piece, in characters. */
export const mostText = 8000

/** What a tool gave back is seldom read as a whole: its first lines. */
const mostResult = 3000
const mostResultLines = 40

/** What a call of a tool is about, in one line. */
const mostInput = 300

/** No more of a text is cleaned than can be kept of it: a very long one would hold everybody up. */
const begin = (text: string, max: number, total: number): string => {
  const clean = cleanText(text).trim()
  if (clean.length <= max && text.length === total) return clean
  return `${beginningOf(clean, max)}\n… (cut off; ${total} characters in all)`
}

export const turnText = (text: string): string => begin(beginningOf(text, 2 * mostText), mostText, text.length)

/** How much of it has to be at hand. */
export const mostResultRead = 2 * mostResult

/** `total`: its length, where this is only its beginning. */
export const resultText = (text: string, total = text.length): string => {
  const lines = beginningOf(text, mostResultRead).split("\n").slice(0, mostResultLines)
  return begin(lines.join("\n"), mostResult, total)
}

/** By what a call is told from others of its tool; the first that it has is taken. */
const telling = [
  "command",
  "file_path",
  "notebook_path",
  "pattern",
  "url",
  "query",
  "description",
  "skill",
  "prompt",
  "text",
  "path"
]

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

const asText = (value: unknown): string => {
  if (typeof value === "string") return value
  const json = JSON.stringify(value)
  return json === undefined || json === "{}" ? "" : json
}

/** The input of a tool as a line: its command, path or pattern, or all of it. */
export const inputText = (input: unknown): string => {
  if (!isRecord(input)) return cleanLine(asText(input ?? "").slice(0, 4 * mostInput), mostInput)
  const name = telling.find((key) => typeof input[key] === "string" && input[key] !== "")
  const main = name === undefined ? asText(input) : asText(input[name])
  const where = name === "pattern" && typeof input["path"] === "string" ? ` in ${input["path"]}` : ""
  return cleanLine(`${main.slice(0, 4 * mostInput)}${where}`, mostInput)
}
