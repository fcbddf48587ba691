/**
 * A server of protocol 2026-07-28 over a scripted pool, and requests to it as they are on the wire: all in memory.
 */
import { assert } from "@effect/vitest"
import { type Duration, Effect, Layer, Queue, type Schema } from "effect"
import { metaKeys, type ModernNotification, type ModernResponse, modernVersion } from "../../src/mcp/modern/Protocol.ts"
import { makeModernServer } from "../../src/mcp/ModernServer.ts"
import type { Offer } from "../../src/mcp/Offer.ts"
import { type OfferOptions, poolOffer } from "../../src/mcp/PoolOffer.ts"
import { knownRandom, type PoolScript, scriptedPool } from "./ScriptedPool.ts"

export const withTasks: Schema.JsonObject = { extensions: { "io.modelcontextprotocol/tasks": {} } }
export const withForms: Schema.JsonObject = { elicitation: { form: {}, url: {} } }

export interface AskOptions {
  readonly capabilities?: Schema.JsonObject
  readonly progressToken?: string
  /** In the place of all that a request says of itself. */
  readonly meta?: unknown
  readonly isTakenBack?: boolean
}

export interface ModernClientOptions {
  readonly offer?: Partial<OfferOptions>
  /** What is offered, in the place of what a pool offers. */
  readonly whole?: Partial<Offer>
  readonly waitLimit?: Duration.Duration
}

export const metaOf = (capabilities: Schema.JsonObject = {}): Schema.JsonObject => ({
  [metaKeys.version]: modernVersion,
  [metaKeys.client]: { name: "claude-code", version: "2.1.329" },
  [metaKeys.capabilities]: capabilities
})

export const connectModern = Effect.fnUntraced(function*(script: PoolScript, options: ModernClientOptions = {}) {
  const offer = poolOffer({ toolsets: ["default"], readOnly: false, reviewBy: "coordinator", ...options.offer })
  const services = yield* Layer.build(Layer.merge(scriptedPool(script), knownRandom))
  const server = yield* Effect.provide(
    makeModernServer({ ...offer, ...options.whole }, { version: "0.0.0-test", waitLimit: options.waitLimit }),
    services
  )
  const notes = yield* Queue.unbounded<ModernNotification>()
  let id = 0

  const ask = (method: string, params: Schema.JsonObject = {}, asked: AskOptions = {}) => {
    const _meta = "meta" in asked ? asked.meta as Schema.Json : {
      ...metaOf(asked.capabilities),
      ...(asked.progressToken === undefined ? {} : { progressToken: asked.progressToken })
    }
    return server.handle({ jsonrpc: "2.0", id: ++id, method, params: { ...params, _meta } }, {
      notify: (note) => Effect.asVoid(Queue.offer(notes, note)),
      isTakenBack: Effect.succeed(asked.isTakenBack ?? false)
    }).pipe(Effect.provide(services))
  }

  return { ask, notes, close: server.close }
})

export const resultOf = (response: ModernResponse): Schema.JsonObject => {
  assert.property(response, "result", JSON.stringify(response))
  return "result" in response ? response.result : {}
}

export const errorOf = (response: ModernResponse) => {
  assert.property(response, "error", JSON.stringify(response))
  return "error" in response ? response.error : { code: 0, message: "" }
}

export const tasks: AskOptions = { capabilities: withTasks }

/** The same, for a client that keeps long calls itself. */
export const connectTasks = (script: PoolScript, options?: ModernClientOptions) =>
  Effect.map(connectModern(script, options), (client) => ({
    ...client,
    call: (name: string, args: Schema.JsonObject, asked = tasks) =>
      Effect.map(client.ask("tools/call", { name, arguments: args }, asked), resultOf),
    get: (taskId: Schema.Json | undefined, asked = tasks) =>
      Effect.map(client.ask("tasks/get", { taskId: taskId ?? null }, asked), resultOf)
  }))
