/**
 * What work came to, whatever it is.
 */
import { Effect } from "effect"
import type { Failure } from "../domain/Failure.ts"
import { isGroupId, isTaskId, type WorkId } from "../domain/WorkId.ts"
import { Pool } from "../services/Pool.ts"
import { outcomeOfChain } from "./ChainOutcome.ts"
import { outcomeOfGroup } from "./GroupOutcome.ts"
import type { Outcome } from "./Outcome.ts"
import { outcomeOfTask } from "./TaskOutcome.ts"

export const outcomeOf = (id: WorkId): Effect.Effect<Outcome, Failure, Pool> =>
  Effect.flatMap(Pool, (pool) => {
    if (isTaskId(id)) return Effect.flatMap(pool.result(id), outcomeOfTask)
    if (isGroupId(id)) return Effect.flatMap(pool.group(id), outcomeOfGroup)
    return Effect.flatMap(pool.chain(id), outcomeOfChain)
  })
