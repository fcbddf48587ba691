/**
 * What the simulator claims, the real CLI does: both play the same scenes, and what this project reads of them is the
 * same, event by event, with the same outcome and the same exit code.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { existsSync, readFileSync, watch } from "node:fs"
import { join } from "node:path"
import { fromUsd } from "../../src/domain/MicroUsd.ts"
import { SessionId } from "../../src/domain/SessionId.ts"
import { type ApiReply, hangAfter, refusal, status, text, toolUse } from "../support/ApiReply.ts"
import { contestants, type Play, play, type Report, type Stage } from "../support/Contestants.ts"
import { thenText } from "../support/ScriptedApi.ts"
import { isResult, user } from "../support/StreamProcess.ts"

/** Both play it; the reports must be equal. What the real one did is handed on, so that it can be pinned down further. */
const same = (name: string, it_: Play, check: (report: Report) => void = () => undefined) =>
  it.live(name, () =>
    Effect.gen(function*() {
      const [real, simulated] = yield* Effect.forEach(contestants, (one) => play(one, it_), { concurrency: 2 })
      assert.deepStrictEqual(simulated, real)
      check(real!)
    }))

/** One prompt, up to its result, and an orderly end. To the real CLI the simulator's directives are mere words. */
const ask = (prompt: string) => (stage: Stage) =>
  stage.send(user(prompt)).pipe(
    Effect.andThen(stage.event(isResult)),
    Effect.andThen(stage.hangUp),
    Effect.andThen(stage.ended)
  )

const scene = (
  name: string,
  prompt: string,
  api: Play["api"],
  expected: { readonly outcome: string; readonly ended: number },
  more: Partial<Play> = {}
) =>
  same(
    name,
    { ...more, ...(api === undefined ? {} : { api }), act: ask(prompt) },
    ({ ended, outcome }) => assert.deepStrictEqual({ outcome, ended }, expected)
  )

const full = { launch: { permissions: "full" } } as const
const schema = { type: "object", properties: { a: { type: "string" } }, required: ["a"] }
const done = { outcome: "answer", ended: 0 }

const fileIsThere = (path: string) =>
  Effect.callback<void>((resume) => {
    const look = () => {
      if (existsSync(path) && readFileSync(path, "utf8").endsWith("\n")) resume(Effect.void)
    }
    const watcher = watch(join(path, ".."), look)
    look()
    return Effect.sync(() => watcher.close())
  })

/** A call that has begun to answer, and says no more. */
const beginCall = (stage: Stage) =>
  stage.send(user("[[say:half]] [[stall]]")).pipe(Effect.andThen(stage.event((event) => event["type"] === "assistant")))

const bash = (command: string): ApiReply => toolUse("Bash", { command, description: "a command" })

const endless = "echo up > begun; exec tail -f /dev/null"

/** A tool that runs, and does not end. */
const beginTool = (stage: Stage) =>
  Effect.andThen(stage.send(user(`[[bash:${endless}]]`)), fileIsThere(join(stage.cwd, "begun")))

describe("a turn that ends well", () => {
  scene("a plain answer", "[[say:hello]]", [text("hello")], done)
  scene("a tool", "[[bash:echo hi]] [[say:done]]", thenText(bash("echo hi"), "done"), done, full)
  scene("a tool that fails", "[[bash:exit 3]] [[say:done]]", thenText(bash("exit 3"), "done"), done, full)
  scene(
    "a denied tool",
    "[[deny:Write]] [[say:could not]]",
    thenText(toolUse("Write", { file_path: "/outside.txt", content: "x" }), "could not"),
    done
  )
  scene("a value that fits", `[[value:{"a":"b"}]]`, [toolUse("StructuredOutput", { a: "b" })], done, {
    launch: { schema }
  })
  scene("two models", "[[say:hello]]", [text("hello")], done, { launch: { model: "claude-sonnet-5-5" } })
})

