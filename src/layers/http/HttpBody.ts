/**
 * The body of a request, up to a limit, as JSON.
 */
import { Effect, Schema } from "effect"
import type { IncomingMessage } from "node:http"
import { type HttpRefusal, refusal, rpcCodes } from "./HttpRefusal.ts"

/** As much as the official SDK takes. */
export const maxBody = 4 * 2 ** 20

const tooLarge = refusal(413, `the body must not exceed ${maxBody} bytes`)
const unreadable = refusal(400, "the body is no JSON", { code: rpcCodes.parse })

/** What is too much is not kept: the runtime reads it and throws it away, for no longer than a request may take. */
const readBytes = (request: IncomingMessage): Effect.Effect<Uint8Array, HttpRefusal> =>
  Effect.callback((resume) => {
    const chunks: Array<Uint8Array> = []
    let size = 0
    const stop = () => {
      request.off("data", onData).off("end", onEnd).off("close", onClose)
      request.on("error", () => undefined)
    }
    const settle = (with_: Effect.Effect<Uint8Array, HttpRefusal>) => {
      stop()
      request.resume()
      resume(with_)
    }
    const onData = (chunk: Uint8Array) => {
      size += chunk.length
      if (size > maxBody) return settle(tooLarge)
      chunks.push(chunk)
    }
    const onEnd = () => settle(Effect.succeed(Buffer.concat(chunks)))
    const onClose = () => settle(unreadable)
    if (request.destroyed) return settle(unreadable)
    if (Number(request.headers["content-length"] ?? 0) > maxBody) return settle(tooLarge)
    request.on("data", onData).on("end", onEnd).on("close", onClose).on("error", onClose)
    return Effect.sync(stop)
  })

const decode = Schema.decodeEffect(Schema.fromJsonString(Schema.Json))

export const readBody = (request: IncomingMessage): Effect.Effect<Schema.Json, HttpRefusal> =>
  readBytes(request).pipe(
    Effect.flatMap((bytes) =>
      Effect.try({
        try: () => new TextDecoder("utf-8", { fatal: true }).decode(bytes),
        catch: () => unreadable
      })
    ),
    Effect.flatMap((text) => Effect.mapError(decode(text), () => unreadable))
  )
