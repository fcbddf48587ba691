/**
 * The tools of a pool, in the order in which clients list them, and the sets in which they are offered.
 */
import type { Toolset } from "../../domain/Toolset.ts"
import type { Tool } from "../Tool.ts"
import { PoolApproveResult } from "./PoolApproveResult.ts"
import { PoolAuto } from "./PoolAuto.ts"
import { PoolCancel } from "./PoolCancel.ts"
import { PoolChain } from "./PoolChain.ts"
import { PoolChainResult } from "./PoolChainResult.ts"
import { PoolContext } from "./PoolContext.ts"
import { PoolDrain } from "./PoolDrain.ts"
import { PoolFanOut } from "./PoolFanOut.ts"
import { PoolList } from "./PoolList.ts"
import { PoolMerge } from "./PoolMerge.ts"
import { PoolMessage } from "./PoolMessage.ts"
import { PoolOutput } from "./PoolOutput.ts"
import { PoolRejectResult } from "./PoolRejectResult.ts"
import { PoolResult } from "./PoolResult.ts"
import { PoolRun } from "./PoolRun.ts"
import { PoolScale } from "./PoolScale.ts"
import { PoolSlots } from "./PoolSlots.ts"
import { PoolStatus } from "./PoolStatus.ts"
import { PoolSubmit } from "./PoolSubmit.ts"
import { PoolSubmitChain } from "./PoolSubmitChain.ts"
import { PoolSubmitWithReview } from "./PoolSubmitWithReview.ts"
import { PoolWait } from "./PoolWait.ts"

const tools: { readonly [S in Toolset]: ReadonlyArray<Tool> } = {
  default: [
    PoolRun,
    PoolSubmit,
    PoolFanOut,
    PoolChain,
    PoolSubmitChain,
    PoolAuto,
    PoolSubmitWithReview,
    PoolWait,
    PoolResult,
    PoolChainResult,
    PoolOutput,
    PoolApproveResult,
    PoolRejectResult,
    PoolCancel,
    PoolList,
    PoolStatus
  ],
  context: [PoolContext],
  messages: [PoolMessage],
  scale: [PoolScale, PoolSlots],
  admin: [PoolDrain],
  merge: [PoolMerge]
}

/** Those of the sets, each once. */
export const poolTools = (sets: ReadonlyArray<Toolset>): ReadonlyArray<Tool> =>
  [...new Set(sets)].flatMap((set) => tools[set])