describe("a turn that ends badly", () => {
  const failure = (name: string, prompt: string, api: Play["api"], outcome: string, more: Partial<Play> = {}) =>
    scene(name, prompt, api, { outcome, ended: 1 }, more)
  failure("401", "[[error:401]]", [status(401)], "NotLoggedIn")
  failure("403", "[[error:403]]", [status(403)], "NotLoggedIn")
  failure("404", "[[error:404]]", [status(404)], "UnknownModel")
  failure("400", "[[error:400]]", [status(400)], "RequestRejected")
  failure("402", "[[error:402]]", [status(402)], "BillingStopped")
  failure("413", "[[error:413]]", [status(413)], "RequestRejected")
  failure("429", "[[error:429]]", [status(429, { retryAfter: 1 })], "UsageLimited")
  failure("500", "[[error:500]]", [status(500)], "ProviderFailed")
  failure("529", "[[error:529]]", [status(529)], "ProviderFailed")
  failure("no login", "hello", [], "NotLoggedIn", { isLoggedIn: false })
  failure("refusal", "[[refuse]]", [refusal], "ModelRefused")
  failure("max turns", "[[max-turns]]", [toolUse("Glob", { pattern: "*" })], "MaxTurnsReached", {
    launch: { maxTurns: 2 }
  })
  const costly = { inputTokens: 100_000, outputTokens: 10_000 }
  const poor = { launch: { budget: fromUsd(0.01) } }
  const glob = (id: string) => toolUse("Glob", { pattern: "*" }, { ...costly, id })
  failure("a budget, crossed by a text", "[[cost:1]] [[say:done]]", [text("done", costly)], "BudgetExceeded", poor)
  failure("a budget, crossed by a call", "[[cost:1]] [[tool:Glob]]", [glob("toolu_1")], "BudgetExceeded", poor)
  failure(
    "a budget, crossed after a tool",
    "[[tool:Glob]] [[tool:Glob]] [[say:not reached]]",
    (_, index) => toolUse("Glob", { pattern: "*" }, { inputTokens: 2500, id: `toolu_${index}` }),
    "BudgetExceeded",
    { launch: { budget: fromUsd(0.0155) } }
  )
  failure("a value that never fits", "[[schema-invalid]]", [toolUse("StructuredOutput", { b: 1 })], "SchemaMismatch", {
    launch: { schema }
  })
  scene("words in place of a value", "[[schema-missing]]", [text("words")], {
    outcome: "SchemaMismatch",
    ended: 0
  }, {
    launch: { schema }
  })
})

describe("a session", () => {
  same("that is unknown cannot go on", {
    launch: { resume: SessionId.make("00000000-0000-4000-8000-000000000000") },
    act: (stage) => stage.event(isResult).pipe(Effect.andThen(stage.hangUp), Effect.andThen(stage.ended))
  }, ({ ended, outcome }) => assert.deepStrictEqual({ outcome, ended }, { outcome: "SessionLost", ended: 1 }))
})

