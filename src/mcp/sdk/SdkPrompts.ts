/**
 * The prompts of an offer, as the SDK has them.
 */
import {
  GetPromptRequestSchema,
  type GetPromptResult,
  ListPromptsRequestSchema
} from "@modelcontextprotocol/sdk/types.js"
import { Effect } from "effect"
import { unknownPrompt } from "./Refused.ts"
import type { Serving } from "./Serving.ts"

export const servePrompts = ({ answer, offer: { prompts }, server }: Serving): void => {
  server.setRequestHandler(ListPromptsRequestSchema, () => ({
    prompts: prompts.map((prompt) => ({
      name: prompt.name,
      title: prompt.title,
      description: prompt.description,
      arguments: prompt.arguments.map((argument) => ({ ...argument }))
    }))
  }))

  server.setRequestHandler(GetPromptRequestSchema, ({ params }, extra) => {
    const prompt = prompts.find(({ name }) => name === params.name)
    const result = prompt === undefined
      ? Effect.fail(unknownPrompt(params.name))
      : Effect.map(prompt.get(params.arguments ?? {}), (messages): GetPromptResult => ({
        description: prompt.description,
        messages: messages as unknown as GetPromptResult["messages"]
      }))
    return answer("prompts/get", result, extra)
  })
}
