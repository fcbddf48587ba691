/**
 * What a server of a pool offers, as the settings say.
 */
import type { Settings } from "../domain/Settings.ts"
import { poolBackground } from "./background/PoolBackground.ts"
import { instructions, readOnlyInstructions } from "./Instructions.ts"
import type { Offer } from "./Offer.ts"
import { poolPrompts } from "./prompts/PoolPrompts.ts"
import type { Settled } from "./resources/ConfigText.ts"
import { poolResources } from "./resources/PoolResources.ts"
import { reviewedBy } from "./ReviewTools.ts"
import { makeRegistry } from "./ToolRegistry.ts"
import { poolAliases } from "./tools/PoolAliases.ts"
import { poolTools } from "./tools/PoolTools.ts"

export interface OfferOptions
  extends Pick<Settings, "toolsets" | "readOnly" | "reviewBy">, Partial<Pick<Settings, "keepFor">>
{
  /** What is shown of the settings; without it, nothing. */
  readonly configuration?: Settled
}

/** Who may only look is offered nothing else, whichever sets were asked for. */
const toolsFor = ({ readOnly, reviewBy, toolsets }: OfferOptions) =>
  poolTools(toolsets).filter(({ hints }) => hints.readOnly || !readOnly).map(reviewedBy(reviewBy))

export const poolOffer = (options: OfferOptions): Offer => {
  const { configuration, keepFor = null, readOnly, reviewBy } = options
  const tools = makeRegistry(toolsFor(options), poolAliases)
  return {
    tools,
    resources: poolResources({ tools: tools.tools, configuration }),
    prompts: poolPrompts({ tools, reviewBy }),
    instructions: readOnly ? readOnlyInstructions : instructions,
    background: poolBackground({ tools, reviewBy, keepFor })
  }
}
