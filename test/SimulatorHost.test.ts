/**
 * The simulator and its host, while a turn runs: messages on their way, and tools that the host serves.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { fileURLToPath } from "node:url"
import { baseFlags, isResult, isType, type Simulated, start, temporary, user } from "./support/Simulated.ts"
import { StreamProcess } from "./support/StreamProcess.ts"

const simulator = fileURLToPath(new URL("../dist/simulator.js", import.meta.url))

const lifecycleOf = ({ events }: Simulated): ReadonlyArray<string> =>
  events.flatMap((event) =>
    isType("command_lifecycle")(event)
      ? [`${event["command_uuid"]} ${event["state"]}`]
      : isResult(event)
      ? ["result"]
      : []
  )

const begin = (simulated: Simulated, prompt: string) =>
  Effect.andThen(simulated.send(user(prompt)), simulated.take(isType("system", "init")))

describe("a message to a running turn", () => {
  it.effect("is heard, and said", () =>
    Effect.gen(function*() {
      const simulated = yield* start()
      yield* begin(simulated, "[[hear]]")
      yield* simulated.take(isType("assistant"))
      yield* simulated.send(user("make it blue", { uuid: "a", client_composed: true }))
      const result = yield* simulated.take(isResult)
      assert.deepInclude(result, { result: "make it blue", user_message_uuids: ["a"] })
      assert.deepStrictEqual(lifecycleOf(simulated), ["a queued", "a started", "a completed", "result"])
    }))

  it.effect("goes on with what it asks for", () =>
    Effect.gen(function*() {
      const simulated = yield* start()
      yield* begin(simulated, "[[hear]]")
      yield* simulated.send(user("[[say:blue it is]]"))
      assert.strictEqual((yield* simulated.take(isResult))["result"], "blue it is")
    }))

  it.effect("can be taken back until it is taken in", () =>
    Effect.gen(function*() {
      const simulated = yield* start()
      yield* begin(simulated, "[[stall]]")
      yield* simulated.send(user("next", { uuid: "a" }))
      const withdraw = simulated.control("cancel_async_message", { message_uuid: "a" })
      assert.deepStrictEqual((yield* withdraw)["response"], { cancelled: true, message_uuid: "a" })
      assert.deepStrictEqual((yield* withdraw)["response"], { cancelled: false, message_uuid: "a" })
      yield* simulated.control("interrupt")
      yield* simulated.take(isResult)
      assert.deepStrictEqual(yield* simulated.end, { code: 1, signal: null })
      assert.deepStrictEqual(lifecycleOf(simulated), ["a queued", "a cancelled", "result"])
    }))

  it.effect("counts as cancelled when the turn that was begun for it fails", () =>
    Effect.gen(function*() {
      const simulated = yield* start()
      yield* simulated.ask("[[error:400]]", { uuid: "a" })
      yield* simulated.end
      assert.deepStrictEqual(lifecycleOf(simulated), ["a queued", "a started", "result", "a cancelled"])
    }))
})

/** A message of the simulator's to a server of its host's. */
interface Asked {
  readonly id?: number
  readonly method: string
  readonly params: { readonly requestId: number; readonly arguments: { readonly text: string } }
}

const echo = ({ method, params }: Asked) => {
  if (method === "initialize") return { protocolVersion: "2025-11-25", capabilities: { tools: {} } }
  if (method === "tools/list") return { tools: [{ name: "echo" }] }
  const { text } = params.arguments
  return { content: [{ type: "text", text: `heard ${text}` }], isError: text === "wrong" }
}

/** A simulator whose host serves the tool `echo`, which does not answer to `nothing`. */
const withHost = Effect.fnUntraced(function*(offers = true) {
  const simulated = yield* StreamProcess.make({
    command: [process.execPath, simulator, ...baseFlags],
    cwd: yield* temporary,
    env: {}
  })
  const asked: Array<Asked> = []
  const answered = new Set<unknown>()
  const answer = Effect.gen(function*() {
    const event = yield* simulated.event((one) => one["type"] === "control_request" && !answered.has(one["request_id"]))
    const { request: { message }, request_id } = event as {
      readonly request_id: string
      readonly request: { readonly message: Asked }
    }
    answered.add(request_id)
    asked.push(message)
    if (!offers) {
      const response = { subtype: "error", request_id, error: "not offered" }
      return yield* simulated.send({ type: "control_response", response })
    }
    if (message.method === "tools/call" && message.params.arguments.text === "nothing") return
    const mcp_response = message.id === undefined ? {} : { jsonrpc: "2.0", id: message.id, result: echo(message) }
    yield* simulated.send({
      type: "control_response",
      response: { subtype: "success", request_id, response: { mcp_response } }
    })
  })
  yield* Effect.forkScoped(Effect.forever(answer))
  yield* simulated.control("initialize", { sdkMcpServers: ["host"] })
  return { simulated, asked }
})

const ask = (simulated: StreamProcess, prompt: string) =>
  Effect.andThen(simulated.send(user(prompt)), simulated.event(isResult))

describe("a tool of the host's", () => {
  it.effect("is listed and called, and what comes back is said", () =>
    Effect.gen(function*() {
      const { asked, simulated } = yield* withHost()
      const result = yield* ask(simulated, `[[call:echo,{"text":"a, b"}]]`)
      assert.strictEqual(result["result"], "heard a, b")
      assert.deepStrictEqual(asked.map(({ method }) => method), [
        "initialize",
        "notifications/initialized",
        "tools/list",
        "tools/call"
      ])
      const init = simulated.events.find(isType("system", "init"))
      assert.include(init?.["tools"], "mcp__host__echo")
      assert.deepStrictEqual(init?.["mcp_servers"], [{ name: "host", status: "connected", source: "sdk" }])
    }))

  it.effect("may fail, and is then said to have", () =>
    Effect.gen(function*() {
      const { simulated } = yield* withHost()
      const result = yield* ask(simulated, `[[call:echo,{"text":"wrong"}]]`)
      assert.strictEqual(result["result"], "heard wrong")
      assert.include(JSON.stringify(simulated.events.find(isType("user"))), `"is_error":true`)
    }))

  it.effect("that is not there is no tool", () =>
    Effect.gen(function*() {
      const { simulated } = yield* withHost()
      const result = yield* ask(simulated, "[[call:shout]]")
      assert.strictEqual(result["result"], "Error: No such tool available: mcp__host__shout")
    }))

  it.effect("is none where the host does not offer it", () =>
    Effect.gen(function*() {
      const { simulated } = yield* withHost(false)
      const result = yield* ask(simulated, `[[call:echo,{"text":"a"}]]`)
      assert.include(result["result"], "No such tool")
      const init = simulated.events.find(isType("system", "init"))
      assert.deepStrictEqual(init?.["mcp_servers"], [{ name: "host", status: "failed", source: "sdk" }])
    }))

  it.effect("is told when nobody waits for it any more", () =>
    Effect.gen(function*() {
      const { asked, simulated } = yield* withHost()
      yield* simulated.send(user(`[[call:echo,{"text":"nothing"}]]`))
      const call = yield* simulated.event(({ request }) => JSON.stringify(request ?? null).includes("tools/call"))
      yield* simulated.control("interrupt")
      const result = yield* simulated.event(isResult)
      assert.strictEqual(result["terminal_reason"], "aborted_tools")
      yield* simulated.event(({ request }) => JSON.stringify(request ?? null).includes("notifications/cancelled"))
      yield* simulated.control("get_settings")
      const { id } = (call["request"] as { readonly message: Asked }).message
      assert.strictEqual(asked.at(-1)?.params.requestId, id)
    }))
})
