/**
 * The newer protocol without a transport: each of its methods and errors, over a scripted pool.
 */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Option, Queue, type Schema, Stream } from "effect"
import type { Form } from "../../src/mcp/Form.ts"
import { noResources } from "../../src/mcp/Offer.ts"
import type { Prompt } from "../../src/mcp/Prompt.ts"
import type { ResourceRegistry } from "../../src/mcp/Resource.ts"
import { Reply, type Tool } from "../../src/mcp/Tool.ts"
import { makeRegistry } from "../../src/mcp/ToolRegistry.ts"
import { connectModern, errorOf, metaOf, resultOf, withForms } from "./ModernClient.ts"
import { queuedTask, taskId } from "./ScriptedPool.ts"

const id = taskId(1)

const form = (message: string): Form => ({
  message,
  fields: { name: { type: "string" } },
  required: ["name"]
})

/** Asks for a first name, then for a last one. */
const asksTwice: Tool = {
  name: "greet",
  title: "Greet",
  description: "Use to greet.",
  hints: { readOnly: true, destructive: false, idempotent: true, openWorld: false },
  input: { type: "object", properties: {} },
  output: undefined,
  background: undefined,
  answer: (_, call) =>
    Effect.gen(function*() {
      if (call.ask === undefined) return Reply.Refused({ text: "nobody can be asked" })
      const first = yield* call.ask("first", form("Your first name?"))
      const last = yield* call.ask("last", form("Your last name?"))
      return Reply.Content({ blocks: [{ type: "text", text: JSON.stringify([first, last]) }] })
    })
}

const resources: ResourceRegistry = {
  list: Effect.succeed([{ uri: "x://a", name: "a", title: "A", description: "one", mimeType: "text/plain" }]),
  templates: [{ uriTemplate: "x://{id}", name: "any", title: "Any", description: "", mimeType: "text/plain" }],
  read: (uri) =>
    Effect.succeed(uri === "x://a" ? Option.some([{ uri, mimeType: "text/plain", text: "content" }]) : Option.none()),
  complete: (_template, variable, begin) => Effect.succeed([`${variable} ${begin}`]),
  updated: () => Stream.never,
  listChanged: Stream.never
}

const prompt: Prompt = {
  name: "status",
  title: "Status",
  description: "How it goes",
  arguments: [{ name: "about", description: "What", required: true }],
  get: ({ about }) => Effect.succeed([{ role: "user", content: { type: "text", text: `How is ${about}?` } }]),
  complete: (_, begin) => Effect.succeed(Array.from({ length: 120 }, (_, index) => `${begin}${index}`))
}

const whole = { resources, prompts: [prompt] }

const answerTo = (key: string, response: Schema.JsonObject, requestState?: Schema.Json) => ({
  name: "greet",
  inputResponses: { [key]: response },
  ...(requestState === undefined ? {} : { requestState })
})

