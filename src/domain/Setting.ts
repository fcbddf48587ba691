/**
 * One setting: what it means, what it is without anybody's saying, and how it is read from text (a flag, a variable) and
 * from JSON (a file).
 */
import { type Duration, Effect, Schema, SchemaIssue, SchemaTransformation } from "effect"
import { BytesText } from "./ByteSize.ts"
import { DurationText } from "./DurationText.ts"
import { fromUsd, MicroUsd, toUsd } from "./MicroUsd.ts"
import { SlotProfile } from "./SlotProfile.ts"
import { TimeLimit } from "./TimeLimit.ts"

/** What values a setting has, and how they are written. */
export interface Kind<A> {
  /** In words: `a whole number from 1 to 64`. */
  readonly allowed: string
  /** Stands for the value in help. */
  readonly metavar: string
  /** All of the values, where they can be counted. */
  readonly choices: ReadonlyArray<string>
  /** A relative path is meant from the place where it was said; of a command only if it has a slash. */
  readonly path: "directory" | "command" | null
  readonly text: Schema.Codec<A, string>
  readonly json: Schema.Codec<A, Schema.Json>
}

export interface Setting<A> extends Kind<A> {
  readonly description: string
  /** Its value while nobody says another. */
  readonly initial: A
}

export const setting = <A>(kind: Kind<A>, initial: A, description: string): Setting<A> => ({
  ...kind,
  initial,
  description
})

const free = { choices: [], path: null } as const

export const text = (metavar: string): Kind<string> => ({
  ...free,
  allowed: "a text that is not empty",
  metavar,
  text: Schema.NonEmptyString,
  json: Schema.NonEmptyString
})

export const directory: Kind<string> = { ...text("directory"), path: "directory" }
export const command: Kind<string> = { ...text("path"), path: "command" }

export const choice = <const L extends ReadonlyArray<string>>(literals: Schema.Literals<L>): Kind<L[number]> => ({
  ...free,
  allowed: literals.literals.join(", "),
  metavar: literals.literals.join("|"),
  choices: literals.literals,
  text: literals,
  json: literals
})

const Word = Schema.Literals(["true", "1", "yes", "false", "0", "no"])
const trueWords: ReadonlySet<typeof Word.Type> = new Set(["true", "1", "yes"])

export const yesOrNo: Kind<boolean> = {
  ...free,
  allowed: "true or false",
  metavar: "boolean",
  choices: ["true", "false"],
  text: Word.pipe(Schema.decodeTo(
    Schema.Boolean,
    SchemaTransformation.transform<boolean, typeof Word.Type>({
      decode: (word) => trueWords.has(word),
      encode: (value) => value ? "true" : "false"
    })
  )),
  json: Schema.Boolean
}

export const wholeNumber = (minimum: number, maximum: number = Number.MAX_SAFE_INTEGER): Kind<number> => {
  const value = Schema.Int.check(Schema.isBetween({ minimum, maximum }))
  return {
    ...free,
    allowed: `a whole number from ${minimum}${maximum === Number.MAX_SAFE_INTEGER ? " up" : ` to ${maximum}`}`,
    metavar: "number",
    text: Schema.String.check(Schema.isPattern(/^\d+$/)).pipe(
      Schema.decodeTo(value, SchemaTransformation.numberFromString)
    ),
    json: value
  }
}

/** A number in JSON, too, has no unit: durations are text everywhere. */
export const duration: Kind<Duration.Duration> = {
  ...free,
  allowed: "a duration of at most 7 days, such as 90s, 5m or 1h30m",
  metavar: "duration",
  text: DurationText.check(Schema.makeFilter(Schema.is(TimeLimit))),
  json: DurationText.check(Schema.makeFilter(Schema.is(TimeLimit)))
}

/** How long something is kept. */
export const age: Kind<Duration.Duration> = {
  ...free,
  allowed: "a duration such as 12h, 30d or 365d",
  metavar: "duration",
  text: DurationText,
  json: DurationText
}

