/**
 * Whole values in the rows of the store: as JSON, also where JSON has no word for it, such as an endless duration; each
 * with a seal, so that a damaged one is not taken for what it was.
 */
import { Effect, Schema, SchemaIssue, SchemaTransformation } from "effect"
import { seal, unseal } from "./Seal.ts"

const expected = "a row as it was written"

const Sealed = Schema.String.annotate({ message: `Expected ${expected}` }).pipe(Schema.decodeTo(
  Schema.String,
  SchemaTransformation.transformEffect({
    decode: (sealed: string, options) => {
      const text = unseal(sealed)
      return text === null
        ? Effect.fail(new SchemaIssue.InvalidValue({ expected }, "another one", options))
        : Effect.succeed(text)
    },
    encode: (text: string) => Effect.succeed(seal(text))
  })
))

/** Its codec is made when it is first used: few commands read more than one kind of row. */
export const bodyOf = <S extends Schema.Constraint>(schema: S) =>
  Sealed.pipe(Schema.decodeTo(Schema.fromJsonString(Schema.suspend(() => Schema.toCodecJson(schema)))))

/** A value that its own codec refuses is a defect of whoever made it. */
export const encodeWith = <S extends Schema.Codec<unknown, string>>(body: S) => {
  const encode = Schema.encodeEffect(body)
  return (value: S["Type"]): Effect.Effect<string> => Effect.orDie(encode(value))
}
