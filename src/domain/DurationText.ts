/**
 * Lengths of time as people write them: `90s`, `1h30m`, `30 minutes`. A number without a unit is refused: nobody can
 * tell what was meant.
 */
import { Duration, Effect, Schema, SchemaIssue, SchemaTransformation } from "effect"

/** Longest first, as they are written; the names are what may be read. */
const units = [
  { millis: 86_400_000, mark: "d", names: ["d", "day", "days"] },
  { millis: 3_600_000, mark: "h", names: ["h", "hr", "hour", "hours"] },
  { millis: 60_000, mark: "m", names: ["m", "min", "minute", "minutes"] },
  { millis: 1000, mark: "s", names: ["s", "sec", "second", "seconds"] },
  { millis: 1, mark: "ms", names: ["ms", "milli", "millis", "millisecond", "milliseconds"] }
] as const

const wholeText = /^\s*(?:\d+(?:\.\d+)?\s*[a-z]+\s*)+$/i
const onePart = /(\d+(?:\.\d+)?)\s*([a-z]+)/gi

const unitMillis = (name: string): number | undefined =>
  units.find(({ names }) => names.some((known) => known === name.toLowerCase()))?.millis

/** Null where the text is no duration. */
export const parseDuration = (text: string): Duration.Duration | null => {
  if (!wholeText.test(text)) return null
  const parts = Array.from(text.matchAll(onePart), ([, amount, unit]) => Number(amount) * (unitMillis(unit!) ?? NaN))
  const millis = Math.round(parts.reduce((sum, part) => sum + part, 0))
  return Number.isSafeInteger(millis) ? Duration.millis(millis) : null
}

/** `1h30m`: what `parseDuration` reads back as the same time. */
export const formatDuration = (duration: Duration.Duration): string => {
  const parts: Array<string> = []
  let rest = Math.round(Duration.toMillis(duration))
  for (const { mark, millis } of units) {
    if (rest >= millis) parts.push(`${Math.floor(rest / millis)}${mark}`)
    rest %= millis
  }
  return parts.length === 0 ? "0s" : parts.join("")
}

const expected = "a duration such as 90s, 5m or 1h30m"

export const DurationText = Schema.String.annotate({ message: `Expected ${expected}` }).pipe(Schema.decodeTo(
  Schema.Duration,
  SchemaTransformation.transformEffect({
    decode: (text: string, options) => {
      const duration = parseDuration(text)
      return duration === null
        ? Effect.fail(new SchemaIssue.InvalidValue({ expected }, text, options))
        : Effect.succeed(duration)
    },
    encode: (duration: Duration.Duration) => Effect.succeed(formatDuration(duration))
  })
))
