/**
 * What is fixed when a `claude` process starts, and cannot be changed once it runs: a spare fits a task if the two
 * agree in all of it. The prompt and the model are given later.
 */
import { Equal, Schema } from "effect"
import { MicroUsd } from "./MicroUsd.ts"
import { SessionId } from "./SessionId.ts"
import { type AcceptedOptions, TaskOptions } from "./TaskRequest.ts"

const options = TaskOptions.fields

export const Launch = Schema.Struct({
  cwd: Schema.String,
  permissions: Schema.requiredKey(options.permissions),
  inherit: Schema.requiredKey(options.inherit),
  /** What this process may cost: what the task's earlier attempts have left of its budget. */
  budget: MicroUsd,
  model: options.model,
  effort: options.effort,
  fallbackModel: options.fallbackModel,
  maxTurns: options.maxTurns,
  systemPrompt: options.systemPrompt,
  allowedTools: options.allowedTools,
  deniedTools: options.deniedTools,
  permissionMode: options.permissionMode,
  mcpServers: options.mcpServers,
  schema: options.schema,
  /** The session to go on from. */
  resume: Schema.optionalKey(SessionId)
})
export type Launch = typeof Launch.Type

export const launchOf = (task: AcceptedOptions, budget: MicroUsd, resume?: SessionId): Launch => {
  const { continueFrom: _from, name: _name, tags: _tags, timeout: _timeout, ...rest } = task
  return { ...rest, budget, ...(resume === undefined ? {} : { resume }) }
}

/** Whether a process that was started with `started` can do the work of `wanted`: the model can still be set, if one is named. */
export const fits = (started: Launch, wanted: Launch): boolean =>
  wanted.resume === undefined && (wanted.model !== undefined || started.model === undefined) &&
  Equal.equals({ ...started, model: undefined }, { ...wanted, model: undefined })
