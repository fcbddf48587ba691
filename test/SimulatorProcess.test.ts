/**
 * The simulator as a process: how it starts, is stopped, dies, and what it leaves alive.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { type Event, isAlive, isResult, isType, type Simulated, start, temporary, user } from "./support/Simulated.ts"

const exited = (code: number) => ({ code, signal: null })

/** Starts a turn, and waits until it is under way. */
const begin = (simulated: Simulated, prompt: string) =>
  Effect.andThen(simulated.send(user(prompt)), simulated.take(isType("system", "init")))

/** A command that tells its process id in a file, and then never ends. */
const endless = "[[bash:echo $$ > pid; echo . > ready; exec tail -f /dev/null]]"

const runEndless = (directory: string) =>
  Effect.gen(function*() {
    const simulated = yield* start({ cwd: directory })
    yield* begin(simulated, endless)
    const watch = yield* start({ cwd: directory })
    yield* watch.ask("[[await:ready]]")
    const pid = Number(readFileSync(join(directory, "pid"), "utf8"))
    yield* Effect.addFinalizer(() => Effect.sync(() => isAlive(pid) && process.kill(pid, "SIGKILL")))
    return { simulated, pid }
  })

/** Waits until the process is gone: its session was killed, and whoever inherited it must still collect it. */
const isGone = (pid: number) =>
  Effect.gen(function*() {
    const watch = yield* start()
    yield* watch.ask(
      `[[bash:while kill -0 ${pid} 2>/dev/null && ! grep -q 'State:.Z' /proc/${pid}/status; do :; done]]`
    )
    return true
  })

describe("interrupt", () => {
  it.effect("ends a call of the model with a result, and the process can be used again", () =>
    Effect.gen(function*() {
      const simulated = yield* start()
      yield* begin(simulated, "[[cost:0.02]] [[stall]]")
      yield* simulated.send(user("[[say:next]]", { uuid: "waits" }))
      yield* simulated.take(isType("command_lifecycle"))
      assert.deepStrictEqual((yield* simulated.control("interrupt"))["response"], { still_queued: ["waits"] })
      const result = yield* simulated.take(isResult)
      assert.include(result, {
        subtype: "error_during_execution",
        terminal_reason: "aborted_streaming",
        num_turns: 2,
        total_cost_usd: 0.02
      })
      assert.strictEqual((yield* simulated.take(isResult))["result"], "next")
    }))

  it.effect("ends a tool, and what it runs", () =>
    Effect.gen(function*() {
      const { pid, simulated } = yield* runEndless(yield* temporary)
      yield* simulated.control("interrupt")
      assert.include(yield* simulated.take(isResult), { terminal_reason: "aborted_tools", num_turns: 3 })
      assert.isTrue(yield* isGone(pid))
      assert.include(yield* simulated.ask("[[say:still here]]"), { result: "still here" })
    }))

  it.effect("is not heard when it is ignored", () =>
    Effect.gen(function*() {
      const simulated = yield* start()
      yield* begin(simulated, "[[ignore-interrupt]] [[stall]]")
      yield* simulated.kill("SIGINT")
      yield* simulated.send({ type: "control_request", request_id: "unheard", request: { subtype: "interrupt" } })
      yield* simulated.control("get_settings")
      assert.strictEqual(simulated.events.filter(isType("control_response")).length, 1)
      yield* simulated.kill("SIGTERM")
      assert.deepStrictEqual(yield* simulated.exit, exited(143))
    }))

  it.effect("is what end_session does to a turn", () =>
    Effect.gen(function*() {
      const simulated = yield* start()
      yield* begin(simulated, "[[stall]]")
      yield* simulated.control("end_session")
      assert.include(yield* simulated.take(isResult), { terminal_reason: "aborted_streaming" })
      assert.deepStrictEqual(yield* simulated.exit, exited(1))
    }))

  it.effect("lets a new model wait for the end of the turn", () =>
    Effect.gen(function*() {
      const simulated = yield* start()
      yield* begin(simulated, "[[stall]]")
      const request = {
        type: "control_request",
        request_id: "later",
        request: { subtype: "set_model", model: "haiku" }
      }
      yield* simulated.send(request)
      yield* simulated.control("interrupt")
      yield* simulated.take(isResult)
      const { response } = yield* simulated.take(isType("control_response"))
      assert.deepStrictEqual([response.request_id, response.response], ["later", { model: "claude-haiku-5-5" }])
    }))
})

