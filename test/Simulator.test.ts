/**
 * The protocol: what the simulator says to whom, and with which exit code it leaves.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { type Event, isResult, isType, start, temporary, user } from "./support/Simulated.ts"

const clean = { code: 0, signal: null }
const failed = { code: 1, signal: null }

describe("the command line", () => {
  it.effect("tells its version", () =>
    Effect.gen(function*() {
      const simulated = yield* start({ argv: ["--version"] })
      assert.deepStrictEqual(yield* simulated.exit, clean)
      assert.deepStrictEqual(simulated.lines, ["2.1.329 (Claude Code simulator)"])
    }))

  it.effect.each<readonly [flags: ReadonlyArray<string>, message: string]>([
    [["--nope=1"], "error: unknown option '--nope=1'"],
    [["--permission-mode=zzz"], "error: option '--permission-mode <mode>' argument 'zzz' is invalid."],
    [["--max-turns=abc"], "error: option '--max-turns <turns>' argument 'abc' is invalid. must be a number"],
    [["--max-budget-usd=0"], "--max-budget-usd must be a number greater than 0"],
    [["--json-schema={nope"], "Error: --json-schema is not valid JSON"],
    [["--json-schema={\"type\":\"nonsense\"}"], "Error: --json-schema is not a valid JSON Schema"],
    [["--session-id=zzz"], "Error: Invalid session ID. Must be a valid UUID."],
    [["--settings=/nowhere/settings.json"], "Error: Settings file not found"]
  ])("refuses %s", ([flags, message]) =>
    Effect.gen(function*() {
      const simulated = yield* start({ flags })
      assert.deepStrictEqual(yield* simulated.exit, failed)
      assert.include(yield* simulated.stderr, message)
      assert.deepStrictEqual(simulated.lines, [])
    }))

  it.effect("takes the flags of the real one, and shows them in its init", () =>
    Effect.gen(function*() {
      const flags =
        "--model haiku --fallback-model=sonnet --effort high --permission-mode dontAsk --permission-prompts none " +
        "--tools Bash,Read,Edit --allowedTools Bash Read --disallowedTools=Edit --strict-mcp-config --setting-sources= " +
        "--settings={} --append-system-prompt=x --exclude-dynamic-system-prompt-sections --system-prompt-snapshot=off " +
        "--include-partial-messages --no-session-persistence --mcp-config={\"mcpServers\":{\"files\":{}}}"
      const simulated = yield* start({ flags: flags.split(" ") })
      yield* simulated.send(user("hi"))
      const init = yield* simulated.take(isType("system", "init"))
      assert.include(init, { model: "claude-haiku-5-5", permissionMode: "dontAsk", claude_code_version: "2.1.329" })
      assert.deepStrictEqual(init["tools"], ["Bash", "Read"])
      assert.deepStrictEqual(init["mcp_servers"][0].name, "files")
      yield* simulated.take(isType("stream_event"))
      assert.deepStrictEqual(yield* simulated.end, clean)
    }))
})

describe("a turn", () => {
  it.effect("says nothing before it is spoken to, and needs nobody else", () =>
    Effect.gen(function*() {
      const simulated = yield* start({ env: { HTTPS_PROXY: "http://127.0.0.1:9", HTTP_PROXY: "http://127.0.0.1:9" } })
      yield* simulated.control("get_binary_version")
      assert.strictEqual(simulated.lines.length, 1)
      assert.deepStrictEqual(yield* simulated.end, clean)
      assert.strictEqual(simulated.lines.length, 1)
    }))

  it.effect("is init, the answer by blocks, and a result whose type is not its first field", () =>
    Effect.gen(function*() {
      const simulated = yield* start()
      const result = yield* simulated.ask("write a haiku about rust")
      assert.deepStrictEqual(simulated.events.map((event) => event["type"]), ["system", "assistant", "result"])
      assert.notStrictEqual(Object.keys(result)[0], "type")
      assert.include(result, { subtype: "success", is_error: false, num_turns: 1, terminal_reason: "completed" })
      assert.include(result["result"], "The borrow checker")
      assert.isAbove(result["total_cost_usd"], 0)
      assert.strictEqual(result["modelUsage"]["claude-opus-5-5"].outputTokens, result["usage"].output_tokens)
      assert.strictEqual(simulated.events[1]?.["message"].stop_reason, null)
      const again = yield* simulated.ask("and another one")
      assert.isAbove(again["total_cost_usd"], result["total_cost_usd"])
      assert.strictEqual(again["session_id"], result["session_id"])
      assert.strictEqual(again["result_index"], 1)
    }))

  it.effect("is the same for the same input", () =>
    Effect.gen(function*() {
      const play = Effect.scoped(Effect.gen(function*() {
        const simulated = yield* start()
        yield* simulated.ask("hello [[tool:Read]]", { uuid: "u-1" })
        yield* simulated.ask("again")
        yield* simulated.end
        return simulated.lines
      }))
      assert.deepStrictEqual(yield* play, yield* play)
    }))

  it.effect("merges what is sent while it runs, up to a command", () =>
    Effect.gen(function*() {
      const simulated = yield* start()
      yield* simulated.send(
        user("[[say:1]]", { uuid: "a" }),
        user("[[say:2]]"),
        user("[[say:3]]", { uuid: "c" }),
        user("/clear")
      )
      const results = [
        yield* simulated.take(isResult),
        yield* simulated.take(isResult),
        yield* simulated.take(isResult)
      ]
      assert.deepStrictEqual(results.map((event) => event["result"]), ["1", "3", ""])
      assert.deepStrictEqual(results[1]?.["user_message_uuids"], ["c"])
      const states = simulated.events.filter(isType("command_lifecycle"))
      assert.deepStrictEqual(
        states.map((event) => [event["command_uuid"], event["state"]]),
        [["a", "queued"], ["a", "started"], ["c", "queued"], ["a", "completed"], ["c", "started"], ["c", "completed"]]
      )
    }))

  it.effect("takes in what is sent during a tool call", () =>
    Effect.gen(function*() {
      const directory = yield* temporary
      const simulated = yield* start({ cwd: directory })
      yield* simulated.send(user("[[await:go]] [[tool:Read]]"))
      yield* simulated.take(isType("system", "init"))
      yield* simulated.send(user("[[say:merged]]"), user("[[tool:Read]]", { uuid: "late" }))
      yield* simulated.take(isType("command_lifecycle"))
      writeFileSync(join(directory, "go"), "")
      const result = yield* simulated.take(isResult)
      assert.include(result, { result: "merged", num_turns: 3 })
    }))

  it.effect("drops a message whose uuid it has seen", () =>
    Effect.gen(function*() {
      const simulated = yield* start()
      yield* simulated.ask("one", { uuid: "same" })
      yield* simulated.send(user("two", { uuid: "same" }))
      assert.deepStrictEqual(yield* simulated.end, clean)
      assert.strictEqual(simulated.events.filter(isResult).length, 1)
    }))

  it.effect("leaves by its last result", () =>
    Effect.gen(function*() {
      const first = yield* start()
      yield* first.ask("[[error:400]]")
      yield* first.ask("fine")
      assert.deepStrictEqual(yield* first.end, clean)
      const second = yield* start()
      yield* second.ask("fine")
      yield* second.ask("[[error:400]]")
      assert.deepStrictEqual(yield* second.end, failed)
    }))

  it.effect.each(["not json", JSON.stringify({ type: "user" })])(
    "leaves with 1 on the line %s",
    (line) =>
      Effect.gen(function*() {
        const simulated = yield* start()
        yield* simulated.ask("hi")
        yield* simulated.send(line)
        assert.deepStrictEqual(yield* simulated.exit, failed)
      })
  )

  it.effect("ignores types it does not know", () =>
    Effect.gen(function*() {
      const simulated = yield* start()
      yield* simulated.send("{\"type\":\"from_tomorrow\"}", "", "[]")
      yield* simulated.ask("hi")
    }))
})

describe("commands in a prompt", () => {
  it.effect("run only from the very first character, and not if the host composed the message", () =>
    Effect.gen(function*() {
      const simulated = yield* start()
      const before = yield* simulated.ask("hi")
      const turns: Array<unknown> = []
      for (const prompt of ["/help", "/clear", " /clear", "/nope", "/etc/hosts", "   ", "/cost"]) {
        turns.push((yield* simulated.ask(prompt))["num_turns"])
      }
      assert.deepStrictEqual(turns, [0, 0, 1, 1, 1, 0, 0])
      const composed = yield* simulated.ask("/clear", { client_composed: true })
      assert.strictEqual(composed["num_turns"], 1)
      assert.notStrictEqual(composed["session_id"], before["session_id"])
      assert.strictEqual(simulated.events.filter(isType("conversation_reset")).length, 1)
    }))

  it.effect("/clear starts the costs anew", () =>
    Effect.gen(function*() {
      const simulated = yield* start()
      yield* simulated.ask("[[cost:1]]")
      assert.include(yield* simulated.ask("/clear"), { total_cost_usd: 0, local_command: "clear", result: "" })
      assert.strictEqual((yield* simulated.ask("[[cost:0.25]]"))["total_cost_usd"], 0.25)
    }))
})

describe("the control protocol", () => {
  it.effect("answers each request, in order", () =>
    Effect.gen(function*() {
      const simulated = yield* start()
      const initialized = yield* simulated.control("initialize", { appendSystemPrompt: "x" })
      assert.strictEqual(initialized["response"].pid, simulated.pid)
      assert.containsAllKeys(initialized["response"], ["commands", "models", "account", "agents"])
      assert.strictEqual(
        (yield* simulated.control("set_model", { model: "sonnet" }))["response"].model,
        "claude-sonnet-5-5"
      )
      assert.strictEqual((yield* simulated.control("set_permission_mode", { mode: "plan" }))["response"].mode, "plan")
      const kinds = ["get_settings", "mcp_status", "get_context_usage", "get_session_cost", "get_usage", "list_models"]
      for (const kind of [...kinds, "get_binary_version", "set_max_thinking_tokens"]) {
        assert.strictEqual((yield* simulated.control(kind))["subtype"], "success", kind)
      }
      assert.deepStrictEqual((yield* simulated.control("interrupt"))["response"], { still_queued: [] })
      const refused: Array<unknown> = []
      refused.push((yield* simulated.control("nonsense"))["error"])
      refused.push((yield* simulated.control("set_permission_mode", { mode: "zzz" }))["error_code"])
      refused.push((yield* simulated.control("set_permission_mode", { mode: "bypassPermissions" }))["error_code"])
      assert.deepStrictEqual(refused, [
        "Unsupported control request subtype: nonsense",
        "invalid_mode",
        "bypass_not_launched"
      ])
      yield* simulated.send(user("hi"))
      const init = yield* simulated.take(isType("system", "init"))
      assert.include(init, { model: "claude-sonnet-5-5", permissionMode: "plan" })
      yield* simulated.take(isResult)
      yield* simulated.control("end_session")
      assert.deepStrictEqual(yield* simulated.exit, clean)
    }))

  it.effect("takes a schema once, and passes over what is none", () =>
    Effect.gen(function*() {
      const simulated = yield* start()
      yield* simulated.control("initialize", { jsonSchema: { type: "nonsense" } })
      yield* simulated.control("initialize", { jsonSchema: { type: "object", properties: { n: { type: "integer" } } } })
      yield* simulated.control("initialize", { jsonSchema: { type: "object", properties: { other: {} } } })
      const result = yield* simulated.ask("hi")
      assert.deepStrictEqual(result["structured_output"], { n: 1 })
      assert.strictEqual(result["result"], "{\"n\":1}")
      assert.include(result, { num_turns: 2, stop_reason: "tool_use" })
      const init: Event = simulated.events.find(isType("system", "init")) ?? {}
      assert.include(init["tools"], "StructuredOutput")
    }))
})
