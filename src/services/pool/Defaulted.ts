/**
 * A pool whose requests are given what the caller's own settings say, where they say nothing themselves: the pool may be
 * in another process, with other settings and in another directory.
 */
import { Record, Struct } from "effect"
import { type ChainRequest, workerFields, type WorkerOptions } from "../../domain/ChainDefinition.ts"
import type { TaskOptions } from "../../domain/TaskRequest.ts"
import type { Foreseen } from "../chains/Forecasting.ts"
import type { Pool } from "../Pool.ts"

const workerOptions = (options: TaskOptions): WorkerOptions => Struct.pick(options, Struct.keys(workerFields))

const within = (defaults: TaskOptions) => (request: ChainRequest): ChainRequest => ({
  ...(defaults.cwd === undefined ? {} : { cwd: defaults.cwd }),
  ...request,
  definition: {
    ...request.definition,
    defaults: { ...workerOptions(defaults), ...request.definition.defaults }
  }
})

export const withDefaults = (pool: Pool["Service"], defaults: TaskOptions): Pool["Service"] => {
  if (Record.isEmptyRecord<string, unknown>(defaults)) return pool
  const chain = within(defaults)
  const foreseen = (one: Foreseen): Foreseen => "request" in one ? { request: chain(one.request) } : one
  return {
    ...pool,
    submit: (request) => pool.submit({ ...defaults, ...request }),
    run: (request) => pool.run({ ...defaults, ...request }),
    fanOut: (items, options) => pool.fanOut(items, { ...options, defaults: { ...defaults, ...options?.defaults } }),
    runFanOut: (items, options) =>
      pool.runFanOut(items, { ...options, defaults: { ...defaults, ...options?.defaults } }),
    submitChain: (request) => pool.submitChain(chain(request)),
    runChain: (request) => pool.runChain(chain(request)),
    forecast: (one) => pool.forecast(foreseen(one)),
    auto: (prompt, options) => pool.auto(prompt, { ...options, options: { ...defaults, ...options?.options } })
  }
}
