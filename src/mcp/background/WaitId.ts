/**
 * The id of a wait that a client keeps itself: it carries the wait whole, so that nothing of it has to be kept here.
 */
import { Clock, Duration, Effect, Option, Result, Schema } from "effect"
import { Base64Url } from "effect/encoding"
import { WorkId } from "../../domain/WorkId.ts"
import { Pool } from "../../services/Pool.ts"

const longest = 4096
/** As many as `pool_wait` takes. */
const mostIds = 50

const Arguments = Schema.Record(Schema.String, Schema.Json)

const Kept = Schema.Struct({
  /** When it began, in milliseconds. */
  at: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 8_640_000_000_000_000 })),
  args: Arguments
})
export type KeptWait = typeof Kept.Type

const Text = Schema.fromJsonString(Kept)
const encode = Schema.encodeEffect(Text)
const decode = Schema.decodeUnknownOption(Text)
const asArguments = Schema.decodeUnknownEffect(Arguments)

/** What a wait needs to know of its own arguments. */
export const WaitArguments = Schema.Struct({
  ids: Schema.optionalKey(Schema.Array(Schema.String.pipe(Schema.decodeTo(WorkId)))),
  mode: Schema.optionalKey(Schema.Literals(["all", "any"])),
  since: Schema.optionalKey(Schema.Int),
  wait_s: Schema.optionalKey(Schema.Int)
})
export type WaitArguments = typeof WaitArguments.Type

/** Without ids it is about all that is unfinished now: that is looked up here, since later it would be something else. */
export const beginWait = Effect.fnUntraced(function*(input: { readonly [argument: string]: unknown }) {
  const pool = yield* Pool
  const at = yield* Clock.currentTimeMillis
  const given = yield* Effect.orDie(asArguments(input))
  const isOpen = given["ids"] === undefined && given["since"] === undefined
  const running = isOpen ? (yield* pool.wait({ ids: [], mode: "any", timeout: Duration.zero })).running : []
  const args = running.length === 0 || running.length > mostIds ? given : { ...given, ids: running }
  return `w_${Base64Url.encode(yield* Effect.orDie(encode({ at, args })))}`
})

/** None: nobody was given such an id. */
export const readWait = (id: string): Option.Option<KeptWait> => {
  if (!id.startsWith("w_") || id.length > longest) return Option.none()
  return Option.flatMap(Result.getSuccess(Base64Url.decodeString(id.slice(2))), (text) => decode(text))
}
