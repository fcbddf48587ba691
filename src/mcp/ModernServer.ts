/**
 * An offer by protocol version 2026-07-28, without a transport: each request stands for itself.
 *
 * A transport makes one server with `makeModernServer(offer, options)`, and keeps it as long as its client, or its listener.
 * `isModern(message)` (`modern/Protocol.ts`) says which messages are for it. `handle(request, exchange)` then answers one request: it always comes
 * to a response, which the transport writes; messages that belong to the request go to `exchange.notify` meanwhile, before
 * the response. To take a request back (`notifications/cancelled`, or its stream was closed) the transport interrupts
 * `handle`; there is no response then. `exchange.isTakenBack` tells that from a client that has gone: work that a call waits
 * for is cancelled with the first, and goes on with the second. `close` ends streams of notifications with a last response.
 */
import { Cause, Deferred, type Duration, Effect, type Schema, type Scope } from "effect"
import type { Failure } from "../domain/Failure.ts"
import { isJsonArray } from "../domain/ValuePath.ts"
import { complete, type Exchange, lasting, type Method, type ServerContext } from "./modern/Exchange.ts"
import { listen } from "./modern/Listening.ts"
import {
  errorCodes,
  metaKeys,
  methodNotFound,
  type ModernRequest,
  type ModernResponse,
  modernVersion,
  ProtocolError,
  readMeta,
  tasksExtension
} from "./modern/Protocol.ts"
import {
  completeArgument,
  getPrompt,
  listPrompts,
  listResources,
  listTemplates,
  readResource
} from "./modern/Reading.ts"
import { makeRequestStates } from "./modern/RequestStates.ts"
import { cancelTask, getTask, updateTask } from "./modern/TaskCalls.ts"
import { callOfTool, listTools } from "./modern/ToolCalls.ts"
import { noResources, type Offer } from "./Offer.ts"
import { refuse, refuseDefect } from "./Refusal.ts"
import { makeSession } from "./Session.ts"
import { Reply, type ToolServices } from "./Tool.ts"

export interface ModernOptions {
  readonly version: string
  /** The longest that any call may wait, whoever the client is; else it depends on the client. */
  readonly waitLimit?: Duration.Duration | undefined
}

export interface ModernServer {
  readonly handle: (request: ModernRequest, exchange: Exchange) => Effect.Effect<ModernResponse, never, ToolServices>
  readonly close: Effect.Effect<void>
}

const capabilitiesOf = ({ background, prompts, resources }: Offer): Schema.JsonObject => ({
  tools: {},
  ...(resources === noResources ? {} : { resources: { subscribe: true, listChanged: true } }),
  ...(prompts.length === 0 ? {} : { prompts: {} }),
  ...(resources === noResources && prompts.length === 0 ? {} : { completions: {} }),
  ...(background === undefined ? {} : { extensions: { [tasksExtension]: {} } })
})

const discover: Method = ({ offer }) =>
  Effect.succeed({
    ...complete,
    ...lasting,
    supportedVersions: [modernVersion],
    capabilities: capabilitiesOf(offer),
    instructions: offer.instructions
  })

const metaOf = ({ _meta }: Schema.JsonObject): Schema.JsonObject =>
  _meta !== null && typeof _meta === "object" && !isJsonArray(_meta) ? _meta : {}

/** Those that this offer has. */
const methodsOf = ({ prompts, resources }: Offer): ReadonlyMap<string, Method> => {
  const hasResources = resources !== noResources
  const hasPrompts = prompts.length > 0
  return new Map<string, Method>([
    ["server/discover", discover],
    ["tools/list", listTools],
    ["tools/call", callOfTool],
    ["tasks/get", getTask],
    ["tasks/update", updateTask],
    ["tasks/cancel", cancelTask],
    ["subscriptions/listen", listen],
    ...(hasResources
      ? [
        ["resources/list", listResources],
        ["resources/templates/list", listTemplates],
        ["resources/read", readResource]
      ] as const
      : []),
    ...(hasPrompts ? [["prompts/list", listPrompts], ["prompts/get", getPrompt]] as const : []),
    ...(hasResources || hasPrompts ? [["completion/complete", completeArgument]] as const : [])
  ])
}

const wordsOf = (reply: Reply): string => Reply.$is("Refused")(reply) ? reply.text : ""

/** What whoever asked can put right. */
const askedWrongly: ReadonlySet<Failure["reason"]["_tag"]> = new Set(["InvalidRequest", "NotFound", "NotInReview"])

const fromFailure = ({ reason }: Failure): ProtocolError =>
  new ProtocolError({
    code: askedWrongly.has(reason._tag) ? errorCodes.invalidParams : errorCodes.internal,
    message: wordsOf(refuse(reason))
  })

const fromDefect = (method: string, cause: Cause.Cause<unknown>): Effect.Effect<never, ProtocolError, ToolServices> =>
  Effect.flatMap(
    refuseDefect(method.slice(0, 100), cause),
    (reply) => Effect.fail(new ProtocolError({ code: errorCodes.internal, message: wordsOf(reply) }))
  )

/** Until the scope closes. */
export const makeModernServer = Effect.fn("ModernServer.make")(function*(
  offer: Offer,
  options: ModernOptions
): Effect.fn.Return<ModernServer, never, ToolServices | Scope.Scope> {
  const closed = yield* Deferred.make<void>()
  const context: ServerContext = {
    offer,
    session: yield* makeSession,
    states: yield* makeRequestStates,
    waitLimit: options.waitLimit,
    closing: Deferred.await(closed)
  }
  const methods = methodsOf(offer)
  const serverInfo = { name: "claude-pool", title: "Claude Pool", version: options.version }

  const answer = Effect.fnUntraced(function*(request: ModernRequest, exchange: Exchange) {
    const meta = yield* readMeta(request)
    const method = methods.get(request.method)
    if (method === undefined) return yield* methodNotFound(request.method)
    return yield* method({ ...context, request, meta, exchange })
  })

  const handle = (request: ModernRequest, exchange: Exchange) =>
    answer(request, exchange).pipe(
      Effect.catchTag("Failure", (failure) => Effect.fail(fromFailure(failure))),
      Effect.catchCauseIf(
        (cause) => Cause.hasDies(cause) && !Cause.hasInterruptsOnly(cause),
        (cause) => fromDefect(request.method, cause)
      ),
      Effect.match({
        onSuccess: (result): ModernResponse => ({
          jsonrpc: "2.0",
          id: request.id,
          result: { ...result, _meta: { [metaKeys.server]: serverInfo, ...metaOf(result) } }
        }),
        onFailure: ({ code, data, message }): ModernResponse => ({
          jsonrpc: "2.0",
          id: request.id,
          error: { code, message, ...(data === undefined ? {} : { data }) }
        })
      })
    )

  return { handle, close: Effect.asVoid(Deferred.succeed(closed, undefined)) }
})
