/**
 * Structs whose keys in files are not those in programs. Each field is decoded where it stands in the file, so that all that
 * is wrong is said at once, by the keys that the file has.
 */
import { Schema, SchemaTransformation } from "effect"

type InFile<Fields, Keys> = {
  [K in keyof Fields as K extends keyof Keys ? Keys[K] extends string ? Keys[K] : K : K]: Fields[K]
}

export type WithFileKeys<Fields extends Schema.Struct.Fields, Keys> = Schema.decodeTo<
  Schema.toType<Schema.Struct<Fields>>,
  Schema.Struct<InFile<Fields, Keys>>
>

const renamer = (names: ReadonlyArray<readonly [from: string, to: string]>) => {
  const to = new Map(names)
  return <A>(value: { readonly [key: string]: A }): { readonly [key: string]: A } =>
    Object.fromEntries(Object.entries(value).map(([key, field]) => [to.get(key) ?? key, field]))
}

/** `keys` names those fields whose key in files is another. */
export const withFileKeys = <
  const Fields extends { readonly [key: string]: Schema.Constraint },
  const Keys extends { readonly [K in keyof Fields]?: string }
>(fields: Fields, keys: Keys): WithFileKeys<Fields, Keys> => {
  const names = Object.entries<string | undefined>(keys).flatMap(([name, key]) =>
    key === undefined ? [] : [[name, key] as const]
  )
  const encode = renamer(names)
  const decode = renamer(names.map(([name, key]) => [key, name]))
  const inProgram: Schema.Struct<{ readonly [key: string]: Schema.Constraint }> = Schema.Struct(fields)
  return Schema.Struct(encode<Schema.Constraint>(fields)).pipe(
    Schema.decodeTo(Schema.toType(inProgram), SchemaTransformation.transform({ decode, encode }))
    // Of renamed fields the compiler knows too little.
  ) as unknown as WithFileKeys<Fields, Keys>
}

/** A field that may be left out. What it is for is said for people who write files: editors show it. */
export const optional = <S extends Schema.Top>(schema: S, description: string) =>
  Schema.optionalKey(required(schema, description))

export const required = <S extends Schema.Top>(schema: S, description: string): S["Rebuild"] =>
  Schema.annotateEncoded<S>({ description })(schema)
