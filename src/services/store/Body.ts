/**
 * Whole values in the rows of the store: as JSON, also where JSON has no word for it, such as an endless duration.
 */
import { Effect, Schema } from "effect"

export const bodyOf = <S extends Schema.Constraint>(schema: S) => Schema.fromJsonString(Schema.toCodecJson(schema))

/** A value that its own codec refuses is a defect of whoever made it. */
export const encodeWith = <S extends Schema.Codec<unknown, string>>(body: S) => {
  const encode = Schema.encodeEffect(body)
  return (value: S["Type"]): Effect.Effect<string> => Effect.orDie(encode(value))
}
