/**
 * A value on its way into a prompt: as it is, in a fence, or in a file of its own.
 */
import type { Schema } from "effect"

export interface Value {
  readonly text: string
  readonly format: "text" | "json"
  /** Who wrote it: the user who wrote the template too, or a model or a command at work. */
  readonly origin: "user" | "worker"
}

export interface InsertedFile {
  readonly name: string
  readonly text: string
}

/** Lengths count UTF-16 units. */
export interface InsertionOptions {
  /** Where the files will be, as the prompt names it: relative to the working directory. */
  readonly directory: string
  /** A longer value becomes a file. */
  readonly inlineLimit?: number
  /** A longer file is cut. */
  readonly fileLimit?: number
}

const longestLine = 200
const longestCompactJson = 80

/** Strings as they are, all else as JSON: on one line, or on many where it is a long list or object. */
export const valueOf = (json: Schema.Json, origin: Value["origin"]): Value => {
  if (typeof json === "string") return { text: json, format: "text", origin }
  const compact = JSON.stringify(json)
  const spread = typeof json === "object" && compact.length > longestCompactJson
  return { text: spread ? JSON.stringify(json, null, 2) : compact, format: "json", origin }
}

const controlCharacter = /(?![\t\n\r])\p{Cc}/gu
const lineBreak = /[\n\r\u2028\u2029]/u

/** What of the value is inserted: a worker's text loses its control characters, and nothing else is changed. */
export const insertedText = ({ origin, text }: Value): string =>
  origin === "worker" ? text.replace(controlCharacter, "") : text

/** At most `max` units, and no character cut in half. */
const cutText = (text: string, max: number): string => {
  const split = /^[\ud800-\udbff][\udc00-\udfff]$/.test(text.slice(max - 1, max + 1))
  return text.slice(0, split ? max - 1 : max)
}

/** The nonce, made longer where a text contains it: then it has more zeros in a row than any of them. */
export const unusedNonce = (nonce: string, texts: ReadonlyArray<string>): string => {
  if (!texts.some((text) => text.includes(nonce))) return nonce
  const rows = texts.flatMap((text) => Array.from(text.matchAll(/0+/g), ([zeros]) => zeros.length))
  return nonce + "0".repeat(rows.reduce((most, row) => Math.max(most, row), 0) + 1)
}

export type Insertion =
  | { readonly _tag: "Plain"; readonly text: string }
  /** Stands on lines of its own. */
  | { readonly _tag: "Fenced"; readonly text: string }
  /** Too long for a prompt, which gets a sentence instead. */
  | { readonly _tag: "Filed"; readonly text: string; readonly chars: number; readonly extension: "txt" | "json" }

/**
 * How a value goes into a prompt:
 *
 * - one that is longer than `inlineLimit` becomes a file, cut at `fileLimit`, and the prompt names the file, its length, and
 *   what is missing;
 * - one that the user wrote is inserted as it is;
 * - one that a worker wrote loses its control characters (all but tab, newline and carriage return). One line of at most
 *   200 characters is inserted as it is; all else is put in a fence that names the reference and cannot be closed from
 *   within, for its nonce is in no value.
 */
export const insertionOf = (name: string, value: Value, nonce: string, options: InsertionOptions): Insertion => {
  const { fileLimit = 2_000_000, inlineLimit = 20_000 } = options
  const text = insertedText(value)
  if (text.length > inlineLimit) {
    const extension = value.format === "json" ? "json" : "txt"
    return { _tag: "Filed", text: cutText(text, fileLimit), chars: text.length, extension }
  }
  if (value.origin === "user" || (text.length <= longestLine && !lineBreak.test(text))) return { _tag: "Plain", text }
  return { _tag: "Fenced", text: `<value of="${name}" nonce=${nonce}>\n${text}\n</value ${nonce}>` }
}

const longestName = 100

/** A name that no other file has, on no file system: `steps.plan.files[0]` makes `steps.plan.files.0.txt`. */
export const fileNameOf = (name: string, extension: string, taken: ReadonlyArray<string>): string => {
  const stem = name.replaceAll("[", ".").replace(/[^\w.-]/g, "").slice(0, longestName)
  const lowered = new Set(taken.map((other) => other.toLowerCase()))
  let made = `${stem}.${extension}`
  for (let number = 2; lowered.has(made.toLowerCase()); number++) made = `${stem}-${number}.${extension}`
  return made
}
