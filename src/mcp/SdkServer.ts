/**
 * The registry on the official SDK's low-level server: protocol versions up to 2025-11-25. One connection has one
 * server of its own.
 */
import { Server } from "@modelcontextprotocol/sdk/server/index.js"
import type { RequestHandlerExtra } from "@modelcontextprotocol/sdk/shared/protocol.js"
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js"
import {
  CallToolRequestSchema,
  type CallToolResult,
  ErrorCode,
  ListToolsRequestSchema,
  McpError,
  type ServerNotification,
  type ServerRequest,
  type Tool as SdkTool
} from "@modelcontextprotocol/sdk/types.js"
import { Deferred, type Duration, Effect, FiberSet } from "effect"
import type { Call, Client } from "./Call.ts"
import { waitLimitOf } from "./Deadline.ts"
import { makeHeld } from "./Held.ts"
import { instructions } from "./Instructions.ts"
import { Reply, type Tool, type ToolServices } from "./Tool.ts"
import { callTool, type ToolRegistry } from "./ToolRegistry.ts"
import { makeUnseen } from "./Unseen.ts"

export interface ServerOptions {
  readonly version: string
  /** The longest that any call may wait, whoever the client is; else it depends on the client. */
  readonly waitLimit?: Duration.Duration | undefined
}

export interface Connection {
  /** Waits until the transport has gone. */
  readonly closed: Effect.Effect<void>
  /** Waits until every call has its answer. */
  readonly idle: Effect.Effect<void>
}

type Extra = RequestHandlerExtra<ServerRequest, ServerNotification>

const toSdkTool = (tool: Tool): SdkTool => ({
  name: tool.name,
  title: tool.title,
  description: tool.description,
  inputSchema: { ...tool.input },
  ...(tool.output === undefined ? {} : { outputSchema: { ...tool.output } }),
  annotations: {
    readOnlyHint: tool.hints.readOnly,
    destructiveHint: tool.hints.destructive,
    idempotentHint: tool.hints.idempotent,
    openWorldHint: tool.hints.openWorld
  }
})

const textBlock = (text: string) => ({ type: "text" as const, text })

const toSdkResult = Reply.$match({
  Structured: ({ value }): CallToolResult => ({
    content: [textBlock(JSON.stringify(value))],
    structuredContent: { ...value }
  }),
  Untrusted: ({ blocks }): CallToolResult => ({ content: blocks.map(textBlock), _meta: { integrity: "untrusted" } }),
  Refused: ({ text }): CallToolResult => ({ content: [textBlock(text)], isError: true })
})

/** Progress of one request: the numbers rise, and nothing is sent once it has been taken back. */
const makeProgress = (extra: Extra): Call["progress"] => {
  const progressToken = extra._meta?.progressToken
  if (progressToken === undefined) return undefined
  let progress = 0
  const notify = (message: string) =>
    extra.sendNotification({
      method: "notifications/progress",
      params: { progressToken, progress: ++progress, message }
    })
  // Not to be interrupted: else a line could still be on its way when the reply is sent.
  return (message) => Effect.uninterruptible(Effect.ignore(Effect.tryPromise(() => notify(message))))
}

/** Serves one client over `transport` until the scope closes. */
export const connectServer = Effect.fn("SdkServer.connect")(
  function*(registry: ToolRegistry, transport: Transport, options: ServerOptions) {
    const unseen = yield* makeUnseen
    const held = yield* makeHeld
    const gone = yield* Deferred.make<void>()
    const calls = yield* FiberSet.make()
    const run = yield* FiberSet.runtimePromise(calls)<ToolServices>()
    const server = new Server(
      { name: "claude-pool", title: "Claude Pool", version: options.version },
      { capabilities: { tools: {} }, instructions }
    )

    const makeCall = (extra: Extra): Call => {
      const client: Client | undefined = server.getClientVersion()
      // The SDK aborts its calls both when they are taken back and when the connection closes: told apart at that moment.
      let isTakenBack = false
      extra.signal.addEventListener("abort", () => (isTakenBack = !Deferred.isDoneUnsafe(gone)), { once: true })
      return {
        client: client ?? { name: "unknown", version: "" },
        waitLimit: options.waitLimit ?? waitLimitOf(client),
        progress: makeProgress(extra),
        isTakenBack: Effect.sync(() => isTakenBack),
        unseen,
        held
      }
    }

    server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: registry.tools.map(toSdkTool) }))

    server.setRequestHandler(CallToolRequestSchema, ({ params }, extra) => {
      const tool = registry.find(params.name)
      const answer = tool === undefined
        ? Effect.fail(new McpError(ErrorCode.InvalidParams, `there is no tool ${params.name.slice(0, 100)}`))
        : Effect.map(callTool(tool, params.arguments ?? {}, makeCall(extra)), toSdkResult)
      const logged = Effect.andThen(Effect.logDebug("tool call"), answer).pipe(
        Effect.onInterrupt(() => Effect.logDebug("tool call ended", extra.signal.reason)),
        Effect.annotateLogs({ tool: params.name, toolUseId: extra._meta?.["claudecode/toolUseId"] })
      )
      return run(logged, { signal: extra.signal })
    })

    // Set before the transport can close, so that it is known to be gone before the SDK aborts the calls.
    // oxlint-disable-next-line unicorn/prefer-add-event-listener -- a transport is no EventTarget
    transport.onclose = () => Deferred.doneUnsafe(gone, Effect.void)

    yield* Effect.acquireRelease(
      Effect.promise(() => server.connect(transport)),
      () => Effect.andThen(Deferred.succeed(gone, undefined), Effect.promise(() => server.close()))
    )

    return { closed: Deferred.await(gone), idle: FiberSet.awaitEmpty(calls) } satisfies Connection
  }
)
