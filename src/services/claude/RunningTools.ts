/**
 * The tools that a worker has called and that have not answered yet, a subagent's too; and how long each of them may
 * take, as far as its call says so.
 */
import { Duration, Predicate } from "effect"
import type { AssistantEvent, UserEvent } from "../../domain/ClaudeEvent.ts"
import { beginningOf } from "../../domain/OutputBound.ts"
import type { Vitals } from "../../domain/Vitals.ts"

export interface RunningTool {
  readonly id: string
  readonly name: string
  /** Null: it has none. */
  readonly timeout: Duration.Duration | null
  /** The call that it is part of: a subagent's. */
  readonly parent: string | null
  /** The model's answer that called it. */
  readonly message: string | null
}

export type RunningTools = ReadonlyArray<RunningTool>

/** How long commands may run: what they get without asking, and what they can ask for at most. */
export interface CommandLimits {
  readonly usual: Duration.Duration
  readonly most: Duration.Duration
}

/** Those of the CLI, and the variables by which its users change them (2.1.329). */
export const commandLimits = (env: Readonly<Record<string, string | undefined>> = {}): CommandLimits => {
  const variable = (name: string, otherwise: number): number => {
    const value = Number(env[name])
    return value > 0 ? value : otherwise
  }
  const usual = variable("BASH_DEFAULT_TIMEOUT_MS", 120_000)
  const most = Math.max(usual, variable("BASH_MAX_TIMEOUT_MS", 600_000))
  return { usual: Duration.millis(usual), most: Duration.millis(most) }
}

/** How much of a tool's name is kept, in characters. */
const mostName = 200

const timeoutOf = (name: string, input: unknown, { most, usual }: CommandLimits): Duration.Duration | null => {
  if (name !== "Bash") return null
  const asked = Predicate.hasProperty(input, "timeout") ? Number(input.timeout) : NaN
  return asked > 0 ? Duration.min(Duration.millis(asked), most) : usual
}

/** After an answer of the model, or a part of one. */
export const afterCalls = (tools: RunningTools, event: AssistantEvent, limits: CommandLimits): RunningTools => {
  const { content, id } = event.message
  const message = id ?? null
  const parent = event.parent_tool_use_id ?? null
  // Who speaks anew has the answers to all that it called before.
  const kept = tools.filter((tool) => tool.parent !== parent || tool.message === message)
  const left = kept.length === tools.length ? tools : kept
  const isRunning = (call: string) => left.some((tool) => tool.id === call)
  // What a subagent does in the background holds nobody up.
  if (parent !== null && !isRunning(parent)) return left
  const called = content.flatMap((block) =>
    block.type === "tool_use" && "id" in block && !isRunning(block.id)
      ? [{
        id: block.id,
        name: beginningOf(block.name, mostName),
        timeout: timeoutOf(block.name, block.input, limits),
        parent,
        message
      }]
      : []
  )
  return called.length === 0 ? left : [...left, ...called]
}

/** After what tools gave back: a call that is answered is over, and all that was part of it. */
export const afterAnswers = (tools: RunningTools, { message: { content } }: typeof UserEvent.Type): RunningTools => {
  if (typeof content === "string") return tools
  const answered = new Set(content.flatMap((block) => "tool_use_id" in block ? [block.tool_use_id] : []))
  const left = tools.filter(({ id, parent }) => !answered.has(id) && !(parent !== null && answered.has(parent)))
  return left.length === tools.length ? tools : left
}

/** The one that holds the worker up: without a limit if one of them has none, else the one with the longest. */
export const longestOf = (tools: RunningTools): Vitals["tool"] =>
  tools.reduce<Vitals["tool"]>((longest, { name, timeout }) => {
    if (longest === null) return { name, timeout }
    if (longest.timeout === null) return longest
    return timeout === null || Duration.isGreaterThan(timeout, longest.timeout) ? { name, timeout } : longest
  }, null)
