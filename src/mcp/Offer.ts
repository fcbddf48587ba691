/**
 * All that a server offers, whatever the protocol: the adapters put it on one.
 */
import { Effect, Stream } from "effect"
import type { Background } from "./Background.ts"
import type { Prompt } from "./Prompt.ts"
import type { ResourceRegistry } from "./Resource.ts"
import type { ToolRegistry } from "./ToolRegistry.ts"

export interface Offer {
  readonly tools: ToolRegistry
  readonly resources: ResourceRegistry
  readonly prompts: ReadonlyArray<Prompt>
  readonly instructions: string
  /** Where a client may keep long calls itself; without it, it waits for all of them. */
  readonly background?: Background
}

/** Nothing to read. */
export const noResources: ResourceRegistry = {
  list: Effect.succeed([]),
  templates: [],
  read: () => Effect.succeedNone,
  complete: () => Effect.succeed([]),
  updated: () => Stream.never,
  listChanged: Stream.never
}

export const hasResources = ({ resources }: Offer): boolean => resources !== noResources
