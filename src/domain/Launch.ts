/**
 * What is fixed when a `claude` process starts, and cannot be changed once it runs: a spare fits a task if the two
 * agree in all of it. The prompt and the model are given later.
 */
import { Equal, Schema, Struct } from "effect"
import { MicroUsd } from "./MicroUsd.ts"
import { SessionId } from "./SessionId.ts"
import { AcceptedOptions } from "./TaskRequest.ts"

/** What of a task's options goes into its process. */
const taken = [
  "cwd",
  "permissions",
  "inherit",
  "model",
  "effort",
  "fallbackModel",
  "maxTurns",
  "systemPrompt",
  "allowedTools",
  "deniedTools",
  "permissionMode",
  "mcpServers",
  "schema"
] as const

export const Launch = Schema.Struct({
  ...Struct.pick(AcceptedOptions.fields, taken),
  /** What this process may cost: what the task's earlier attempts have left of its budget. */
  budget: MicroUsd,
  /** Whether it has the pool's own tools: to read and send messages, and to report. */
  mailbox: Schema.optionalKey(Schema.Boolean),
  /** Variables of the workspace that it works in, and of the trace that its own is a part of. */
  env: Schema.optionalKey(Schema.Record(Schema.String, Schema.String)),
  /** The session to go on from. */
  resume: Schema.optionalKey(SessionId)
})
export type Launch = typeof Launch.Type

export const launchOf = (task: AcceptedOptions, budget: MicroUsd, resume?: SessionId): Launch => ({
  ...Struct.pick(task, taken),
  budget,
  ...(resume === undefined ? {} : { resume })
})

/** What has to be the same; a mailbox that is not named is none. */
const fixed = (launch: Launch) => ({ ...launch, model: undefined, mailbox: launch.mailbox ?? false })

/** Whether a process that was started with `started` can do the work of `wanted`: the model can still be set, if one is named. */
export const fits = (started: Launch, wanted: Launch): boolean =>
  wanted.resume === undefined && (wanted.model !== undefined || started.model === undefined) &&
  Equal.equals(fixed(started), fixed(wanted))
