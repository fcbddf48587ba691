/**
 * The sets in which the MCP server offers its tools: what is rarely needed costs a coordinator nothing until it is asked for.
 */
import { Schema } from "effect"

export const Toolset = Schema.Literals(["default", "context", "messages", "scale", "admin", "merge"])
export type Toolset = typeof Toolset.Type
