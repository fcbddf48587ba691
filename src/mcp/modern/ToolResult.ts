/**
 * A tool's reply as the result of a call.
 */
import type { Schema } from "effect"
import { Reply } from "../Tool.ts"
import { complete } from "./Exchange.ts"

const textBlock = (text: string) => ({ type: "text", text })

export const toToolResult: (reply: Reply) => Schema.JsonObject = Reply.$match({
  Structured: ({ value }): Schema.JsonObject => ({
    ...complete,
    content: [textBlock(JSON.stringify(value))],
    structuredContent: value
  }),
  Untrusted: ({ blocks }): Schema.JsonObject => ({
    ...complete,
    content: blocks.map(textBlock),
    _meta: { integrity: "untrusted" }
  }),
  Content: ({ blocks, isError }): Schema.JsonObject => ({
    ...complete,
    content: blocks,
    ...(isError === undefined ? {} : { isError })
  }),
  Refused: ({ text }): Schema.JsonObject => ({ ...complete, content: [textBlock(text)], isError: true })
})
