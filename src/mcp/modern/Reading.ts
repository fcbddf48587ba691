/**
 * What can be read and asked for by name: resources, prompts, and how their arguments may go on.
 */
import { Effect, Option, Schema } from "effect"
import type { Offer } from "../Offer.ts"
import type { Prompt } from "../Prompt.ts"
import { complete, lasting, type Method, passing } from "./Exchange.ts"
import { invalidParams, readParams, unknown } from "./Protocol.ts"

/** As many as the protocol lets a completion hold. */
const mostValues = 100

/** Plain data already: an interface is no index, as far as the compiler knows. */
const asJson = <A extends object>(data: A): Schema.JsonObject => data as unknown as Schema.JsonObject

export const listResources: Method = ({ offer }) =>
  Effect.map(offer.resources.list, (resources) => ({
    ...complete,
    ...passing,
    resources: resources.map(asJson)
  }))

export const listTemplates: Method = ({ offer }) =>
  Effect.succeed({
    ...complete,
    ...lasting,
    resourceTemplates: offer.resources.templates.map(asJson)
  })

const ReadParams = readParams(Schema.Struct({ uri: Schema.String }))

export const readResource: Method = Effect.fnUntraced(function*({ offer, request }) {
  const { uri } = yield* ReadParams(request)
  const contents = yield* offer.resources.read(uri)
  return Option.isNone(contents)
    ? yield* unknown("resource", uri, { uri })
    : { ...complete, ...passing, contents: contents.value.map(asJson) }
})

const toWire = (prompt: Prompt): Schema.JsonObject => ({
  name: prompt.name,
  title: prompt.title,
  description: prompt.description,
  arguments: prompt.arguments.map(asJson)
})

export const listPrompts: Method = ({ offer }) =>
  Effect.succeed({ ...complete, ...lasting, prompts: offer.prompts.map(toWire) })

const GetParams = readParams(Schema.Struct({
  name: Schema.String,
  arguments: Schema.optionalKey(Schema.Record(Schema.String, Schema.String))
}))

export const getPrompt: Method = Effect.fnUntraced(function*({ offer, request }) {
  const { arguments: args = {}, name } = yield* GetParams(request)
  const prompt = offer.prompts.find((one) => one.name === name)
  if (prompt === undefined) return yield* unknown("prompt", name)
  const missing = prompt.arguments.filter(({ name, required }) => required && !Object.hasOwn(args, name))
  if (missing.length > 0) {
    return yield* invalidParams(`the prompt ${name} needs ${missing.map((argument) => argument.name).join(", ")}`)
  }
  const messages = yield* prompt.get(args)
  return {
    ...complete,
    description: prompt.description,
    messages: messages.map(({ content, role }) => ({ role, content }))
  }
})

const CompleteParams = readParams(Schema.Struct({
  ref: Schema.Union([
    Schema.Struct({ type: Schema.Literal("ref/prompt"), name: Schema.String }),
    Schema.Struct({ type: Schema.Literal("ref/resource"), uri: Schema.String })
  ]),
  argument: Schema.Struct({ name: Schema.String, value: Schema.String })
}))

type CompleteParams = Effect.Success<ReturnType<typeof CompleteParams>>

const valuesOf = Effect.fnUntraced(function*({ argument: { name, value }, ref }: CompleteParams, offer: Offer) {
  if (ref.type === "ref/prompt") {
    const prompt = offer.prompts.find((one) => one.name === ref.name)
    return prompt === undefined ? yield* unknown("prompt", ref.name) : yield* prompt.complete(name, value)
  }
  const isKnown = offer.resources.templates.some(({ uriTemplate }) => uriTemplate === ref.uri)
  return isKnown
    ? yield* offer.resources.complete(ref.uri, name, value)
    : yield* unknown("template of resources", ref.uri)
})

export const completeArgument: Method = Effect.fnUntraced(function*({ offer, request }) {
  const values = yield* valuesOf(yield* CompleteParams(request), offer)
  return {
    ...complete,
    completion: { values: values.slice(0, mostValues), total: values.length, hasMore: values.length > mostValues }
  }
})
