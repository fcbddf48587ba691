/**
 * Transcripts as the CLI writes them (2.1.329), and as they are when it was killed in the middle of a line.
 */
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Effect } from "effect"
import { appendFileSync, mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { SessionId } from "../src/domain/SessionId.ts"
import { makeTranscripts } from "../src/services/claude/Transcripts.ts"
import { Census } from "./support/Census.ts"

const session = SessionId.make("11111111-1111-4111-8111-111111111111")

const usage = (input_tokens: number, output_tokens: number, more: object = {}) => ({
  input_tokens,
  output_tokens,
  cache_read_input_tokens: 1000,
  cache_creation_input_tokens: 300,
  cache_creation: { ephemeral_5m_input_tokens: 200, ephemeral_1h_input_tokens: 100 },
  server_tool_use: { web_search_requests: 0, web_fetch_requests: 0 },
  speed: "standard",
  ...more
})

const at = (second: number) => `2026-11-21T08:00:0${second}.000Z`

const prompt = (content: unknown, second = 1, more: object = {}) => ({
  type: "user",
  isSidechain: false,
  message: { role: "user", content },
  timestamp: at(second),
  ...more
})

const says = (id: string, block: object, stop_reason: string, figures: object, second = 2, more: object = {}) => ({
  type: "assistant",
  isSidechain: false,
  message: { id, role: "assistant", model: "m", content: [block], stop_reason, usage: figures },
  timestamp: at(second),
  ...more
})

const text = (value: string) => ({ type: "text", text: value })
const call = (name: string, input: object = {}) => ({ type: "tool_use", id: `toolu_${name}`, name, input })
const result = (
  name: string,
  is_error = false
) => [{ type: "tool_result", tool_use_id: `toolu_${name}`, content: "", is_error }]

const noise = [
  { type: "queue-operation", operation: "enqueue", content: "\"type\":\"assistant\"" },
  { type: "attachment", attachment: { type: "date" }, timestamp: at(1) },
  { type: "kind-from-tomorrow", type2: { deep: [1] } }
]

const worked = [
  ...noise,
  prompt("do it"),
  says("a", text("let me"), "tool_use", usage(10, 5)),
  says("a", call("Bash"), "tool_use", usage(10, 5)),
  prompt(result("Bash"), 3)
]

const ended = [
  ...worked,
  says("b", text("one"), "end_turn", usage(20, 7), 4),
  says("b", text("two"), "end_turn", usage(20, 7), 4)
]

const used = (inputTokens: number, outputTokens: number, calls: number) => ({
  model: "m",
  inputTokens,
  outputTokens,
  cacheReadTokens: calls * 1000,
  cacheWriteTokens: calls * 200,
  cacheWriteHourTokens: calls * 100
})

const write = Effect.fnUntraced(function*(lines: ReadonlyArray<unknown>, tail = "") {
  const sessions = yield* Census.directory("transcripts-")
  mkdirSync(join(sessions, "-other"))
  mkdirSync(join(sessions, "-w"))
  const file = join(sessions, "-w", `${session}.jsonl`)
  writeFileSync(
    file,
    lines.map((line) => `${typeof line === "string" ? line : JSON.stringify(line)}\n`).join("") + tail
  )
  return { sessions, file, transcripts: yield* makeTranscripts(sessions) }
})

const read = Effect.fnUntraced(function*(lines: ReadonlyArray<unknown>, tail = "", from?: DateTime.Utc) {
  const { transcripts } = yield* write(lines, tail)
  const found = yield* transcripts.read(session, from)
  return found ?? (yield* Effect.die(new Error("there is none")))
})

describe("a transcript", () => {
  it.effect("has the answer that the CLI gives, and each call once", () =>
    Effect.gen(function*() {
      assert.deepInclude(yield* read(ended), {
        answer: { output: "two", model: "m" },
        isIntact: true,
        isWhole: true,
        toolCalls: 1,
        turns: 2,
        usage: [used(30, 12, 2)]
      })
    }).pipe(Effect.provide(NodeServices.layer)))

  it.effect("has no answer before the end of the work", () =>
    Effect.gen(function*() {
      for (const lines of [worked.slice(0, 4), worked.slice(0, 6), worked, [...ended, prompt("and now?", 5)]]) {
        assert.deepInclude(yield* read(lines), { answer: null, isIntact: true })
      }
      const refused = says("c", text("no"), "refusal", usage(1, 1), 5)
      const failed = { ...refused, message: { ...refused.message, model: "<synthetic>" } }
      assert.isNull((yield* read([...worked, refused])).answer)
      assert.deepInclude(yield* read([...ended, failed]), { answer: null, usage: [used(30, 12, 2)] })
    }).pipe(Effect.provide(NodeServices.layer)))

  it.effect("has the value that was asked for once the CLI has taken it", () =>
    Effect.gen(function*() {
      const value = says("b", call("StructuredOutput", { n: 3 }), "tool_use", usage(20, 7), 4)
      const lines = [...worked, value]
      assert.isNull((yield* read(lines)).answer)
      assert.isNull((yield* read([...lines, prompt(result("StructuredOutput", true), 5)])).answer)
      assert.deepStrictEqual((yield* read([...lines, prompt(result("StructuredOutput"), 5)])).answer, {
        output: "{\"n\":3}",
        structured: { n: 3 },
        model: "m"
      })
    }).pipe(Effect.provide(NodeServices.layer)))

  it.effect("is read up to a line that is torn", () =>
    Effect.gen(function*() {
      const whole = JSON.stringify(says("c", text("half"), "end_turn", usage(1, 1), 5))
      for (let length = 1; length < whole.length; length += 7) {
        const found = yield* read(worked, whole.slice(0, length))
        assert.deepInclude(found, { answer: null, isIntact: true, isWhole: false, usage: [used(10, 5, 1)] })
      }
      assert.deepInclude(yield* read(worked, whole), { answer: { output: "half", model: "m" }, isIntact: true })
      assert.isFalse((yield* read([prompt("do it"), "{\"type\":\"assist", ...worked.slice(4)])).isIntact)
      assert.isFalse((yield* read(["\0\0\0\0", ...worked])).isIntact)
      assert.isFalse((yield* read(noise)).isIntact)
    }).pipe(Effect.provide(NodeServices.layer)))

  it.effect("of a session that goes on from another begins where that one ended", () =>
    Effect.gen(function*() {
      const more = [prompt("go on", 6), says("c", text("three"), "end_turn", usage(1, 2), 7)]
      const from = DateTime.makeUnsafe(at(5))
      assert.deepInclude(yield* read(ended, "", from), { answer: null, isIntact: false, usage: [], turns: 0 })
      assert.deepInclude(yield* read([...ended, ...more], "", from), {
        answer: { output: "three", model: "m" },
        isIntact: true,
        turns: 1,
        usage: [used(1, 2, 1)]
      })
    }).pipe(Effect.provide(NodeServices.layer)))

  it.effect("is paid for with that of its subagents, whose words are no answer", () =>
    Effect.gen(function*() {
      const { file, sessions, transcripts } = yield* write([
        ...ended,
        says("s", text("inner"), "end_turn", usage(3, 3), 5, { isSidechain: true })
      ])
      const inner = join(file.replace(".jsonl", ""), "subagents")
      mkdirSync(inner, { recursive: true })
      const lines = [prompt("sub", 3), says("x", text("sub"), "end_turn", usage(100, 9), 4)]
      writeFileSync(join(inner, "agent-a.jsonl"), lines.map((line) => `${JSON.stringify(line)}\n`).join(""))
      assert.deepInclude(yield* transcripts.read(session), {
        answer: { output: "two", model: "m" },
        turns: 2,
        usage: [used(133, 24, 4)]
      })
      assert.isNotEmpty(sessions)
    }).pipe(Effect.provide(NodeServices.layer)))

  it.effect("says where something was paid for that is not in it", () =>
    Effect.gen(function*() {
      const cases = [
        [...ended, { type: "system", subtype: "compact_boundary", timestamp: at(5) }],
        [...worked, says("w", call("WebSearch"), "tool_use", usage(1, 1), 4)],
        [prompt("do it"), says("b", text("x"), "end_turn", usage(1, 1, { speed: "fast" }))],
        [prompt("do it"), says("b", text("x"), "end_turn", usage(200_000, 1))],
        [
          prompt("do it"),
          says("b", text("x"), "end_turn", usage(1, 1, { server_tool_use: { web_search_requests: 1 } }))
        ]
      ]
      for (const lines of cases) assert.isFalse((yield* read(lines)).isWhole)
    }).pipe(Effect.provide(NodeServices.layer)))

  it.effect("is read whole where a line of it is longer than any answer", () =>
    Effect.gen(function*() {
      const long = prompt(`${"x".repeat(9 * 2 ** 20)} "type":"user"`, 1, { isMeta: true })
      assert.deepInclude(yield* read([...ended.slice(0, 4), long, ...ended.slice(4)]), {
        answer: { output: "two", model: "m" },
        isIntact: true
      })
    }).pipe(Effect.provide(NodeServices.layer)))

  it.effect("grows, which is seen without reading it", () =>
    Effect.gen(function*() {
      const { file, transcripts } = yield* write(worked)
      const before = yield* transcripts.size(session)
      appendFileSync(file, "{}\n")
      const after = yield* transcripts.size(session)
      assert.strictEqual(after!.bytes, before!.bytes + 3)
    }).pipe(Effect.provide(NodeServices.layer)))

  it.effect("is none of a session that there is not, or whose name is a path", () =>
    Effect.gen(function*() {
      const { transcripts } = yield* write(worked)
      for (const name of ["22222222-2222-4222-8222-222222222222", `../-w/${session}`, "..", "a/b"]) {
        assert.isNull(yield* transcripts.read(SessionId.make(name)))
        assert.isNull(yield* transcripts.size(SessionId.make(name)))
      }
      const none = yield* makeTranscripts("/proc/no/such/directory")
      assert.isNull(yield* none.read(session))
    }).pipe(Effect.provide(NodeServices.layer)))
})
