/**
 * Which form a command's results take: text for people, or one JSON value.
 */
import { Console, Context, Effect } from "effect"

export type Format = "text" | "json"

export const Format = Context.Reference<Format>("claude-pool/cli/Format", { defaultValue: () => "text" })

/** Told from the bare arguments: a mistake in them, too, is reported in the form that they ask for. */
export const formatOf = (argv: ReadonlyArray<string>): Format => {
  const end = argv.indexOf("--")
  const flags = end === -1 ? argv : argv.slice(0, end)
  return flags.some((flag) => flag === "--json" || flag === "--json=true") ? "json" : "text"
}

/** The result of a command, on stdout; null is a result without a line for people. */
export const show = ({ json, text }: { readonly json: unknown; readonly text: string | null }): Effect.Effect<void> =>
  Effect.flatMap(Format, (format) => {
    if (format === "json") return Console.log(JSON.stringify(json))
    return text === null ? Effect.void : Console.log(text)
  })

/** What people want to know beside the result, on stderr; programs do not. */
export const note = (text: string): Effect.Effect<void> =>
  Effect.flatMap(Format, (format) => format === "json" ? Effect.void : Console.error(text))