export const size: Kind<number> = {
  ...free,
  allowed: "an amount such as 512MiB or 2GiB",
  metavar: "bytes",
  text: BytesText,
  json: BytesText
}

const usd = Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0), Schema.isLessThanOrEqualTo(1_000_000_000)).pipe(
  Schema.decodeTo(Schema.toType(MicroUsd), SchemaTransformation.transform({ decode: fromUsd, encode: toUsd }))
)

export const money: Kind<MicroUsd> = {
  ...free,
  allowed: "an amount in US dollars, such as 0.50",
  metavar: "usd",
  text: Schema.String.check(Schema.isPattern(/^\d+(\.\d+)?$/)).pipe(
    Schema.decodeTo(usd, SchemaTransformation.numberFromString)
  ),
  json: usd
}

export const list: Kind<ReadonlyArray<string>> = {
  ...free,
  allowed: "a list: a,b,c as text, [\"a\", \"b\", \"c\"] in a file",
  metavar: "a,b,c",
  text: Schema.String.pipe(Schema.decodeTo(
    Schema.Array(Schema.NonEmptyString),
    SchemaTransformation.transform<ReadonlyArray<string>, string>({
      decode: (line) => line.split(",").map((item) => item.trim()).filter((item) => item !== ""),
      encode: (items) => items.join(",")
    })
  )),
  json: Schema.Array(Schema.NonEmptyString)
}

const Profiles = Schema.Array(SlotProfile)

/** `reviewer*2`, or `tester` for one of them. */
const ProfileText = Schema.String.pipe(Schema.decodeTo(
  Schema.Struct({ role: Schema.optionalKey(Schema.String), count: Schema.optionalKey(Schema.Finite) }),
  SchemaTransformation.transform<{ readonly role?: string; readonly count?: number }, string>({
    decode: (text) => {
      const [, role = text, count] = /^(.*?)\s*\*\s*(\d+)$/.exec(text) ?? []
      return count === undefined ? { role } : { role, count: Number(count) }
    },
    // Who has no role can be said in a file alone: `*2` is shown, and is not read.
    encode: ({ count = 1, role = "" }) => count === 1 && role !== "" ? role : `${role}*${count}`
  })
))

/** What else slots are, and what their tasks are given, goes into files alone. */
export const slotProfiles: Kind<ReadonlyArray<SlotProfile>> = {
  ...free,
  allowed: "roles with counts: reviewer*2,tester as text, [{\"role\": \"reviewer\", \"count\": 2}] in a file",
  metavar: "role*n,role",
  text: list.text.pipe(Schema.decodeTo(Schema.Array(ProfileText)), Schema.decodeTo(Profiles)),
  json: Profiles
}

/** A list of some of these words. */
export const listOf = <const L extends ReadonlyArray<string>>(
  literals: Schema.Literals<L>
): Kind<ReadonlyArray<L[number]>> => ({
  ...list,
  allowed: `a list of ${literals.literals.join(", ")}`,
  text: list.text.pipe(Schema.decodeTo(Schema.toType(Schema.Array(literals)))),
  json: list.json.pipe(Schema.decodeTo(Schema.toType(Schema.Array(literals))))
})

/** `none` as text and null in a file: it is left open. */
export const orNone = <A>(kind: Kind<A>): Kind<A | null> => ({
  ...kind,
  allowed: `${kind.allowed}, or none`,
  choices: kind.choices.length === 0 ? [] : [...kind.choices, "none"],
  text: Schema.Union([
    Schema.Literal("none").pipe(Schema.decodeTo(
      Schema.Null,
      SchemaTransformation.transformEffect<null, "none">({
        decode: () => Effect.succeed(null),
        encode: (value, options) =>
          value === null
            ? Effect.succeed("none" as const)
            : Effect.fail(new SchemaIssue.InvalidValue({ expected: "null" }, value, options))
      })
    )),
    kind.text
  ]),
  json: Schema.NullOr(kind.json)
})
