/**
 * JSON as text, with the line where it breaks.
 */
import { Result, Schema } from "effect"

const decode = Schema.decodeUnknownSync(Schema.Json)

/** The value, or what is wrong with the text, as in `not JSON: … (line 3 column 5)`. */
export const parseJson = (text: string): Result.Result<Schema.Json, string> =>
  Result.try({
    try: () => decode(JSON.parse(text)),
    catch: (cause) => `not JSON: ${located(cause instanceof Error ? cause.message : String(cause), text)}`
  })

/** The parser names the line itself, unless the text simply ends too early. */
const located = (message: string, text: string): string =>
  message.includes("(line ") ? message : `${message} (line ${text.split("\n").length})`