describe("the newer protocol", () => {
  it.effect("says what it is, and what it has", () =>
    Effect.gen(function*() {
      const { ask } = yield* connectModern({}, { whole })
      const result = resultOf(yield* ask("server/discover"))
      assert.deepInclude(result, {
        resultType: "complete",
        supportedVersions: ["2026-07-28"],
        capabilities: {
          tools: {},
          resources: { subscribe: true, listChanged: true },
          prompts: {},
          completions: {},
          extensions: { "io.modelcontextprotocol/tasks": {} }
        },
        ttlMs: 300_000,
        cacheScope: "private",
        _meta: {
          "io.modelcontextprotocol/serverInfo": { name: "claude-pool", title: "Claude Pool", version: "0.0.0-test" }
        }
      })
      assert.include(result["instructions"], "pool_wait")
    }))

  it.effect("refuses requests that do not say what they have to say", () =>
    Effect.gen(function*() {
      const { ask } = yield* connectModern({})
      const { "io.modelcontextprotocol/clientCapabilities": _, ...partly } = metaOf()
      for (const meta of [null, {}, partly]) {
        assert.strictEqual(errorOf(yield* ask("server/discover", {}, { meta })).code, -32_602)
      }
      const old = { ...metaOf(), "io.modelcontextprotocol/protocolVersion": "1900-01-01" }
      assert.deepStrictEqual(errorOf(yield* ask("tools/list", {}, { meta: old })), {
        code: -32_022,
        message: "that protocol version is not spoken here",
        data: { supported: ["2026-07-28"], requested: "1900-01-01" }
      })
      const { "io.modelcontextprotocol/clientInfo": __, ...nameless } = metaOf()
      assert.property(resultOf(yield* ask("tools/list", {}, { meta: nameless })), "tools")
    }))

  it.effect("knows no other methods, tools, prompts or resources", () =>
    Effect.gen(function*() {
      const { ask } = yield* connectModern({}, { whole })
      for (const method of ["ping", "initialize", "logging/setLevel", "tasks/list", "tasks/result", "constructor"]) {
        assert.strictEqual(errorOf(yield* ask(method)).code, -32_601, method)
      }
      assert.deepStrictEqual(errorOf(yield* ask("tools/call", { name: "x" })), {
        code: -32_602,
        message: "there is no tool x"
      })
      assert.strictEqual(errorOf(yield* ask("tools/call", { name: 1 })).code, -32_602)
      assert.strictEqual(errorOf(yield* ask("prompts/get", { name: "x" })).code, -32_602)
      assert.strictEqual(errorOf(yield* ask("prompts/get", { name: "status" })).code, -32_602)
      assert.deepStrictEqual(errorOf(yield* ask("resources/read", { uri: "x://b" })), {
        code: -32_602,
        message: "there is no resource x://b",
        data: { uri: "x://b" }
      })
      const bare = yield* connectModern({}, { whole: { resources: noResources, prompts: [] } })
      assert.strictEqual(errorOf(yield* bare.ask("prompts/list")).code, -32_601)
    }))

  it.effect("shows resources and prompts, and completes their arguments", () =>
    Effect.gen(function*() {
      const { ask } = yield* connectModern({}, { whole })
      assert.deepInclude(resultOf(yield* ask("resources/list")), { ttlMs: 0, cacheScope: "private" })
      assert.property(resultOf(yield* ask("resources/templates/list")), "resourceTemplates")
      assert.deepInclude(resultOf(yield* ask("resources/read", { uri: "x://a" })), {
        contents: [{ uri: "x://a", mimeType: "text/plain", text: "content" }]
      })
      assert.deepInclude(resultOf(yield* ask("prompts/get", { name: "status", arguments: { about: "it" } })), {
        messages: [{ role: "user", content: { type: "text", text: "How is it?" } }]
      })
      const completed = resultOf(
        yield* ask("completion/complete", {
          ref: { type: "ref/resource", uri: "x://{id}" },
          argument: { name: "id", value: "t" }
        })
      )
      assert.deepInclude(completed, { completion: { values: ["id t"], total: 1, hasMore: false } })
      const many = resultOf(
        yield* ask("completion/complete", {
          ref: { type: "ref/prompt", name: "status" },
          argument: { name: "about", value: "a" }
        })
      )["completion"] as { readonly values: ReadonlyArray<string> }
      assert.lengthOf(many.values, 100)
    }))

  it.effect("answers calls of tools, with progress and refusals", () =>
    Effect.gen(function*() {
      const waited = yield* Deferred.make<void>()
      const { ask, notes } = yield* connectModern({
        submit: () => Effect.succeed(queuedTask(id)),
        wait: () => Effect.as(Deferred.await(waited), { done: [], running: [id], timed_out: true }),
        result: () => Effect.succeed(queuedTask(id))
      })
      const run = { name: "pool_run", arguments: { prompt: "x" } }
      const fiber = yield* Effect.forkChild(ask("tools/call", run, { progressToken: "p" }))
      assert.deepInclude((yield* Queue.take(notes)).params, { progressToken: "p", progress: 1 })
      yield* Deferred.succeed(waited, undefined)
      const result = resultOf(yield* Fiber.join(fiber))
      assert.deepInclude(result["structuredContent"], { id, state: "queued" })
      const refused = resultOf(yield* ask("tools/call", { name: "pool_run", arguments: { promt: 1 } }))
      assert.isTrue(refused["isError"])
    }))

  it.effect("cancels the work of a call that is taken back, and of no other", () =>
    Effect.gen(function*() {
      const cancelled = yield* Deferred.make<ReadonlyArray<string>>()
      const script = {
        submit: () => Effect.succeed(queuedTask(id)),
        wait: () => Effect.never,
        cancel: (ids: ReadonlyArray<string>) =>
          Effect.as(Deferred.succeed(cancelled, ids), { cancelled: [...ids], already_finished: [] })
      }
      const { ask, notes } = yield* connectModern(script)
      const call = (isTakenBack: boolean) =>
        Effect.gen(function*() {
          const run = { name: "pool_run", arguments: { prompt: "x" } }
          const fiber = yield* Effect.forkChild(ask("tools/call", run, { progressToken: "p", isTakenBack }))
          yield* Queue.take(notes)
          yield* Fiber.interrupt(fiber)
        })
      yield* call(false)
      assert.isFalse(yield* Deferred.isDone(cancelled))
      yield* call(true)
      assert.deepStrictEqual(yield* Deferred.await(cancelled), [id])
    }))
})

