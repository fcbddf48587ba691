/**
 * Both generations of the protocol on one transport: messages of the newer one go to its own server, all others to the
 * SDK's. A client that speaks the older one sees no difference.
 */
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js"
import type { JSONRPCMessage } from "@modelcontextprotocol/sdk/types.js"
import { Effect, Fiber, FiberSet, Option, Ref, Scope } from "effect"
import {
  asRequest,
  asTakenBack,
  errorCodes,
  isModern,
  type ModernNotification,
  type ModernRequest,
  type ModernResponse,
  type RequestId
} from "./modern/Protocol.ts"
import { makeModernServer, type ModernServer } from "./ModernServer.ts"
import type { Offer } from "./Offer.ts"
import { type Connection, connectServer, type ServerOptions } from "./SdkServer.ts"
import type { ToolServices } from "./Tool.ts"

/** The transport as the SDK's server sees it: it gets what `isOurs` does not take. */
const withoutOurs = (transport: Transport, isOurs: (message: JSONRPCMessage) => boolean): Transport => {
  const rest: Transport = {
    start: () => {
      // oxlint-disable-next-line unicorn/prefer-add-event-listener -- a transport is no EventTarget
      transport.onmessage = (message, extra) => {
        if (!isOurs(message)) rest.onmessage?.(message, extra)
      }
      // oxlint-disable-next-line unicorn/prefer-add-event-listener -- a transport is no EventTarget
      transport.onclose = () => rest.onclose?.()
      // oxlint-disable-next-line unicorn/prefer-add-event-listener -- a transport is no EventTarget
      transport.onerror = (error) => rest.onerror?.(error)
      return transport.start()
    },
    send: (message, options) => transport.send(message, options),
    close: () => transport.close()
  }
  return rest
}

interface Live {
  readonly fiber: Fiber.Fiber<void>
  isTakenBack: boolean
}

const duplicate = (id: RequestId): ModernResponse => ({
  jsonrpc: "2.0",
  id,
  error: { code: errorCodes.invalidRequest, message: "a request with that id is being answered" }
})

/** Serves one client over `transport` until the scope closes. */
export const connectBoth = Effect.fn("Era.connect")(
  function*(offer: Offer, transport: Transport, options: ServerOptions) {
    const scope = yield* Effect.scope
    const calls = yield* FiberSet.make<void>()
    const run = yield* FiberSet.runtime(calls)<ToolServices>()
    const live = new Map<RequestId, Live>()
    const made = yield* Ref.make(Option.none<ModernServer>())
    // A client that never speaks the newer protocol has no server of it.
    const server = yield* Effect.cached(
      makeModernServer(offer, options).pipe(
        Scope.provide(scope),
        Effect.tap((one) => Ref.set(made, Option.some(one)))
      )
    )

    const send = (message: ModernNotification | ModernResponse) =>
      Effect.ignore(Effect.tryPromise(() => transport.send(message as JSONRPCMessage)))

    const answer = Effect.fnUntraced(function*(request: ModernRequest) {
      const { handle } = yield* server
      const isTakenBack = Effect.sync(() => live.get(request.id)?.isTakenBack === true)
      yield* send(yield* handle(request, { notify: send, isTakenBack }))
    })

    const begin = (request: ModernRequest) => {
      if (live.has(request.id)) return run(send(duplicate(request.id)))
      const forget = Effect.sync(() => live.delete(request.id))
      const fiber = run(Effect.ensuring(Effect.andThen(Effect.yieldNow, answer(request)), forget))
      live.set(request.id, { fiber, isTakenBack: false })
      return fiber
    }

    const takeBack = (message: JSONRPCMessage): boolean => {
      const params = Option.map(asTakenBack(message), (notification) => notification.params)
      const call = Option.isSome(params) ? live.get(params.value.requestId) : undefined
      if (call === undefined) return false
      call.isTakenBack = true
      run(Fiber.interrupt(call.fiber))
      return true
    }

    const isOurs = (message: JSONRPCMessage): boolean => {
      if (takeBack(message)) return true
      if (!isModern(message)) return false
      const request = asRequest(message)
      if (Option.isSome(request)) begin(request.value)
      return true
    }

    const legacy = yield* connectServer(offer, withoutOurs(transport, isOurs), options)
    const closeStreams = Effect.flatMap(
      Ref.get(made),
      Option.match({ onNone: () => Effect.void, onSome: ({ close }) => close })
    )
    return {
      closed: legacy.closed,
      idle: Effect.andThen(closeStreams, Effect.all([legacy.idle, FiberSet.awaitEmpty(calls)], { discard: true }))
    } satisfies Connection
  }
)
