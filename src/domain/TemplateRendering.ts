/**
 * A template with its values put in, once: no value is read as a template. `insertionOf` says what is done to each.
 */
import { Result } from "effect"
import {
  fileNameOf,
  type InsertedFile,
  insertedText,
  type Insertion,
  insertionOf,
  type InsertionOptions,
  unusedNonce,
  type Value
} from "./Insertion.ts"
import type { Reference } from "./Reference.ts"
import { references, type Template } from "./Template.ts"

export interface TemplateValues {
  /** What a reference stands for, or why there is nothing. Asked once for each way of writing one. */
  readonly lookup: (reference: Reference) => Result.Result<Value, string>
  /** Random, and drawn when the values were there. It is made longer where a value contains it all the same. */
  readonly nonce: string
}

export interface MissingValue {
  readonly reference: Reference
  readonly message: string
}

export interface Rendered {
  readonly text: string
  /** To be there before the text is read: it names them. */
  readonly files: ReadonlyArray<InsertedFile>
}

interface Piece {
  readonly text: string
  readonly fenced: boolean
}

const fileSentence = (
  name: string,
  { chars, text }: Extract<Insertion, { _tag: "Filed" }>,
  path: string
): string => {
  const length = text.length === chars ? `${chars} characters` : `first ${text.length} of ${chars} characters`
  return `[${name}: ${length}, in the file ${path}]`
}

/** A fence begins and ends with a line, which the text around it does not always do. */
const join = (pieces: ReadonlyArray<Piece>): string =>
  pieces.filter(({ text }) => text !== "").map((piece, at, all) => {
    const before = all[at - 1]
    const apart = before !== undefined && (before.fenced || piece.fenced) && !before.text.endsWith("\n") &&
      !/^\r?\n/.test(piece.text)
    return apart ? `\n${piece.text}` : piece.text
  }).join("")

/** Fails with every reference that there is no value for, each way of writing one once. */
export const renderTemplate = (
  template: Template,
  values: TemplateValues,
  options: InsertionOptions
): Result.Result<Rendered, ReadonlyArray<MissingValue>> => {
  const found = new Map<string, Value>()
  const missing = new Map<string, MissingValue>()
  for (const reference of references(template)) {
    if (found.has(reference.source) || missing.has(reference.source)) continue
    const value = values.lookup(reference)
    if (Result.isSuccess(value)) found.set(reference.source, value.success)
    else missing.set(reference.source, { reference, message: value.failure })
  }
  if (missing.size > 0) return Result.fail([...missing.values()])

  const nonce = unusedNonce(values.nonce, Array.from(found.values(), insertedText))
  const files: Array<InsertedFile> = []
  const pieces = new Map<string, Piece>()
  for (const [name, value] of found) {
    const insertion = insertionOf(name, value, nonce, options)
    if (insertion._tag !== "Filed") {
      pieces.set(name, { text: insertion.text, fenced: insertion._tag === "Fenced" })
      continue
    }
    const file = fileNameOf(name, insertion.extension, files.map((other) => other.name))
    files.push({ name: file, text: insertion.text })
    pieces.set(name, { text: fileSentence(name, insertion, `${options.directory}/${file}`), fenced: false })
  }
  const pieceOf = (part: string | Reference): Piece =>
    typeof part === "string" ? { text: part, fenced: false } : pieces.get(part.source)!
  return Result.succeed({ text: join(template.parts.map(pieceOf)), files })
}
