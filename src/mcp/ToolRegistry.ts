/**
 * The tools that a server offers, in a fixed order, and the one way to call them. An adapter for a protocol needs
 * nothing else.
 */
import { Cause, Effect } from "effect"
import type { Call } from "./Call.ts"
import { refuse, refuseDefect } from "./Refusal.ts"
import type { Reply, Tool, ToolServices } from "./Tool.ts"

export interface ToolRegistry {
  readonly tools: ReadonlyArray<Tool>
  readonly find: (name: string) => Tool | undefined
}

export const makeRegistry = (tools: ReadonlyArray<Tool>): ToolRegistry => {
  const byName = new Map(tools.map((tool) => [tool.name, tool]))
  return { tools, find: (name) => byName.get(name) }
}

/** Every call has an answer: what went wrong is an answer too. */
export const callTool = (tool: Tool, args: unknown, call: Call): Effect.Effect<Reply, never, ToolServices> =>
  tool.answer(args, call).pipe(
    Effect.catchTag("Failure", (failure) => Effect.succeed(refuse(failure.reason))),
    Effect.catchCauseIf((cause) => !Cause.hasInterruptsOnly(cause), (cause) => refuseDefect(tool.name, cause))
  )
