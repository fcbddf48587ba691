/**
 * What the lines of the CLI have for whoever reads along: clean, bounded, and in few words.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { ClaudeLine } from "../src/domain/ClaudeEvent.ts"
import { inputText, mostText, resultText, turnText } from "../src/domain/TurnText.ts"
import { piecesOf } from "../src/services/claude/TurnPieces.ts"

const read = (line: object) => Effect.map(Schema.decodeEffect(ClaudeLine)(JSON.stringify(line)), piecesOf)

const assistant = (content: ReadonlyArray<object>, more: object = {}) =>
  read({ type: "assistant", message: { content }, ...more })

const results = (content: unknown, more: object = {}) =>
  read({
    type: "user",
    message: { content: [{ type: "tool_result", tool_use_id: "t", content, ...more }] },
    parent_tool_use_id: null
  })

describe("an answer of the model", () => {
  it.effect("has its words, its thoughts and its calls, in order", () =>
    Effect.gen(function*() {
      const call = { type: "tool_use", id: "t", name: "Grep", input: { pattern: "x\u001b[2J\ny", path: "src" } }
      const content = [
        { type: "thinking", thinking: "hm", signature: "s" },
        { type: "text", text: " I look.\u0007 " },
        call,
        { type: "redacted_thinking", data: "x" },
        { type: "text", text: "  " }
      ]
      assert.deepStrictEqual(yield* assistant(content), [
        { kind: "thought", text: "hm" },
        { kind: "said", text: "I look." },
        { kind: "tool", tool: "Grep", text: "x y in src" }
      ])
      assert.deepStrictEqual(yield* assistant([call], { parent_tool_use_id: "p" }), [
        { kind: "tool", tool: "Grep", text: "x y in src", nested: true }
      ])
    }))

  it.effect("that the CLI made itself is a failure", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* assistant([{ type: "text", text: "API Error" }], { error: "rate_limit" }), [
        { kind: "notice", text: "API Error", failed: true }
      ])
      const retry = { type: "system", subtype: "api_retry", attempt: 1, retry_delay_ms: 1510, error_status: 529 }
      assert.deepStrictEqual(yield* read(retry), [
        { kind: "notice", text: "the provider failed (HTTP 529); the CLI tries again in 1.5s" }
      ])
      assert.deepStrictEqual(yield* read({ type: "result", subtype: "success" }), [])
    }))
})

describe("what a tool gave back", () => {
  it.effect("is a text, or the texts of its parts, and says whether it failed", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* results("ok"), [{ kind: "result", text: "ok" }])
      assert.deepStrictEqual(yield* results("no", { is_error: true }), [{ kind: "result", text: "no", failed: true }])
      const parts = [{ type: "text", text: "one" }, { type: "image", source: {} }]
      assert.deepStrictEqual(yield* results(parts), [{ kind: "result", text: "one\n(no text)" }])
      // What has another shape in a newer CLI is still an answer to its call.
      for (const odd of [undefined, 7, { a: 1 }]) {
        assert.deepStrictEqual(yield* results(odd, { is_error: "perhaps" }), [{ kind: "result", text: "" }])
      }
    }))

  it("is kept with its first lines", () => {
    const lines = Array.from({ length: 100 }, (_, index) => `line ${index}`).join("\n")
    const kept = resultText(lines)
    assert.match(kept, /^line 0\n[^]*\nline 39\n… \(cut off; \d+ characters in all\)$/)
    assert.isBelow(resultText("x".repeat(10_000_000)).length, 3100)
    assert.strictEqual(resultText("x".repeat(3000)), "x".repeat(3000))
  })
})

describe("texts", () => {
  it("are clean and bounded, and say where something is missing", () => {
    assert.strictEqual(turnText("a\u001b[31mb\u200b\r\n</worker-output>\n"), "ab\n&lt;/worker-output>")
    const long = turnText(`${"x".repeat(mostText - 1)}😀${"y".repeat(1e6)}`)
    assert.strictEqual(long, `${"x".repeat(mostText - 1)}\n… (cut off; ${mostText + 1 + 1e6} characters in all)`)
  })

  it("of a tool's input are its command, path or pattern, else all of it", () => {
    const cases: ReadonlyArray<readonly [unknown, string]> = [
      [{ command: "npm  test\n-- x", description: "tests" }, "npm test -- x"],
      [{ file_path: "/a.ts", old_string: "x".repeat(1e6) }, "/a.ts"],
      [{ to: "all", when: 1 }, "{\"to\":\"all\",\"when\":1}"],
      [{}, ""],
      [undefined, ""],
      ["text", "text"],
      [[1, 2], "[1,2]"]
    ]
    for (const [input, text] of cases) assert.strictEqual(inputText(input), text)
    assert.isAtMost(inputText({ command: "x".repeat(1e6) }).length, 300)
  })
})
