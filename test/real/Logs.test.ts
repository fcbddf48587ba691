/**
 * What the real CLI's workers say, think, call and get back, as it is kept.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { TurnsReply } from "../../src/domain/Turn.ts"
import { ApiReply, text } from "../support/ApiReply.ts"
import { RealPool } from "../support/RealPool.ts"

describe("the log of a task", () => {
  it.live("has its thoughts, its words, its tools and what came of them", () =>
    Effect.gen(function*() {
      const pool = yield* RealPool.make((request) =>
        request.hasToolResult ? text("It is mended.") : ApiReply.Message({
          blocks: [
            { type: "thinking", thinking: "Where is it?", signature: "c2lnbmVk" },
            { type: "text", text: "I look at it." },
            {
              type: "tool_use",
              id: "toolu_1",
              name: "Bash",
              input: { command: "echo one; echo two", description: "d" }
            },
            { type: "tool_use", id: "toolu_2", name: "Read", input: { file_path: "/nowhere/at/all" } }
          ],
          stopReason: "tool_use",
          tokens: {}
        })
      )
      const { code, task } = yield* pool.task(["mend it", "--permissions", "full"])
      assert.strictEqual(code, 0)
      const { stdout } = yield* pool.run(["logs", task.id, "--json"])
      const turns = (JSON.parse(stdout) as TurnsReply).turns.map(({ failed, kind, text: said, tool }) =>
        [kind, tool ?? "", said, failed === true] as const
      )
      const [begin, prompt, ...rest] = turns
      assert.match(String(begin?.[2]), /^attempt 1 on slot-\d$/)
      assert.strictEqual(prompt?.[2], "mend it")
      assert.deepStrictEqual(rest.slice(0, 4), [
        ["thought", "", "Where is it?", false],
        ["said", "", "I look at it.", false],
        ["tool", "Bash", "echo one; echo two", false],
        ["tool", "Read", "/nowhere/at/all", false]
      ])
      // Those that run at the same time are told as they end.
      const results = new Map(rest.flatMap(([kind, , said, failed]) => kind === "result" ? [[failed, said]] : []))
      assert.strictEqual(results.get(false), "one\ntwo")
      assert.include(results.get(true), "does not exist")
      assert.deepStrictEqual(rest.slice(-2), [["said", "", "It is mended.", false], ["notice", "", "done", false]])
    }))
})
