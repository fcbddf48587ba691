/**
 * The directives: each of them, through the process that plays it.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { isAlive, isResult, isType, start, temporary, user } from "./support/Simulated.ts"

const integerSchema = JSON.stringify({ type: "object", properties: { n: { type: "integer" } }, required: ["n"] })

describe("what a worker does", () => {
  it.effect("says, thinks, calls tools, waits", () =>
    Effect.gen(function*() {
      const simulated = yield* start()
      const spoken = yield* simulated.ask(
        "a [[say:first]] [[delay:1]] [[think:2]] [[tool:Grep,ms=1,progress=2]] [[say:last, really]]"
      )
      assert.include(spoken, { result: "last, really", num_turns: 2 })
      assert.strictEqual(simulated.events.filter(isType("tool_progress")).length, 2)
      assert.strictEqual(simulated.events.filter(isType("system", "thinking_tokens")).length, 2)
      assert.strictEqual((yield* simulated.ask("[[long:100000]]"))["result"].length, 100_000)
      yield* simulated.ask("[[tool:Read,error]]")
      assert.isTrue(simulated.events.findLast(isType("user"))?.["message"].content[0].is_error)
      const empty = yield* simulated.ask("[[no-such-thing]] is a link")
      assert.include(empty["result"], "[[no-such-thing]]")
      yield* simulated.end
      assert.include(yield* simulated.stderr, "[[no-such-thing]] is no directive")
    }))

  it.effect("runs commands", () =>
    Effect.gen(function*() {
      const directory = yield* temporary
      const simulated = yield* start({ cwd: directory })
      yield* simulated.ask("[[bash:echo made > file; cat file; echo wrong >&2; exit 3]]")
      const { message, tool_use_result } = simulated.events.find(isType("user")) ?? {}
      assert.include(message.content[0], { content: "Exit code 3\nmade\nwrong", is_error: true })
      assert.strictEqual(tool_use_result, "Error: Exit code 3\nmade\nwrong")
      assert.strictEqual(readFileSync(join(directory, "file"), "utf8"), "made\n")
    }))

  it.effect("lists what was denied, and is still a success", () =>
    Effect.gen(function*() {
      const simulated = yield* start()
      const result = yield* simulated.ask("[[deny:Write]] [[ask:Bash]] [[say:could not]]")
      assert.include(result, { is_error: false, result: "could not" })
      assert.deepStrictEqual(result["permission_denials"].map((one: { tool_name: string }) => one.tool_name), [
        "Write",
        "Bash"
      ])
      assert.strictEqual(simulated.events.filter(isType("system", "permission_denied")).length, 2)
    }))

  it.effect("asks the host, if that is who decides", () =>
    Effect.gen(function*() {
      const simulated = yield* start({ flags: ["--permission-prompt-tool=stdio"] })
      for (const [behavior, denials] of [["allow", 0], ["deny", 1]] as const) {
        yield* simulated.send(user("[[ask:Bash]]"))
        const { request, request_id } = yield* simulated.take(isType("control_request"))
        assert.include(request, { subtype: "can_use_tool", tool_name: "Bash" })
        const response = { subtype: "success", request_id, response: { behavior, message: "host says no" } }
        yield* simulated.send({ type: "control_response", response })
        assert.strictEqual((yield* simulated.take(isResult))["permission_denials"].length, denials)
      }
    }))

  it.effect("announces retries and limits", () =>
    Effect.gen(function*() {
      const simulated = yield* start()
      yield* simulated.ask("[[retry:2,status=429,delay=3000]] [[limit:1800000000]]")
      const retries = simulated.events.filter(isType("system", "api_retry"))
      assert.deepStrictEqual(
        retries.map((event) => [event["attempt"], event["retry_delay_ms"], event["error_status"], event["error"]]),
        [[1, 3000, 429, "rate_limit"], [2, 3000, 429, "rate_limit"]]
      )
      assert.include(simulated.events.find(isType("rate_limit_event"))?.["rate_limit_info"], {
        resetsAt: 1_800_000_000
      })
    }))

  it.effect("floods, chatters, tears lines and says what nobody knows", () =>
    Effect.gen(function*() {
      const simulated = yield* start()
      yield* simulated.ask("[[flood:3000000]] [[chatter:500]] [[stderr:5000]] [[unknown]] [[balloon:1]]")
      assert.isTrue(simulated.lines.some((line) => line.length > 3_000_000))
      assert.strictEqual(simulated.events.filter(isType("keep_alive")).length, 500)
      assert.strictEqual(simulated.events.filter(isType("kind_from_tomorrow")).length, 1)
      const events = simulated.events.length
      const lines = simulated.lines.length
      yield* simulated.ask("[[torn]] [[torn:nul]] [[torn:text]] [[torn:utf8]] [[torn:open]]")
      const torn = simulated.lines.slice(lines).length - simulated.events.slice(events).length
      assert.strictEqual(torn, 4)
      yield* simulated.closeStdin
      assert.strictEqual((yield* simulated.stderr).length, 5000)
    }))

  it.effect("claims what it is told to claim", () =>
    Effect.gen(function*() {
      const simulated = yield* start()
      yield* simulated.ask("[[init:model=other,cwd=/elsewhere,permissionMode=plan,tools=A+B]]")
      const init = simulated.events.find(isType("system", "init"))
      assert.deepInclude(init, { model: "other", cwd: "/elsewhere", permissionMode: "plan", tools: ["A", "B"] })
    }))

  it.effect("goes on in its transcript when it is mute", () =>
    Effect.gen(function*() {
      const directory = yield* temporary
      const simulated = yield* start({ cwd: directory, env: { CLAUDE_CONFIG_DIR: join(directory, "config") } })
      yield* simulated.send(user("[[mute]] [[say:unheard]] [[bash:touch done]]"))
      const watch = yield* start({ cwd: directory })
      yield* watch.ask("[[await:done]]")
      yield* simulated.end
      assert.deepStrictEqual(simulated.events.map((event) => event["type"]), ["system"])
      yield* watch.ask("[[bash:grep -r unheard config]]")
      assert.isFalse(watch.events.findLast(isType("user"))?.["message"].content[0].is_error)
    }))
})

describe("how a turn ends", () => {
  it.effect.each<readonly [kind: string, status: number | null, category: string, reason: string, retries: number]>([
    ["400", 400, "unknown", "api_error", 0],
    ["credit", 400, "billing_error", "api_error", 0],
    ["too-long", 400, "invalid_request", "prompt_too_long", 0],
    ["401", 401, "authentication_failed", "api_error", 1],
    ["402", 402, "unknown", "api_error", 0],
    ["403", 403, "authentication_failed", "api_error", 0],
    ["404", 404, "model_not_found", "api_error", 0],
    ["413", 413, "invalid_request", "image_error", 0],
    ["429", 429, "rate_limit", "api_error", 1],
    ["429,retry-after=400", 429, "rate_limit", "api_error", 0],
    ["500", 500, "server_error", "api_error", 1],
    ["529", 529, "server_error", "api_error", 1],
    ["connection", null, "server_error", "api_error", 1]
  ])("as the error %s", ([kind, status, category, terminal_reason, retries]) =>
    Effect.gen(function*() {
      const simulated = yield* start({ env: { CLAUDE_CODE_MAX_RETRIES: "1" } })
      const result = yield* simulated.ask(`[[error:${kind}]]`)
      assert.include(result, {
        subtype: "success",
        is_error: true,
        api_error_status: status,
        terminal_reason,
        total_cost_usd: 0
      })
      assert.strictEqual(simulated.events.findLast(isType("assistant"))?.["error"], category)
      assert.strictEqual(simulated.events.filter(isType("system", "api_retry")).length, retries)
    }))

  it.effect("as a refusal, a limit, or not at all", () =>
    Effect.gen(function*() {
      const simulated = yield* start({ flags: ["--max-turns=2"] })
      assert.include(yield* simulated.ask("[[refuse]]"), { is_error: true, stop_reason: "refusal", subtype: "success" })
      const turns = { subtype: "error_max_turns", terminal_reason: "max_turns", num_turns: 3, is_error: true }
      assert.include(yield* simulated.ask("[[max-turns]]"), turns)
      assert.include(yield* simulated.ask("[[tool:Read]] [[tool:Read]] [[say:never]]"), turns)
      assert.include(yield* simulated.ask("[[tool:Read]] [[say:in time]]"), { is_error: false, result: "in time" })
      assert.include(yield* simulated.ask("[[budget]]"), { subtype: "error_max_budget_usd", is_error: true })
      const notRun = yield* simulated.ask("[[num-turns-0]]")
      assert.include(notRun, { num_turns: 0, is_error: false, result: "" })
      assert.isFalse("terminal_reason" in notRun)
    }))

  it.effect("at its budget, and stays there", () =>
    Effect.gen(function*() {
      const simulated = yield* start({ flags: ["--max-budget-usd", "0.1"] })
      assert.include(yield* simulated.ask("[[cost:0.09]]"), { is_error: false, total_cost_usd: 0.09 })
      const over = { subtype: "error_max_budget_usd", terminal_reason: "budget_exhausted", is_error: true }
      assert.include(yield* simulated.ask("[[cost:0.01]]"), { ...over, total_cost_usd: 0.1 })
      assert.include(yield* simulated.ask("[[cost:0.01]]"), { ...over, stop_reason: null, total_cost_usd: 0.1 })
      yield* simulated.ask("/clear")
      assert.include(yield* simulated.ask("[[cost:0.01]]"), { is_error: false })
      yield* simulated.ask("[[cost:0.5]] [[bash:echo never]]")
      assert.strictEqual(simulated.events.filter(isType("user")).length, 0)
    }))

  it.effect("with a value that fits its schema, with another, or with none", () =>
    Effect.gen(function*() {
      const simulated = yield* start({ flags: [`--json-schema=${integerSchema}`] })
      assert.deepStrictEqual((yield* simulated.ask("x"))["structured_output"], { n: 1 })
      assert.deepStrictEqual((yield* simulated.ask("[[value:{\"n\":7}]]"))["structured_output"], { n: 7 })
      const missing = yield* simulated.ask("[[schema-missing]] [[say:never]]")
      assert.include(missing, { is_error: false, num_turns: 2 })
      assert.isFalse("structured_output" in missing)
      assert.include(yield* simulated.ask("[[schema-invalid]]"), {
        subtype: "error_max_structured_output_retries",
        terminal_reason: "structured_output_retry_exhausted",
        num_turns: 6
      })
    }))

  it.effect("with the figures it is given, even in a failure", () =>
    Effect.gen(function*() {
      const simulated = yield* start()
      const counted = yield* simulated.ask("[[tokens:1000,100]] [[tool:Read]]")
      assert.strictEqual(counted["total_cost_usd"], 0.006)
      assert.include(counted["usage"], { input_tokens: 1000, output_tokens: 100, cache_creation_input_tokens: 0 })
      assert.strictEqual((yield* simulated.ask("[[cost:1]] [[error:500]]"))["total_cost_usd"], 1.006)
    }))

  it.effect("on the fallback model, when the first is overloaded", () =>
    Effect.gen(function*() {
      const simulated = yield* start({ flags: ["--fallback-model=haiku"] })
      const result = yield* simulated.ask("[[error:529]] [[say:made it]]")
      assert.include(result, { is_error: false, result: "made it" })
      assert.deepStrictEqual(Object.keys(result["modelUsage"]), ["claude-haiku-5-5"])
      const fallback = simulated.events.find(isType("system", "model_fallback"))
      assert.include(fallback, { original_model: "claude-opus-5-5", fallback_model: "claude-haiku-5-5" })
    }))

  it.effect("as a 404, for a model that is unknown", () =>
    Effect.gen(function*() {
      const simulated = yield* start({ flags: ["--model=nope-1"] })
      assert.include(yield* simulated.ask("x"), {
        is_error: true,
        api_error_status: 404,
        api_error_type: "not_found_error"
      })
    }))

  it.effect("and then again, in a turn that nobody asked for", () =>
    Effect.gen(function*() {
      const simulated = yield* start()
      assert.isFalse("origin" in (yield* simulated.ask("[[second-result]] [[say:mine]]")))
      assert.deepStrictEqual((yield* simulated.take(isResult))["origin"], { kind: "task-notification" })
    }))
})

describe("what outlives a turn", () => {
  it.effect("is a daemon, even when it holds stdout", () =>
    Effect.gen(function*() {
      const simulated = yield* start()
      yield* simulated.ask("[[daemon:60,hold]]")
      const pid = Number(simulated.events.find(isType("user"))?.["message"].content[0].content)
      yield* Effect.addFinalizer(() => Effect.sync(() => process.kill(pid, "SIGKILL")))
      assert.deepStrictEqual(yield* simulated.end, { code: 0, signal: null })
      assert.isTrue(isAlive(pid))
    }))

  it.effect("is a wait for a file, which others end", () =>
    Effect.gen(function*() {
      const directory = yield* temporary
      const simulated = yield* start({ cwd: directory })
      yield* simulated.send(user(`[[await:${directory}/go]] [[say:went]]`))
      yield* simulated.take(isType("system", "init"))
      writeFileSync(join(directory, "go"), "")
      assert.strictEqual((yield* simulated.take(isResult))["result"], "went")
    }))
})
