/**
 * What a client carries from one round of a call to the next, sealed: a later question of a call finds the answers to the
 * earlier ones there. A seal is good for the same call only, for a while, and as long as this server runs.
 */
import { Clock, Duration, Effect, Option, Result, Schema } from "effect"
import { Mac, type SecureRandom } from "effect/crypto"
import { Base64Url } from "effect/encoding"
import { FormAnswer } from "../Form.ts"

/** A person who has not answered by then is asked again. */
const keptFor = Duration.hours(24)

export interface Carried {
  readonly answers: Readonly<Record<string, FormAnswer>>
  /** What the call itself wanted to find again. */
  readonly state?: string | undefined
}

export interface RequestStates {
  /** `subject` says which call it is. */
  readonly seal: (subject: string, carried: Carried) => Effect.Effect<string>
  /** None: it was not sealed here, or for another call, or too long ago. */
  readonly open: (subject: string, sealed: string) => Effect.Effect<Option.Option<Carried>>
}

const Content = Schema.Record(Schema.String, Schema.Json)

const Answer = Schema.TaggedUnion({ Accepted: { content: Content }, Declined: {}, Dismissed: {} })

const Payload = Schema.fromJsonString(Schema.Struct({
  until: Schema.Int,
  answers: Schema.Record(Schema.String, Answer),
  state: Schema.optionalKey(Schema.String)
}))

const encode = Schema.encodeSync(Payload)
const decode = Schema.decodeUnknownOption(Payload)

const toAnswer = FormAnswer.$match({
  Accepted: ({ content }): typeof Answer.Type => ({ _tag: "Accepted", content: { ...content } }),
  Declined: (): typeof Answer.Type => ({ _tag: "Declined" }),
  Dismissed: (): typeof Answer.Type => ({ _tag: "Dismissed" })
})

const fromAnswer = (answer: typeof Answer.Type): FormAnswer => {
  switch (answer._tag) {
    case "Accepted":
      return FormAnswer.Accepted({ content: answer.content })
    case "Declined":
      return FormAnswer.Declined()
    case "Dismissed":
      return FormAnswer.Dismissed()
  }
}

const mapAnswers = <A, B>(answers: Readonly<Record<string, A>>, f: (answer: A) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(answers).map(([key, answer]) => [key, f(answer)]))

const signed = (subject: string, payload: string): Uint8Array => new TextEncoder().encode(`${payload}\n${subject}`)

/** With a key of its own, that nobody ever sees. */
export const makeRequestStates: Effect.Effect<RequestStates, never, SecureRandom.SecureRandom> = Effect.gen(
  function*() {
    const mac = yield* Mac.Mac
    const key = yield* Effect.orDie(mac.generateKey(Mac.hmacSha256))

    return {
      seal: Effect.fnUntraced(function*(subject, { answers, state }) {
        const until = (yield* Clock.currentTimeMillis) + Duration.toMillis(keptFor)
        const payload = encode({
          until,
          answers: mapAnswers(answers, toAnswer),
          ...(state === undefined ? {} : { state })
        })
        const tag = yield* Effect.orDie(mac.sign(key, signed(subject, payload)))
        return `${Base64Url.encode(payload)}.${Base64Url.encode(tag)}`
      }),
      open: Effect.fnUntraced(function*(subject, sealed) {
        const [front = "", back = ""] = sealed.split(".")
        const payload = Result.getOrElse(Base64Url.decodeString(front), () => "")
        const tag = Result.getOrElse(Base64Url.decode(back), () => new Uint8Array())
        const isOurs = yield* Effect.orDie(mac.verify(key, tag, signed(subject, payload)))
        const now = yield* Clock.currentTimeMillis
        return Option.map(
          Option.filter(isOurs ? decode(payload) : Option.none(), ({ until }) => until >= now),
          ({ answers, state }): Carried => ({ answers: mapAnswers(answers, fromAnswer), state })
        )
      })
    }
  }
).pipe(Effect.provide(Mac.layerWebCrypto))
