/**
 * `pool_chain_result`: one chain as it stands.
 */
import { Effect, Schema } from "effect"
import { ChainId } from "../../domain/ChainId.ts"
import { Pool } from "../../services/Pool.ts"
import { briefChain, ChainBrief } from "../ChainBrief.ts"
import { readsOnly, replyOf, structuredTool } from "../Tool.ts"

export const PoolChainResult = structuredTool({
  name: "pool_chain_result",
  title: "Look at a chain",
  description: "Use to look at a chain: each step's state and how its answer begins. Does not wait.",
  hints: readsOnly,
  input: Schema.Struct({ id: ChainId }),
  output: replyOf(ChainBrief.fields),
  handler: Effect.fnUntraced(function*({ id }, call) {
    const pool = yield* Pool
    const view = yield* pool.chain(id)
    if (view.state !== "running") yield* call.unseen.show([id])
    return briefChain(view)
  })
})
