/**
 * The prompts of a pool: those whose tools are offered beside them.
 */
import type { Reviewer } from "../../domain/Review.ts"
import type { Prompt } from "../Prompt.ts"
import type { ToolRegistry } from "../ToolRegistry.ts"
import { DispatchPrompt } from "./DispatchPrompt.ts"
import { RetroPrompt } from "./RetroPrompt.ts"
import { reviewPrompt } from "./ReviewPrompt.ts"
import { StatusPrompt } from "./StatusPrompt.ts"

export interface PoolPromptsOptions {
  readonly tools: ToolRegistry
  readonly reviewBy: Reviewer
}

export const poolPrompts = ({ reviewBy, tools }: PoolPromptsOptions): ReadonlyArray<Prompt> => {
  const isOffered = (...names: ReadonlyArray<string>) => names.every((name) => tools.find(name) !== undefined)
  return [
    StatusPrompt,
    ...(isOffered("pool_run", "pool_fan_out", "pool_chain", "pool_wait") ? [DispatchPrompt] : []),
    ...(isOffered("pool_approve_result", "pool_reject_result") ? [reviewPrompt(reviewBy)] : []),
    RetroPrompt
  ]
}
