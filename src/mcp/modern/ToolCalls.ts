/**
 * Tools: what there are, and calls of them: answered, kept by the client as a task, or asked about first.
 */
import { Effect, Schema } from "effect"
import { canonicalJson } from "../../domain/CanonicalJson.ts"
import type { Call } from "../Call.ts"
import type { InputNeeded } from "../Form.ts"
import { refuseIn } from "../Refusal.ts"
import type { Tool } from "../Tool.ts"
import { callTool } from "../ToolRegistry.ts"
import { type Asked, complete, lasting, type Method } from "./Exchange.ts"
import { InputResponses, readAnswers, toInputRequests } from "./Inquiry.ts"
import { makeCall } from "./ModernCall.ts"
import { invalidParams, missingCapability, readParams, unknown } from "./Protocol.ts"
import { toTask } from "./TaskCalls.ts"
import { toToolResult } from "./ToolResult.ts"

const toWire = (tool: Tool, hasForms: boolean): Schema.JsonObject => ({
  name: tool.name,
  title: tool.title,
  description: tool.description,
  inputSchema: { ...tool.input } as unknown as Schema.JsonObject,
  ...(tool.output === undefined ? {} : { outputSchema: { ...tool.output } as unknown as Schema.JsonObject }),
  annotations: {
    readOnlyHint: tool.hints.readOnly,
    destructiveHint: tool.hints.destructive,
    idempotentHint: tool.hints.idempotent,
    openWorldHint: tool.hints.openWorld
  },
  ...(hasForms || tool.metaWithoutForms === undefined ? {} : { _meta: tool.metaWithoutForms })
})

export const listTools: Method = ({ meta, offer }) =>
  Effect.succeed({
    ...complete,
    ...lasting,
    tools: offer.tools.tools.map((tool) => toWire(tool, meta.hasForms))
  })

const CallParams = readParams(Schema.Struct({
  name: Schema.String,
  arguments: Schema.optionalKey(Schema.Record(Schema.String, Schema.Json)),
  inputResponses: Schema.optionalKey(InputResponses),
  requestState: Schema.optionalKey(Schema.String)
}))

type CallParams = Effect.Success<ReturnType<typeof CallParams>>

/** Which call it is: the same in every round. */
const subjectOf = ({ arguments: args = {}, name }: CallParams): string => canonicalJson(["tools/call", name, args])

/** What the client brings to a call that it makes once more. */
const readCarried = Effect.fnUntraced(function*(params: CallParams, { states }: Asked) {
  const answers = yield* readAnswers(params.inputResponses ?? {})
  if (params.requestState === undefined) return { answers, state: undefined }
  const carried = yield* states.open(subjectOf(params), params.requestState)
  if (carried._tag === "None") {
    return yield* invalidParams("that requestState is not of this call, or it is too old: make the call anew")
  }
  return { answers: { ...carried.value.answers, ...answers }, state: carried.value.state }
})

export const callOfTool: Method = Effect.fnUntraced(function*(asked) {
  const { meta, offer, states } = asked
  const params = yield* CallParams(asked.request)
  const tool = offer.tools.find(params.name)
  if (tool === undefined) return yield* unknown("tool", params.name)
  const { answers, state } = yield* readCarried(params, asked)
  const call: Call = { ...makeCall(asked, answers), ...(state === undefined ? {} : { state }) }
  const args = params.arguments ?? {}
  const { background } = offer
  // Once it is accepted its id has to reach the client: else nobody would know of it.
  const answer = tool.background !== undefined && background !== undefined && meta.hasTasks
    ? tool.background(args, call).pipe(
      Effect.flatMap((id) => toTask(id, background)),
      Effect.uninterruptible,
      Effect.catchTag("Failure", ({ reason }) => Effect.map(refuseIn(reason, call), toToolResult))
    )
    : Effect.map(callTool(tool, args, call), toToolResult)

  const ask = Effect.fnUntraced(function*({ forms, state }: InputNeeded) {
    if (!meta.hasForms) return yield* missingCapability({ elicitation: { form: {} } })
    const carries = state !== undefined || Object.keys(answers).length > 0
    return {
      resultType: "input_required",
      inputRequests: toInputRequests(forms),
      ...(carries ? { requestState: yield* states.seal(subjectOf(params), { answers, state }) } : {})
    }
  })

  return yield* Effect.andThen(Effect.logDebug("tool call"), answer).pipe(
    Effect.catchTag("InputNeeded", ask),
    Effect.onInterrupt(() => Effect.logDebug("tool call ended")),
    Effect.annotateLogs({ tool: params.name, toolUseId: meta.toolUseId })
  )
})
