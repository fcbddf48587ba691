/**
 * What arguments of prompts and variables of templates may be, as the SDK asks for it. Of what is not known there are no
 * values; that is no error.
 */
import { type CompleteRequest, CompleteRequestSchema } from "@modelcontextprotocol/sdk/types.js"
import { Effect } from "effect"
import type { Failure } from "../../domain/Failure.ts"
import type { Offer } from "../Offer.ts"
import type { ToolServices } from "../Tool.ts"
import type { Serving } from "./Serving.ts"

/** As many as the protocol allows in an answer. */
const mostValues = 100

const valuesOf = (
  { prompts, resources }: Offer,
  { argument, ref }: CompleteRequest["params"]
): Effect.Effect<ReadonlyArray<string>, Failure, ToolServices> => {
  if (ref.type === "ref/resource") return resources.complete(ref.uri, argument.name, argument.value)
  const prompt = prompts.find(({ name }) => name === ref.name)
  return prompt === undefined ? Effect.succeed([]) : prompt.complete(argument.name, argument.value)
}

export const serveCompletion = ({ answer, offer, server }: Serving): void => {
  server.setRequestHandler(CompleteRequestSchema, ({ params }, extra) => {
    const completion = Effect.map(valuesOf(offer, params), (values) => ({
      completion: {
        values: values.slice(0, mostValues),
        total: values.length,
        hasMore: values.length > mostValues
      }
    }))
    return answer("completion/complete", completion, extra)
  })
}
