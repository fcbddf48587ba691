/**
 * The tools of an offer, as the SDK has them.
 */
import {
  CallToolRequestSchema,
  type CallToolResult,
  ListToolsRequestSchema,
  type Tool as SdkTool
} from "@modelcontextprotocol/sdk/types.js"
import { Effect } from "effect"
import { Reply, type Tool } from "../Tool.ts"
import { callTool } from "../ToolRegistry.ts"
import { unknownTool } from "./Refused.ts"
import type { Serving } from "./Serving.ts"

const toSdkTool = (tool: Tool, canAsk: boolean): SdkTool => ({
  name: tool.name,
  title: tool.title,
  description: tool.description,
  inputSchema: { ...tool.input },
  ...(tool.output === undefined ? {} : { outputSchema: { ...tool.output } }),
  annotations: {
    readOnlyHint: tool.hints.readOnly,
    destructiveHint: tool.hints.destructive,
    idempotentHint: tool.hints.idempotent,
    openWorldHint: tool.hints.openWorld
  },
  ...(canAsk || tool.metaWithoutForms === undefined ? {} : { _meta: { ...tool.metaWithoutForms } })
})

const textBlock = (text: string) => ({ type: "text" as const, text })

const toSdkResult = Reply.$match({
  Structured: ({ value }): CallToolResult => ({
    content: [textBlock(JSON.stringify(value))],
    structuredContent: { ...value }
  }),
  Untrusted: ({ blocks }): CallToolResult => ({ content: blocks.map(textBlock), _meta: { integrity: "untrusted" } }),
  Content: ({ blocks, isError }): CallToolResult => ({
    content: blocks as unknown as CallToolResult["content"],
    ...(isError === undefined ? {} : { isError })
  }),
  Refused: ({ text }): CallToolResult => ({ content: [textBlock(text)], isError: true })
})

export const serveTools = ({ answer, canAsk, makeCall, offer, server }: Serving): void => {
  server.setRequestHandler(
    ListToolsRequestSchema,
    () => ({ tools: offer.tools.tools.map((tool) => toSdkTool(tool, canAsk())) })
  )

  server.setRequestHandler(CallToolRequestSchema, ({ params }, extra) => {
    const tool = offer.tools.find(params.name)
    const called = tool === undefined
      ? Effect.fail(unknownTool(params.name))
      // Here a question to the person is a request of its own: no call has to be made again.
      : Effect.map(Effect.orDie(callTool(tool, params.arguments ?? {}, makeCall(extra))), toSdkResult)
    const logged = Effect.andThen(Effect.logDebug("tool call"), called).pipe(
      Effect.onInterrupt(() => Effect.logDebug("tool call ended", extra.signal.reason)),
      Effect.annotateLogs({ tool: params.name, toolUseId: extra._meta?.["claudecode/toolUseId"] })
    )
    return answer("tools/call", logged, extra)
  })
}
