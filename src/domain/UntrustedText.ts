/**
 * Text that a worker wrote, on its way to a coordinator: what cannot be seen is taken out, what would look like the
 * coordinator's own machinery is disarmed, and a fence that only we can close says where it begins and ends.
 */
import type { Schema } from "effect"

const escape = "\u001b"

/** Whole escape sequences of terminals: control strings, commands with their parameters, and the short ones. */
const escapeSequence = new RegExp(
  [
    `(?:${escape}[\\]PX^_]|[\u0090\u0098\u009d-\u009f])[^\u0007${escape}\u009c\n]*(?:\u0007|${escape}\\\\|\u009c)?`,
    `(?:${escape}\\[|\u009b)[0-?]*[ -/]*[@-~]`,
    `${escape}[ -/]*[0-~]`
  ].join("|"),
  "gu"
)

const lineBreak = /\r\n?|[\u2028\u2029\u0085]/gu

/**
 * Control characters other than tab and newline, halves of characters, and all that takes no room on a screen: zero
 * width, direction marks, variation selectors, tags, annotations.
 */
const unseen = /(?![\t\n])[\p{Cc}\p{Cs}\p{Default_Ignorable_Code_Point}\p{Bidi_Control}\ufff9-\ufffb]/gu

/** Tags by which coordinators tell machinery from data; a space inside does not make one harmless. */
const machineryTag = /<(?=[\s/]*(?:worker-output|task-notification|system-reminder))/giu

/** The text as it may be shown to a model: only what a person would see too. */
export const cleanText = (text: string): string =>
  text.replace(escapeSequence, "").replace(lineBreak, "\n").replace(unseen, "").replace(machineryTag, "&lt;")

/** At most `max` characters, and a mark where something is missing. No character is cut in half. */
export const capText = (text: string, max: number): string =>
  text.length <= max ? text : `${text.slice(0, max - 1).replace(/\p{Cs}$/u, "")}…`

/** One line of clean, capped text. */
export const cleanLine = (text: string, max: number): string =>
  capText(cleanText(text).replace(/\s+/gu, " ").trim(), max)

const isJsonArray = (json: Schema.Json): json is Schema.JsonArray => Array.isArray(json)

/** The same value, with every text in it clean, names of fields too. */
export const cleanJson = (json: Schema.Json): Schema.Json => {
  if (typeof json === "string") return cleanText(json)
  if (json === null || typeof json !== "object") return json
  if (isJsonArray(json)) return json.map(cleanJson)
  return Object.fromEntries(Object.entries(json).map(([key, value]) => [cleanText(key), cleanJson(value)]))
}

/** Closed twice over: nothing inside looks like a mark, and the nonce is drawn when the text has been written. */
export const fenceText = (options: { readonly id: string; readonly nonce: string; readonly text: string }): string =>
  `<worker-output id=${options.id} nonce=${options.nonce}>\n${
    cleanText(options.text)
  }\n</worker-output ${options.nonce}>`
