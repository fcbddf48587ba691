/**
 * The tools that a server offers, in a fixed order, and the one way to call them. An adapter for a protocol needs
 * nothing else.
 */
import { Cause, Effect, Predicate } from "effect"
import type { Call } from "./Call.ts"
import type { InputNeeded } from "./Form.ts"
import { refuseDefectIn, refuseIn } from "./Refusal.ts"
import type { Reply, Tool, ToolServices } from "./Tool.ts"

export interface ToolRegistry {
  readonly tools: ReadonlyArray<Tool>
  /** By its name, or by one that it had before. */
  readonly find: (name: string) => Tool | undefined
}

/** A name that nobody is told of any more, and that is still answered. */
export interface Alias {
  readonly name: string
  /** The tool that is meant by it now. */
  readonly tool: string
  /** Its arguments, from those of the old name; the same where nothing is said. */
  readonly toArguments?: (args: Readonly<Record<string, unknown>>) => unknown
}

const underAlias = (tool: Tool, { toArguments }: Alias): Tool => {
  const { background } = tool
  const translate = (args: unknown): unknown =>
    toArguments === undefined || !Predicate.isObject(args) ? args : toArguments({ ...args })
  return {
    ...tool,
    answer: (args, call) => tool.answer(translate(args), call),
    background: background === undefined ? undefined : (args, call) => background(translate(args), call)
  }
}

/** Only aliases of tools that are there are answered. */
export const makeRegistry = (tools: ReadonlyArray<Tool>, aliases: ReadonlyArray<Alias> = []): ToolRegistry => {
  const offered = new Map(tools.map((tool) => [tool.name, tool]))
  const before = aliases.flatMap((alias) => {
    const tool = offered.get(alias.tool)
    return tool === undefined ? [] : [[alias.name, underAlias(tool, alias)] as const]
  })
  const byName = new Map([...before, ...offered])
  return { tools, find: (name) => byName.get(name) }
}

/** Every call has an answer: what went wrong is an answer too. Only a question to the person at the client is none. */
export const callTool = (tool: Tool, args: unknown, call: Call): Effect.Effect<Reply, InputNeeded, ToolServices> =>
  tool.answer(args, call).pipe(
    Effect.catchTag("Failure", ({ reason }) => refuseIn(reason, call)),
    Effect.catchCauseIf(
      (cause) => Cause.hasDies(cause) && !Cause.hasInterruptsOnly(cause),
      (cause) => refuseDefectIn(tool.name, cause, call)
    )
  )
