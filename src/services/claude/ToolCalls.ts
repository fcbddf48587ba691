/**
 * Which of a worker's tool calls are work: to answer and to tell somebody something is none.
 */
import { poolServerName } from "./PoolTools.ts"

/** The tool by which the CLI takes a structured answer. */
export const schemaTool = "StructuredOutput"

const isWork = (name: string): boolean => name !== schemaTool && !name.startsWith(`mcp__${poolServerName}__`)

/** How many there are in a part of an answer. */
export const countCalls = (content: ReadonlyArray<{ readonly type: string }>): number =>
  content.filter((block) => block.type === "tool_use" && "name" in block && isWork(String(block.name))).length
