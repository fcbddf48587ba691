/**
 * `pool_submit_chain`: steps that feed each other, handed out and not waited for.
 */
import { Effect, Schema } from "effect"
import { ChainStateName } from "../../domain/ChainView.ts"
import { Pool } from "../../services/Pool.ts"
import { ChainInput, toChainRequest } from "../ChainInput.ts"
import { replyOf, startsWork, structuredTool } from "../Tool.ts"

export const PoolSubmitChain = structuredTool({
  name: "pool_submit_chain",
  title: "Submit a chain of steps",
  description: "Use like pool_chain, to go on at once: returns an id for pool_wait and pool_chain_result.",
  hints: startsWork,
  input: ChainInput,
  output: replyOf({ id: Schema.String, state: ChainStateName, steps: Schema.Int }),
  handler: Effect.fnUntraced(function*(input) {
    const pool = yield* Pool
    const { id, state, steps } = yield* pool.submitChain(toChainRequest(input))
    return { id, state, steps: steps.length }
  })
})
