/**
 * Amounts of memory and disk as people write them: `512MiB`, `2GiB`, `1.5 GB`. A number without a unit is refused.
 */
import { Effect, Schema, SchemaIssue, SchemaTransformation } from "effect"

/** Bytes; a whole number. */
export const Bytes = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))
export type Bytes = typeof Bytes.Type

/** The largest first; the first of each pair is what is written. */
const units = [
  { bytes: 2 ** 40, names: ["TiB", "T"] },
  { bytes: 2 ** 30, names: ["GiB", "G"] },
  { bytes: 2 ** 20, names: ["MiB", "M"] },
  { bytes: 2 ** 10, names: ["KiB", "K"] },
  { bytes: 1e12, names: ["TB"] },
  { bytes: 1e9, names: ["GB"] },
  { bytes: 1e6, names: ["MB"] },
  { bytes: 1e3, names: ["kB"] },
  { bytes: 1, names: ["B"] }
] as const

const pattern = /^\s*(\d+(?:\.\d+)?)\s*([a-z]+)\s*$/i

/** Null where the text is no amount. */
export const parseBytes = (text: string): Bytes | null => {
  const [, amount, name] = pattern.exec(text) ?? []
  const unit = units.find(({ names }) => names.some((known) => known.toLowerCase() === name?.toLowerCase()))
  const bytes = unit === undefined ? NaN : Math.round(Number(amount) * unit.bytes)
  return Number.isSafeInteger(bytes) ? bytes : null
}

/** `512MiB`: what `parseBytes` reads back as the same amount. */
export const formatBytes = (bytes: Bytes): string => {
  const exact = units.find((unit) => bytes >= unit.bytes && bytes % unit.bytes === 0)
  return exact === undefined ? `${bytes}B` : `${bytes / exact.bytes}${exact.names[0]}`
}

/** For people, in three digits: `1.52 GiB`. */
export const roughBytes = (bytes: number): string => {
  const unit = units.find((one) => bytes >= one.bytes) ?? { bytes: 1, names: ["B"] as const }
  return `${Number((bytes / unit.bytes).toPrecision(3))} ${unit.names[0]}`
}

const expected = "an amount such as 512MiB or 2GiB"

export const BytesText = Schema.String.annotate({ message: `Expected ${expected}` }).pipe(Schema.decodeTo(
  Schema.toType(Bytes),
  SchemaTransformation.transformEffect({
    decode: (text: string, options) => {
      const bytes = parseBytes(text)
      return bytes === null
        ? Effect.fail(new SchemaIssue.InvalidValue({ expected }, text, options))
        : Effect.succeed(bytes)
    },
    encode: (bytes: Bytes) => Effect.succeed(formatBytes(bytes))
  })
))