describe("a question to the person", () => {
  const offer = { whole: { tools: makeRegistry([asksTwice]) } }

  it.effect("is answered by the next request, and a later one finds the earlier answers", () =>
    Effect.gen(function*() {
      const { ask } = yield* connectModern({}, offer)
      const first = resultOf(yield* ask("tools/call", { name: "greet" }, { capabilities: withForms }))
      assert.deepInclude(first, {
        resultType: "input_required",
        inputRequests: {
          first: {
            method: "elicitation/create",
            params: {
              mode: "form",
              message: "Your first name?",
              requestedSchema: { type: "object", properties: { name: { type: "string" } }, required: ["name"] }
            }
          }
        }
      })
      assert.notProperty(first, "requestState")
      const ada = answerTo("first", { action: "accept", content: { name: "Ada" } })
      const second = resultOf(yield* ask("tools/call", ada, { capabilities: withForms }))
      assert.deepStrictEqual(Object.keys(second["inputRequests"] ?? {}), ["last"])
      const last = { ...answerTo("last", { action: "decline" }, second["requestState"]), extra: { ignored: true } }
      const done = resultOf(yield* ask("tools/call", last, { capabilities: withForms }))
      assert.deepStrictEqual(done["content"], [{
        type: "text",
        text: `[{"content":{"name":"Ada"},"_tag":"Accepted"},{"_tag":"Declined"}]`
      }])
    }))

  it.effect("is not asked of a client that cannot ask", () =>
    Effect.gen(function*() {
      const { ask } = yield* connectModern({}, offer)
      for (const elicitation of [undefined, { url: {} }]) {
        const capabilities = elicitation === undefined ? {} : { elicitation }
        assert.isTrue(resultOf(yield* ask("tools/call", { name: "greet" }, { capabilities }))["isError"])
      }
      const implicit = resultOf(yield* ask("tools/call", { name: "greet" }, { capabilities: { elicitation: {} } }))
      assert.strictEqual(implicit["resultType"], "input_required")
    }))

  it.effect("has no answer in what is no answer, or was tampered with", () =>
    Effect.gen(function*() {
      const { ask } = yield* connectModern({}, offer)
      const capabilities = withForms
      for (const inputResponses of [null, { first: 12_345 }, { first: { action: "maybe" } }]) {
        const response = yield* ask("tools/call", { name: "greet", inputResponses }, { capabilities })
        assert.strictEqual(errorOf(response).code, -32_602)
      }
      const ada = answerTo("first", { action: "accept", content: { name: "Ada" } })
      const { requestState } = resultOf(yield* ask("tools/call", ada, { capabilities }))
      const of = (state: string, args: Schema.JsonObject = {}) =>
        ask("tools/call", { ...answerTo("last", { action: "cancel" }, state), arguments: args }, { capabilities })
      const sealed = String(requestState)
      for (const state of ["", "x.y", `${sealed.slice(0, -2)}AA`, `A${sealed.slice(1)}`]) {
        assert.strictEqual(errorOf(yield* of(state)).code, -32_602, state)
      }
      assert.strictEqual(errorOf(yield* of(sealed, { other: "call" })).code, -32_602)
      assert.strictEqual(resultOf(yield* of(sealed))["resultType"], "complete")
      const again = yield* connectModern({}, offer)
      const restarted = again.ask("tools/call", answerTo("last", { action: "cancel" }, sealed), { capabilities })
      // The same bytes every time make the same key: an answer to an earlier question still counts.
      assert.strictEqual(resultOf(yield* restarted)["resultType"], "complete")
    }))
})

describe("a stream of notifications", () => {
  it.effect("tells what was asked for, and nothing else", () =>
    Effect.gen(function*() {
      const changes = yield* Queue.unbounded<void>()
      const updates = yield* Queue.unbounded<string>()
      const { ask, close, notes } = yield* connectModern({}, {
        whole: {
          ...whole,
          resources: { ...resources, listChanged: Stream.fromQueue(changes), updated: () => Stream.fromQueue(updates) }
        }
      })
      const fiber = yield* Effect.forkChild(ask("subscriptions/listen", {
        notifications: { toolsListChanged: true, resourcesListChanged: true, resourceSubscriptions: ["x://a"] }
      }))
      const subscription = { "io.modelcontextprotocol/subscriptionId": 1 }
      assert.deepStrictEqual(yield* Queue.take(notes), {
        jsonrpc: "2.0",
        method: "notifications/subscriptions/acknowledged",
        params: { notifications: { resourcesListChanged: true, resourceSubscriptions: ["x://a"] }, _meta: subscription }
      })
      yield* Queue.offer(updates, "x://other")
      yield* Queue.offer(updates, "x://a")
      assert.deepStrictEqual((yield* Queue.take(notes)).params, { uri: "x://a", _meta: subscription })
      yield* Queue.offer(changes, undefined)
      assert.strictEqual((yield* Queue.take(notes)).method, "notifications/resources/list_changed")
      yield* close
      assert.deepInclude(resultOf(yield* Fiber.join(fiber))["_meta"], subscription)
    }))
})