describe("signals", () => {
  it.effect("SIGINT in a call of the model leaves with 0 and no result", () =>
    Effect.gen(function*() {
      const simulated = yield* start()
      yield* begin(simulated, "[[stall]]")
      yield* simulated.kill("SIGINT")
      assert.deepStrictEqual(yield* simulated.exit, exited(0))
      assert.isFalse(simulated.events.some(isResult))
    }))

  it.effect("SIGINT in a tool leaves with 0 and a result", () =>
    Effect.gen(function*() {
      const { pid, simulated } = yield* runEndless(yield* temporary)
      yield* simulated.kill("SIGINT")
      assert.deepStrictEqual(yield* simulated.exit, exited(0))
      assert.include(simulated.events.find(isResult), { terminal_reason: "aborted_tools" })
      assert.isTrue(yield* isGone(pid))
    }))

  it.effect("SIGTERM and SIGHUP end it and its commands", () =>
    Effect.gen(function*() {
      for (const [signal, code] of [["SIGTERM", 143], ["SIGHUP", 129]] as const) {
        const { pid, simulated } = yield* runEndless(yield* temporary)
        yield* simulated.kill(signal)
        assert.deepStrictEqual(yield* simulated.exit, exited(code))
        assert.isFalse(simulated.events.some(isResult))
        assert.isTrue(yield* isGone(pid))
      }
    }))

  it.effect("SIGKILL leaves its commands behind", () =>
    Effect.gen(function*() {
      const { pid, simulated } = yield* runEndless(yield* temporary)
      yield* simulated.kill("SIGKILL")
      assert.deepStrictEqual(yield* simulated.exit, { code: null, signal: "SIGKILL" })
      assert.isTrue(isAlive(pid))
    }))

  it.effect("SIGTERM is not heard when it is ignored", () =>
    Effect.gen(function*() {
      const simulated = yield* start()
      yield* simulated.ask("[[ignore-term]] [[say:done]]")
      yield* simulated.kill("SIGTERM")
      yield* simulated.send(user("[[stall]]"))
      yield* simulated.take(isType("system", "init"))
      assert.isTrue(isAlive(simulated.pid))
      yield* simulated.kill("SIGKILL")
      assert.deepStrictEqual(yield* simulated.exit, { code: null, signal: "SIGKILL" })
    }))
})

describe("the end", () => {
  it.effect("comes after the turn when stdin is closed", () =>
    Effect.gen(function*() {
      const simulated = yield* start()
      yield* simulated.send(user("[[tool:Read]]"))
      assert.deepStrictEqual(yield* simulated.end, exited(0))
      assert.isTrue(simulated.events.some(isResult))
    }))

  it.effect("does not come by itself when it lingers", () =>
    Effect.gen(function*() {
      const simulated = yield* start()
      yield* simulated.send(user("[[linger]] [[tool:Read]]"))
      yield* simulated.closeStdin
      yield* simulated.take(isResult)
      // Another process lives its whole life in the meantime.
      yield* (yield* start()).end
      yield* simulated.kill("SIGTERM")
      assert.deepStrictEqual(yield* simulated.exit, exited(143))
    }))

  it.effect.each<readonly [prompt: string, code: number | null, signal: string | null]>([
    ["[[no-result:exit=0]]", 0, null],
    ["[[no-result:exit=7]]", 7, null],
    ["[[say:half]] [[exit:3]]", 3, null],
    ["[[crash:SIGKILL]]", null, "SIGKILL"],
    ["[[torn:open]] [[crash:SIGTERM]]", null, "SIGTERM"]
  ])("can be without a result: %s", ([prompt, code, signal]) =>
    Effect.gen(function*() {
      const simulated = yield* start()
      yield* begin(simulated, prompt)
      assert.deepStrictEqual(yield* simulated.exit, { code, signal })
      assert.isFalse(simulated.events.some(isResult))
    }))
})

