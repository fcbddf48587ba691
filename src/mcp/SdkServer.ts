/**
 * An offer on the official SDK's low-level server: protocol versions up to 2025-11-25. One connection has one
 * server of its own; each of its parts is a file in `sdk/`.
 */
import { Server } from "@modelcontextprotocol/sdk/server/index.js"
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js"
import type { ServerCapabilities } from "@modelcontextprotocol/sdk/types.js"
import { Deferred, type Duration, Effect, FiberSet } from "effect"
import { hasResources, type Offer } from "./Offer.ts"
import { answering } from "./sdk/Refused.ts"
import { canAsk, makeCalls } from "./sdk/SdkCall.ts"
import { serveCompletion } from "./sdk/SdkCompletion.ts"
import { serveLogging } from "./sdk/SdkLogging.ts"
import { servePrompts } from "./sdk/SdkPrompts.ts"
import { serveResources } from "./sdk/SdkResources.ts"
import { serveTools } from "./sdk/SdkTools.ts"
import type { Serving } from "./sdk/Serving.ts"
import { makeSession } from "./Session.ts"
import type { ToolServices } from "./Tool.ts"

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

/** No more than what the offer has. */
const capabilitiesOf = (offer: Offer): ServerCapabilities => {
  const readable = hasResources(offer)
  const promptable = offer.prompts.length > 0
  return {
    tools: {},
    logging: {},
    ...(readable ? { resources: { subscribe: true, listChanged: true } } : {}),
    ...(promptable ? { prompts: {} } : {}),
    ...(readable || promptable ? { completions: {} } : {})
  }
}

const serveOffer = (serving: Serving): void => {
  const { completions, prompts, resources } = capabilitiesOf(serving.offer)
  serveTools(serving)
  serveLogging(serving)
  if (resources !== undefined) serveResources(serving)
  if (prompts !== undefined) servePrompts(serving)
  if (completions !== undefined) serveCompletion(serving)
}

/** Serves one client over `transport` until the scope closes. */
export const connectServer = Effect.fn("SdkServer.connect")(
  function*(offer: Offer, transport: Transport, options: ServerOptions) {
    const session = yield* makeSession
    const gone = yield* Deferred.make<void>()
    const calls = yield* FiberSet.make()
    const run = yield* FiberSet.runtimePromise(calls)<ToolServices>()
    const followers = yield* FiberSet.make()
    const start = yield* FiberSet.runtime(followers)<ToolServices>()
    const server = new Server(
      { name: "claude-pool", title: "Claude Pool", version: options.version },
      { capabilities: capabilitiesOf(offer), instructions: offer.instructions }
    )

    serveOffer({
      server,
      offer,
      answer: (method, effect, extra) => run(answering(method)(effect), { signal: extra.signal }),
      follow: (effect) =>
        start(Effect.catchTag(effect, "Failure", (failure) => Effect.logWarning("the pool is not followed", failure))),
      canAsk: () => canAsk(server),
      makeCall: makeCalls({ server, session, gone, waitLimit: options.waitLimit })
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
