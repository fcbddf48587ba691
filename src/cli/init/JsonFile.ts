/**
 * A JSON file of somebody else's, to which something is added: what is in it stays, in its order, and in the way in which it
 * is indented.
 */
import { Effect, Schema } from "effect"
import { fail, type Failure } from "../../domain/Failure.ts"
import { InvalidRequest } from "../../domain/RequestFailure.ts"

type Entries = Readonly<Record<string, Schema.Json>>

export const isEntries = (value: Schema.Json | undefined): value is Entries =>
  typeof value === "object" && value !== null && !Array.isArray(value)

export const refuse = (path: string, problem: string): Failure =>
  fail(
    new InvalidRequest({
      issues: [`${path}: ${problem}`],
      hint: "mend the file, or move it away; nothing was written"
    })
  )

const readEntries = Schema.decodeEffect(Schema.fromJsonString(Schema.Json))

/** The entries of the file; none where it is not there, or empty. */
export const entriesOf = (path: string, text: string | null): Effect.Effect<Entries, Failure> =>
  text === null || text.trim() === ""
    ? Effect.succeed({})
    : readEntries(text).pipe(
      Effect.mapError(() => refuse(path, "this is no JSON")),
      Effect.filterOrFail(isEntries, () => refuse(path, "this is no JSON object"))
    )

/** Of its own: every object has others, such as `constructor`. */
export const entryOf = (entries: Entries, key: string): Schema.Json | undefined =>
  Object.hasOwn(entries, key) ? entries[key] : undefined

/** The object that an entry has; none where there is no such entry. */
export const objectIn = (path: string, entries: Entries, key: string): Effect.Effect<Entries, Failure> => {
  const value = entryOf(entries, key)
  if (value === undefined) return Effect.succeed({})
  return isEntries(value) ? Effect.succeed(value) : Effect.fail(refuse(path, `${key} is no JSON object`))
}

/** As the file was written before: by two blanks where nothing tells. */
export const textOf = (entries: Entries, before: string | null): string => {
  const indent = /^[{[]\r?\n([ \t]+)"/.exec(before ?? "")?.[1] ?? "  "
  const text = `${JSON.stringify(entries, null, indent)}\n`
  return before !== null && !before.endsWith("\n") ? text.slice(0, -1) : text
}
