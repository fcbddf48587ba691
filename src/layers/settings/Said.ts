/**
 * A setting that somebody has said: the word is read, or refused with what would have been right.
 */
import { Effect, Option, Schema } from "effect"
import { fail, type Failure } from "../../domain/Failure.ts"
import { InvalidSetting } from "../../domain/RequestFailure.ts"
import { keyOf, type SettingName, settingsTable } from "../../domain/Settings.ts"
import { didYouMean } from "../../domain/Suggestion.ts"
import { formatOrigin, type Origin } from "../../services/Configuration.ts"

export interface Said {
  readonly name: SettingName
  readonly value: unknown
  readonly origin: Origin
  /** A relative path among the values is meant from here. */
  readonly directory: string
}

export interface Place {
  readonly origin: Origin
  readonly directory: string
}

export const refuse = (place: Place, key: string, detail: string, hint: string): Failure =>
  fail(new InvalidSetting({ origin: formatOrigin(place.origin), key, detail, hint }))

/** Reads one value, written as `form`. */
export const readSetting = (
  form: "text" | "json",
  name: SettingName,
  written: unknown,
  place: Place
): Effect.Effect<Said, Failure> => {
  const { allowed, choices, [form]: codec } = settingsTable[name]
  const value = Schema.decodeUnknownOption<Schema.Codec<unknown, unknown>>(codec)(written)
  return Option.isSome(value)
    ? Effect.succeed({ name, value: value.value, ...place })
    : refuse(
      place,
      keyOf(name),
      `${JSON.stringify(written)} is not ${choices.length === 0 ? allowed : `one of ${choices.join(", ")}`}`,
      choices.length === 0 || typeof written !== "string" ? `allowed: ${allowed}` : didYouMean(written, choices)
    )
}