describe("a control request", () => {
  for (const isLoggedIn of [true, false]) {
    it.live(`initialize tells of the login (${isLoggedIn ? "a key" : "none"})`, () =>
      Effect.gen(function*() {
        const accounts = yield* Effect.forEach(contestants, (one) => {
          const seen: Array<unknown> = []
          const act = (stage: Stage) =>
            Effect.gen(function*() {
              const answer = yield* stage.control("initialize")
              seen.push((answer["response"] as { readonly response: { readonly account: object } }).response.account)
              yield* stage.hangUp
              yield* stage.ended
            })
          return Effect.as(play(one, { isLoggedIn, act }), seen)
        }, { concurrency: 2 })
        assert.deepStrictEqual(accounts[1], accounts[0])
      }))
  }

  same("initialize, set_model and then a turn", {
    api: [text("hello")],
    act: (stage) =>
      stage.control("initialize", { appendSystemPrompt: "Be brief." }).pipe(
        Effect.andThen(stage.control("set_model", { model: "claude-haiku-5-5" })),
        Effect.andThen(ask("[[say:hello]]")(stage))
      )
  })
  same("that is unknown", {
    act: (stage) => stage.control("nonsense").pipe(Effect.andThen(stage.hangUp), Effect.andThen(stage.ended))
  }, ({ ended }) => assert.strictEqual(ended, 0))

  const interrupt = (stage: Stage) =>
    stage.control("interrupt").pipe(
      Effect.andThen(stage.event(isResult)),
      Effect.andThen(stage.hangUp),
      Effect.andThen(stage.ended)
    )
  same("interrupt in a call", {
    api: [hangAfter("half")],
    act: (stage) => beginCall(stage).pipe(Effect.andThen(interrupt(stage)))
  }, ({ outcome }) => assert.strictEqual(outcome, "WorkerLost"))

  same("interrupt in a tool", {
    ...full,
    api: [bash(endless)],
    act: (stage) => beginTool(stage).pipe(Effect.andThen(interrupt(stage)))
  }, ({ outcome }) => assert.strictEqual(outcome, "WorkerLost"))
})

describe("an end", () => {
  const ready = (stage: Stage) => stage.control("initialize")
  const isEnd = (expected: number | string) => ({ ended }: Report) => assert.strictEqual(ended, expected)

  same("of stdin, while it is idle", {
    act: (stage) => ready(stage).pipe(Effect.andThen(stage.hangUp), Effect.andThen(stage.ended))
  }, isEnd(0))
  same("of stdin, in a turn: it is finished first", {
    api: [text("hello")],
    act: (stage) => stage.send(user("[[say:hello]]")).pipe(Effect.andThen(stage.hangUp), Effect.andThen(stage.ended))
  }, isEnd(0))
  same("by a line that is no JSON", {
    act: (stage) => stage.send("no JSON").pipe(Effect.andThen(stage.ended))
  }, isEnd(1))

  for (const [signal, code] of [["SIGTERM", 143], ["SIGHUP", 129], ["SIGINT", 0]] as const) {
    same(`by ${signal}, while it is idle`, {
      act: (stage) => ready(stage).pipe(Effect.andThen(stage.signal(signal)), Effect.andThen(stage.ended))
    }, isEnd(code))
  }

  for (const [signal, code] of [["SIGTERM", 143], ["SIGHUP", 129]] as const) {
    same(`by ${signal}, in a tool`, {
      ...full,
      api: [bash(endless)],
      act: (stage) => beginTool(stage).pipe(Effect.andThen(stage.signal(signal)), Effect.andThen(stage.ended))
    }, isEnd(code))
  }

  for (const [signal, code] of [["SIGTERM", 143], ["SIGHUP", 129]] as const) {
    same(`by ${signal}, in a call`, {
      api: [hangAfter("half")],
      act: (stage) => beginCall(stage).pipe(Effect.andThen(stage.signal(signal)), Effect.andThen(stage.ended))
    }, isEnd(code))
  }

  const cut = {
    call: { api: [hangAfter("half")], begin: beginCall },
    tool: { ...full, api: [bash(endless)], begin: beginTool }
  }
  for (const [where, { begin, ...scene }] of Object.entries(cut)) {
    it.live(`by SIGINT, in a ${where}: no failure, and no answer either`, () =>
      Effect.gen(function*() {
        const act = (stage: Stage) =>
          begin(stage).pipe(Effect.andThen(stage.signal("SIGINT")), Effect.andThen(stage.ended))
        const reports = yield* Effect.forEach(contestants, (one) => play(one, { ...scene, act }), { concurrency: 2 })
        const [real, simulated] = reports
        for (const { ended, outcome } of reports) {
          assert.strictEqual(ended, 0)
          // The real one gets its result out or does not, by a matter of moments. It never looks like an answer.
          assert.include(["none", "WorkerLost"], outcome)
        }
        assert.deepStrictEqual(simulated?.events.slice(0, 2), real?.events.slice(0, 2))
      }))
  }
})
