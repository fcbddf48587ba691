/**
 * An offer whose calls answer sooner: clients give up an answer over HTTP that does not come within five minutes.
 */
import { Duration } from "effect"
import type { Offer } from "../../mcp/Offer.ts"
import type { Tool } from "../../mcp/Tool.ts"
import { makeRegistry } from "../../mcp/ToolRegistry.ts"

const longest = Duration.minutes(4)

const sooner = (tool: Tool): Tool => ({
  ...tool,
  answer: (args, call) => tool.answer(args, { ...call, waitLimit: Duration.min(call.waitLimit, longest) })
})

export const patient = (offer: Offer): Offer => ({ ...offer, tools: makeRegistry(offer.tools.tools.map(sooner)) })
