/**
 * Chains over a pool with scripted workers, scripted commands, and a store and files in memory.
 */
import { Effect } from "effect"
import type { CheckEnd } from "../../src/services/Checks.ts"
import { testPool, type TestPoolOptions } from "./TestPool.ts"

export type { CheckScript } from "./TestPool.ts"

export const exits = (exitCode: number, output = ""): Effect.Effect<CheckEnd> =>
  Effect.succeed({ exitCode, output, chars: output.length })

export interface TestChainsOptions extends Omit<TestPoolOptions, "dispatch"> {
  /** False: chains are accepted, and none is run. */
  readonly run?: boolean
}

export const testChains = ({ run = true, ...options }: TestChainsOptions = {}) =>
  testPool({ slots: 4, dispatch: run, ...options })
