/**
 * The tools of a pool, in the order in which clients list them.
 */
import type { Tool } from "../Tool.ts"
import { PoolCancel } from "./PoolCancel.ts"
import { PoolList } from "./PoolList.ts"
import { PoolOutput } from "./PoolOutput.ts"
import { PoolResult } from "./PoolResult.ts"
import { PoolRun } from "./PoolRun.ts"
import { PoolStatus } from "./PoolStatus.ts"
import { PoolSubmit } from "./PoolSubmit.ts"
import { PoolWait } from "./PoolWait.ts"

export const PoolTools: ReadonlyArray<Tool> = [
  PoolRun,
  PoolSubmit,
  PoolWait,
  PoolResult,
  PoolOutput,
  PoolList,
  PoolCancel,
  PoolStatus
]
