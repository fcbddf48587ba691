/**
 * `pool_chain`: steps that feed each other, waited for within bounds.
 */
import { Effect, Schema, Struct } from "effect"
import { ChainId } from "../../domain/ChainId.ts"
import { Pool } from "../../services/Pool.ts"
import { acceptAndWait } from "../Accepted.ts"
import { briefChain, ChainBrief } from "../ChainBrief.ts"
import { ChainInput, toChainRequest } from "../ChainInput.ts"
import { WaitSeconds } from "../Deadline.ts"
import { replyOf, startsWork, structuredTool } from "../Tool.ts"

export const PoolChain = structuredTool({
  name: "pool_chain",
  title: "Run a chain of steps",
  description: "Use for steps that need the results of the ones before: a worker for each, one after another. " +
    "Waits up to wait_s.",
  hints: startsWork,
  input: Schema.Struct({ ...ChainInput.fields, wait_s: Schema.optionalKey(WaitSeconds) }),
  output: replyOf(ChainBrief.fields),
  background: (input) =>
    Effect.flatMap(
      Pool,
      (pool) => Effect.map(pool.submitChain(toChainRequest(Struct.omit(input, ["wait_s"]))), ({ id }) => id)
    ),
  handler: Effect.fnUntraced(function*({ wait_s, ...input }, call) {
    const pool = yield* Pool
    const accept = Effect.map(pool.submitChain(toChainRequest(input)), ({ id }) => ChainId.make(id))
    const [id, { chains }] = yield* acceptAndWait(accept, call, wait_s)
    if (chains !== undefined) yield* call.unseen.show([id])
    return briefChain(chains?.[0] ?? (yield* pool.chain(id)))
  })
})
