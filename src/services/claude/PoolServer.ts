/**
 * The MCP server that a worker has of its pool. It speaks over the worker's own pipe, by which it also knows who calls:
 * there is no process, no socket and no token.
 */
import { Cause, Effect, Exit, Fiber, FiberMap, Option, Ref, Schema } from "effect"
import type { Failure } from "../../domain/Failure.ts"
import { issueLines } from "../../domain/Issues.ts"
import { WorkerCall } from "../../domain/WorkerCall.ts"
import { listedTools, poolServerName, poolTools } from "./PoolTools.ts"

export interface PoolServer {
  /** The answer to a message of the client's; null where none is waited for any more. */
  readonly receive: (message: Schema.Json) => Effect.Effect<Schema.Json | null>
  /** Hands the calls on to `onCall` while `turn` runs. What is still under way at its end is interrupted. */
  readonly serving: <A, E, R>(
    onCall: ((call: WorkerCall) => Effect.Effect<string, Failure>) | undefined,
    turn: Effect.Effect<A, E, R>
  ) => Effect.Effect<A, E, R>
}

const RequestId = Schema.Union([Schema.String, Schema.Finite])
type RequestId = typeof RequestId.Type

const Version = Schema.Literal("2.0")
const Params = Schema.optionalKey(Schema.Json)
const Request = Schema.Struct({ jsonrpc: Version, id: RequestId, method: Schema.String, params: Params })
const Notification = Schema.Struct({ jsonrpc: Version, method: Schema.String, params: Params })
type Message = typeof Request.Type | typeof Notification.Type

const decodeMessage = Schema.decodeUnknownOption(Schema.Union([Request, Notification]))
const decodeHello = Schema.decodeUnknownOption(Schema.Struct({ protocolVersion: Schema.String }))
const decodeCancelled = Schema.decodeUnknownOption(Schema.Struct({ requestId: RequestId }))
const decodeParams = Schema.decodeUnknownOption(
  Schema.Struct({ name: Schema.String, arguments: Schema.optionalKey(Schema.Record(Schema.String, Schema.Json)) })
)
const decodeCall = Schema.decodeUnknownEffect(WorkerCall)

/** All that this server does is the same in each of them. The newest first. */
const protocolVersions = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"]

/** What the CLI's own hosts acknowledge a notification with. */
const acknowledgement = { jsonrpc: "2.0", id: 0, result: {} }

const succeed = (id: RequestId, result: Schema.JsonObject) => ({ jsonrpc: "2.0", id, result })

const refuse = (id: RequestId | null, code: number, message: string) => ({
  jsonrpc: "2.0",
  id,
  error: { code, message }
})

const toolResult = (id: RequestId, text: string, isError = false) =>
  succeed(id, { content: [{ type: "text", text }], ...(isError ? { isError } : {}) })

/** What the worker is told of a failure, so that it can do better. */
const describe = ({ hint, message }: Failure): string => `${message}\n${hint}`

interface Serving {
  readonly onCall: (call: WorkerCall) => Effect.Effect<string, Failure>
  readonly calls: FiberMap.FiberMap<RequestId, string, Failure>
}

export const makePoolServer: Effect.Effect<PoolServer> = Effect.gen(function*() {
  const current = yield* Ref.make<Serving | null>(null)

  const carryOut = Effect.fnUntraced(function*({ calls, onCall }: Serving, id: RequestId, call: WorkerCall) {
    const fiber = yield* FiberMap.run(calls, id, onCall(call))
    const exit = yield* Effect.onInterrupt(Fiber.await(fiber), () => Fiber.interrupt(fiber))
    if (Exit.isSuccess(exit)) return toolResult(id, exit.value)
    if (Cause.hasInterrupts(exit.cause)) return null
    const failure = Cause.findErrorOption(exit.cause)
    if (Option.isSome(failure)) return toolResult(id, describe(failure.value), true)
    yield* Effect.logError("a worker's call broke", exit.cause)
    return toolResult(id, "the pool failed at it; go on without it", true)
  })

  const call = Effect.fnUntraced(function*(id: RequestId, params: Schema.Json | undefined) {
    const asked = decodeParams(params)
    if (Option.isNone(asked)) return refuse(id, -32602, "tools/call needs the name of a tool")
    const tool = poolTools.find(({ name }) => name === asked.value.name)
    if (tool === undefined) return refuse(id, -32602, `there is no tool ${asked.value.name}`)
    const serving = yield* Ref.get(current)
    if (serving === null) return toolResult(id, "no task is at work here that could call this", true)
    return yield* decodeCall({ ...asked.value.arguments, _tag: tool.call }).pipe(
      Effect.flatMap((decoded) => carryOut(serving, id, decoded)),
      Effect.catchTag("SchemaError", (error) => Effect.succeed(toolResult(id, issueLines(error).join("\n"), true)))
    )
  })

  const cancel = Effect.fnUntraced(function*(params: Schema.Json | undefined) {
    const serving = yield* Ref.get(current)
    const cancelled = decodeCancelled(params)
    if (serving !== null && Option.isSome(cancelled)) yield* FiberMap.remove(serving.calls, cancelled.value.requestId)
  })

  const answer = (id: RequestId, { method, params }: Message): Effect.Effect<Schema.Json | null> => {
    switch (method) {
      case "initialize":
        return Effect.succeed(succeed(id, {
          protocolVersion: versionFor(params),
          capabilities: { tools: {} },
          serverInfo: { name: poolServerName, version: "1" }
        }))
      case "ping":
        return Effect.succeed(succeed(id, {}))
      case "tools/list":
        return Effect.succeed(succeed(id, { tools: listedTools }))
      case "tools/call":
        return call(id, params)
      default:
        return Effect.succeed(refuse(id, -32601, `there is no method ${method}`))
    }
  }

  return {
    receive: (json) => {
      const message = Option.getOrNull(decodeMessage(json))
      if (message === null) return Effect.succeed(refuse(null, -32600, "this is no JSON-RPC 2.0 request"))
      if ("id" in message) return answer(message.id, message)
      return Effect.as(
        message.method === "notifications/cancelled" ? cancel(message.params) : Effect.void,
        acknowledgement
      )
    },
    serving: (onCall, turn) =>
      onCall === undefined ? turn : Effect.scoped(Effect.gen(function*() {
        const calls = yield* FiberMap.make<RequestId, string, Failure>()
        yield* Effect.acquireRelease(Ref.set(current, { onCall, calls }), () => Ref.set(current, null))
        return yield* turn
      }))
  }
})

const versionFor = (params: Schema.Json | undefined): string => {
  const asked = Option.getOrNull(decodeHello(params))?.protocolVersion
  return asked !== undefined && protocolVersions.includes(asked) ? asked : protocolVersions[0]!
}
