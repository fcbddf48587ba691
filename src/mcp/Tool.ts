/**
 * A tool as a value: what the client is told of it, and how a call is answered. It knows no protocol; an adapter puts
 * it on one.
 */
import { Data, Effect, Schema } from "effect"
import type { SecureRandom } from "effect/crypto"
import { fail, type Failure } from "../domain/Failure.ts"
import { issueLines } from "../domain/Issues.ts"
import { InvalidRequest } from "../domain/RequestFailure.ts"
import type { Pool } from "../services/Pool.ts"
import type { Call } from "./Call.ts"
import type { InputNeeded } from "./Form.ts"
import { HoldBrief } from "./HoldBrief.ts"
import { strictly, type ToolSchema, toToolSchema } from "./ToolSchema.ts"

/** What a tool may do to the world. None of them is left to a default. */
export interface Hints {
  readonly readOnly: boolean
  readonly destructive: boolean
  readonly idempotent: boolean
  readonly openWorld: boolean
}

export const readsOnly: Hints = { readOnly: true, destructive: false, idempotent: true, openWorld: false }
export const startsWork: Hints = { readOnly: false, destructive: true, idempotent: false, openWorld: true }

export type Reply = Data.TaggedEnum<{
  /** The answer as data, complete in itself. */
  Structured: { readonly value: Schema.JsonObject }
  /** Text that a worker wrote, fenced, after a line about it. */
  Untrusted: { readonly blocks: ReadonlyArray<string> }
  /** Blocks as the protocol has them: for what is neither data nor a worker's text. */
  Content: { readonly blocks: ReadonlyArray<Schema.JsonObject>; readonly isError?: boolean }
  /** Why the call was not carried out, and what to do about it. */
  Refused: { readonly text: string }
}>
export const Reply = Data.taggedEnum<Reply>()

/** What the handlers stand on. */
export type ToolServices = Pool | SecureRandom.SecureRandom

export interface Tool {
  readonly name: string
  readonly title: string
  /** The first sentence says when to use it. */
  readonly description: string
  readonly hints: Hints
  readonly input: ToolSchema
  /** Undefined where the answer is text. */
  readonly output: ToolSchema | undefined
  readonly answer: (args: unknown, call: Call) => Effect.Effect<Reply, Failure | InputNeeded, ToolServices>
  /**
   * Where a client keeps long calls itself, in the place of `answer`: hands the work in, durably, and says under which id
   * the client asks after it. Undefined where a call is never long.
   */
  readonly background: ((args: unknown, call: Call) => Effect.Effect<string, Failure, ToolServices>) | undefined
  /** What a client is told of it, beside, that cannot put forms before its person. */
  readonly metaWithoutForms?: Schema.JsonObject | undefined
}

type About = Pick<Tool, "name" | "title" | "description" | "hints" | "metaWithoutForms">

const about = ({ description, hints, metaWithoutForms, name, title }: About): About => ({
  name,
  title,
  description,
  hints,
  metaWithoutForms
})

type Input<A> = Schema.Codec<A, unknown>

const readArguments = <A>(name: string, input: Input<A>) => {
  const decode = Schema.decodeUnknownEffect(input, strictly)
  const hint = `correct the arguments of ${name} and call it again`
  return (args: unknown): Effect.Effect<A, Failure> =>
    Effect.mapError(decode(args), (error) => fail(new InvalidRequest({ issues: [...issueLines(error)], hint })))
}

/** The output of a tool: its own fields, and what every reply may carry. */
export const replyOf = <const Fields extends Schema.Struct.Fields>(fields: Fields) =>
  Schema.Struct({
    ...fields,
    held: Schema.optionalKey(
      Schema.Array(HoldBrief).annotate({ description: "Why nothing is started; told once, for you and your user" })
    ),
    unseen: Schema.optionalKey(
      Schema.Array(Schema.String).annotate({
        description: "What has finished or waits for review and you have not been shown; pool_wait shows it"
      })
    ),
    both_change: Schema.optionalKey(
      Schema.Array(Schema.String).annotate({ description: "Where running tasks change the same lines; told once" })
    )
  })

/** Data, and what every reply may carry. */
const withNews = Effect.fnUntraced(function*(value: Schema.JsonObject, call: Call) {
  const unseen = yield* call.unseen.first
  const held = yield* call.held.take
  const overlaps = yield* call.unseen.takeOverlaps
  return {
    ...value,
    ...(held.length === 0 ? {} : { held }),
    ...(unseen.length === 0 ? {} : { unseen }),
    ...(overlaps.length === 0 ? {} : { both_change: overlaps })
  }
})

export const replyWith = (value: Schema.JsonObject, call: Call) =>
  Effect.map(withNews(value, call), (value) => Reply.Structured({ value }))

/** A tool that answers with data. */
export const structuredTool = <A, B>(
  definition: About & {
    readonly input: Input<A>
    readonly output: Schema.Codec<B, Schema.JsonObject>
    readonly handler: (input: A, call: Call) => Effect.Effect<B, Failure | InputNeeded, ToolServices>
    readonly background?: (input: A, call: Call) => Effect.Effect<string, Failure, ToolServices>
  }
): Tool => {
  const read = readArguments(definition.name, definition.input)
  const encode = Schema.encodeEffect(definition.output)
  const { background } = definition
  return {
    ...about(definition),
    input: toToolSchema(definition.input),
    output: toToolSchema(definition.output),
    background: background === undefined
      ? undefined
      : (args, call) => Effect.flatMap(read(args), (input) => background(input, call)),
    answer: Effect.fn(definition.name)(function*(args, call) {
      const input = yield* read(args)
      const output = yield* definition.handler(input, call)
      const value = yield* Effect.orDie(encode(output))
      return yield* replyWith(value, call)
    })
  }
}

/** What a worker wrote, each text in its fence, and what is said of it, in a line before. */
export interface Untrusted {
  readonly about: Schema.JsonObject
  readonly texts: ReadonlyArray<string>
}

/** A tool that answers with a worker's text. */
export const untrustedTool = <A>(
  definition: About & {
    readonly input: Input<A>
    readonly handler: (input: A, call: Call) => Effect.Effect<Untrusted, Failure, ToolServices>
  }
): Tool => {
  const read = readArguments(definition.name, definition.input)
  return {
    ...about(definition),
    input: toToolSchema(definition.input),
    output: undefined,
    background: undefined,
    answer: Effect.fn(definition.name)(function*(args, call) {
      const input = yield* read(args)
      const { about, texts } = yield* definition.handler(input, call)
      return Reply.Untrusted({ blocks: [JSON.stringify(yield* withNews(about, call)), ...texts] })
    })
  }
}