describe("the environment", () => {
  it.effect("makes the start fail, so many times", () =>
    Effect.gen(function*() {
      const directory = yield* temporary
      const env = { CLAUDE_POOL_SIMULATOR: "[[fail:2,start-fail=9]]", CLAUDE_POOL_SIMULATOR_STATE: directory }
      const codes: Array<number | null> = []
      for (let index = 0; index < 3; index++) codes.push((yield* (yield* start({ env })).end).code)
      assert.deepStrictEqual(codes, [9, 9, 0])
    }))

  it.effect("changes the version and the login, and plays with every prompt", () =>
    Effect.gen(function*() {
      const version = yield* start({ argv: ["--version"], env: { CLAUDE_POOL_SIMULATOR: "[[version:1.0.0]]" } })
      yield* version.exit
      assert.deepStrictEqual(version.lines, ["1.0.0 (Claude Code simulator)"])
      const env = { CLAUDE_POOL_SIMULATOR: "[[not-logged-in]] [[slow-start:1]] [[cost:5]]" }
      const out = yield* start({ env })
      const refused = { is_error: true, api_error_status: null, total_cost_usd: 0 }
      assert.include(yield* out.ask("hi"), { ...refused, result: "Not logged in · Please run /login" })
      const every = yield* start({ env: { CLAUDE_POOL_SIMULATOR: "[[cost:5]]" } })
      assert.strictEqual((yield* every.ask("hi"))["total_cost_usd"], 5)
    }))

  it.effect("refuses root what the real one refuses it, and says so in a result", () =>
    Effect.gen(function*() {
      if (process.getuid?.() !== 0) return
      const flags = ["--permission-mode=bypassPermissions"]
      const refused = yield* start({ flags, env: { CLAUDE_CODE_STARTUP_FAILURE_RESULTS: "1" } })
      assert.include(yield* refused.take(isResult), { startup_failure_reason: "bypass_root" })
      assert.deepStrictEqual(yield* refused.exit, exited(1))
      const allowed = yield* start({ flags, env: { IS_SANDBOX: "1" } })
      yield* allowed.ask("hi")
    }))

  it.effect("counts failures of the same prompt over processes", () =>
    Effect.gen(function*() {
      const directory = yield* temporary
      const env = { CLAUDE_CONFIG_DIR: join(directory, "config"), CLAUDE_CODE_MAX_RETRIES: "0" }
      const outcomes: Array<unknown> = []
      for (let index = 0; index < 3; index++) {
        const simulated = yield* start({ cwd: directory, env })
        outcomes.push((yield* simulated.ask("[[fail:2,error=529]] [[say:at last]]"))["result"])
      }
      assert.include(outcomes[0], "529")
      assert.include(outcomes[1], "529")
      assert.strictEqual(outcomes[2], "at last")
    }))

  it.effect("counts each try once, however many run at the same time", () =>
    Effect.gen(function*() {
      const env = { CLAUDE_POOL_SIMULATOR_STATE: yield* temporary }
      const ask = Effect.flatMap(start({ env }), (simulated) => simulated.ask("[[fail:3,error=400,key=shared]]"))
      const results = yield* Effect.all(Array.from({ length: 6 }, () => ask), { concurrency: 6 })
      assert.strictEqual(results.filter((result) => result["is_error"]).length, 3)
    }))

  it.effect("names a log of starts and prompts, without the values of variables", () =>
    Effect.gen(function*() {
      const directory = yield* temporary
      const log = join(directory, "log")
      const env = { CLAUDE_POOL_SIMULATOR_LOG: log, SECRET: "hidden-value" }
      const simulated = yield* start({ cwd: directory, env, flags: ["--model=haiku"] })
      yield* simulated.control("initialize", { appendSystemPrompt: "be brief" })
      yield* simulated.ask("hello [[say:hi]]")
      const text = readFileSync(log, "utf8")
      const [started, prompted] = text.trim().split("\n").map((line) => JSON.parse(line) as Event)
      assert.include(started, { event: "start", pid: simulated.pid, cwd: directory })
      assert.include(started?.["argv"], "--model=haiku")
      assert.includeMembers(started?.["env"], ["SECRET", "CLAUDE_POOL_SIMULATOR_LOG"])
      assert.notInclude(text, "hidden-value")
      assert.include(prompted, {
        event: "prompt",
        prompt: "hello [[say:hi]]",
        model: "claude-haiku-5-5",
        appendSystemPrompt: "be brief"
      })
    }))
})
