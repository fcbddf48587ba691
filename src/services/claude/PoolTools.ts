/**
 * The tools that a worker has of its pool, as the model is told of them. Every request of every worker carries this
 * list: each word of it is paid for again and again.
 */
import { maxMessageChars } from "../../domain/Message.ts"
import { maxReportChars, type WorkerCall } from "../../domain/WorkerCall.ts"

export const poolServerName = "pool"

export interface PoolTool {
  readonly name: string
  readonly call: WorkerCall["_tag"]
  readonly description: string
  readonly fields: Readonly<Record<string, { readonly description?: string; readonly maxLength?: number }>>
}

export const poolTools: ReadonlyArray<PoolTool> = [
  {
    name: "read_messages",
    call: "ReadMessages",
    description: "Read the messages to you that you have not read yet.",
    fields: {}
  },
  {
    name: "send_message",
    call: "SendMessage",
    description: "Send a message to the coordinator or to other workers, who read it between two steps of their work.",
    fields: {
      to: { description: "coordinator, all, a slot (slot-2), a role (role:reviewer) or a task id" },
      text: { maxLength: maxMessageChars }
    }
  },
  {
    name: "report_progress",
    call: "ReportProgress",
    description: "Tell whoever watches, in a sentence, how far you are.",
    fields: { text: { maxLength: maxReportChars } }
  }
]

/** The answer to `tools/list`. */
export const listedTools = poolTools.map(({ description, fields, name }) => ({
  name,
  description,
  inputSchema: {
    type: "object",
    properties: Object.fromEntries(
      Object.entries(fields).map(([field, rules]) => [field, { type: "string", ...rules }])
    ),
    required: Object.keys(fields),
    additionalProperties: false
  },
  // Nothing in the worker's own reach changes, so they stay allowed in the plan mode too; and they are never put behind
  // a search for tools (both measured on 2.1.329).
  annotations: { readOnlyHint: true },
  _meta: { "anthropic/alwaysLoad": true }
}))
