/**
 * One task on the real CLI, from the command line to the provider and back: answer, figures, tools, options.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { ApiReply, text, textsOf, toolUse } from "../support/ApiReply.ts"
import { RealPool } from "../support/RealPool.ts"
import { type ApiRequest, thenText } from "../support/ScriptedApi.ts"

const sonnet = "claude-sonnet-5-5"

/** Sonnet's list price: $2 and $10 for a million tokens in and out. */
const priceOf = (inputTokens: number, outputTokens: number) => (inputTokens * 2 + outputTokens * 10) / 1e6

const toolNames = ({ body }: ApiRequest) => (body.tools ?? []).map(({ name }) => name)

const sessionId = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

const call = (id: string, name: string, input: unknown) => ({ type: "tool_use", id, name, input } as const)

describe("an answer", () => {
  it.live("comes with its cost, its session and its model", () =>
    Effect.gen(function*() {
      const pool = yield* RealPool.make([text("hello\nworld", { inputTokens: 1000, outputTokens: 100 })])
      const { code, task } = yield* pool.task(["say hello", "--model", sonnet])
      assert.strictEqual(code, 0)
      assert.include(task, { state: "done", output: "hello\nworld", summary: "hello\nworld", model: sonnet })
      assert.include(task, { cost_usd: priceOf(1000, 100), turns: 1, attempts: 1 })
      assert.isUndefined(task.cost_exact)
      assert.match(task.session ?? "", sessionId)
      assert.deepStrictEqual(pool.api.requests.map(({ lastText }) => lastText), ["say hello"])

      const result = yield* pool.run(["result", task.id])
      assert.include(result, { code: 0, stdout: "hello\nworld\n" })
    }))

  it.live("goes to stdout alone; how it went goes to stderr", () =>
    Effect.gen(function*() {
      const pool = yield* RealPool.make([text("for stdout")])
      const { code, stderr, stdout } = yield* pool.run(["run", "say it"])
      assert.deepStrictEqual({ code, stdout }, { code: 0, stdout: "for stdout\n" })
      assert.match(stderr, /^permissions: edit /)
      assert.match(stderr, /\nt_\S+ done · \$\S+ · 1 turn · \S+ · claude-\S+\n$/)
    }))

  it.live("fits its schema", () =>
    Effect.gen(function*() {
      const answer = { name: "rust", year: 2015 }
      const pool = yield* RealPool.make([toolUse("StructuredOutput", answer, { inputTokens: 500, outputTokens: 10 })])
      const properties = { name: { type: "string" }, year: { type: "integer" } }
      const schema = pool.write(
        "schema.json",
        JSON.stringify({ type: "object", properties, required: ["name", "year"], additionalProperties: false })
      )
      const { code, task } = yield* pool.task(["which language?", "--schema", schema, "--model", sonnet])
      assert.strictEqual(code, 0)
      assert.deepStrictEqual(task.structured, answer)
      assert.deepStrictEqual(JSON.parse(task.output), answer)
      assert.strictEqual(task.cost_usd, priceOf(500, 10))
    }))

  it.live("to a prompt of a megabyte: all of it arrives", () =>
    Effect.gen(function*() {
      const prompt = Array.from({ length: 20_000 }, (_, index) => `line ${index}: ${"ünïcödé ".repeat(5)}`).join("\n")
      assert.isAbove(Buffer.byteLength(prompt), 1_000_000)
      const pool = yield* RealPool.make([text("read")])
      const { code } = yield* pool.task(["-"], { stdin: prompt })
      assert.strictEqual(code, 0)
      assert.isTrue(pool.api.main[0]?.lastText === prompt, "the prompt has changed on its way")
    }))
})

describe("a tool", () => {
  it.live("of the full profile: Bash writes a file in the working directory", () =>
    Effect.gen(function*() {
      const bash = toolUse("Bash", { command: "pwd > where.txt", description: "say where" }, { outputTokens: 50 })
      const pool = yield* RealPool.make(thenText(bash, "written"))
      const { code, task } = yield* pool.task(["write it", "--permissions", "full"])
      assert.strictEqual(code, 0)
      assert.include(task, { output: "written", turns: 2 })
      assert.strictEqual(readFileSync(join(pool.project, "where.txt"), "utf8"), `${pool.project}\n`)
      assert.isUndefined(task.denials)
    }))

  it.live("of the edit profile: Write works in the working directory, and is denied outside", () =>
    Effect.gen(function*() {
      const pool: RealPool = yield* RealPool.make((request) =>
        request.hasToolResult ? text("tried") : ApiReply.Message({
          blocks: [
            call("toolu_in", "Write", { file_path: join(pool.project, "in.txt"), content: "inside" }),
            call("toolu_out", "Write", { file_path: join(pool.home, "out.txt"), content: "outside" })
          ],
          stopReason: "tool_use",
          tokens: {}
        })
      )
      const { code, task } = yield* pool.task(["write both"])
      assert.strictEqual(code, 0)
      assert.strictEqual(readFileSync(join(pool.project, "in.txt"), "utf8"), "inside")
      assert.isFalse(existsSync(join(pool.home, "out.txt")))
      assert.deepStrictEqual(task.denials?.map(({ tool }) => tool), ["Write"])
      assert.include(task.denials?.[0]?.input, "out.txt")
      assert.notInclude(toolNames(pool.api.main[0]!), "Bash")
    }))

  it.live("of the read-only profile: none that writes or runs is offered, and a call of one does nothing", () =>
    Effect.gen(function*() {
      const write = (directory: string) => ({ file_path: join(directory, "no.txt"), content: "no" })
      const pool: RealPool = yield* RealPool.make((request) =>
        request.hasToolResult ? text("could not") : toolUse("Write", write(pool.project))
      )
      const { code, task } = yield* pool.task(["write it", "--permissions", "read-only"])
      assert.include({ code, output: task.output }, { code: 0, output: "could not" })
      assert.isFalse(existsSync(join(pool.project, "no.txt")))
      const offered = toolNames(pool.api.main[0]!)
      assert.includeMembers(offered, ["Read", "Grep", "Glob"])
      for (const tool of ["Edit", "Write", "NotebookEdit", "Bash", "WebFetch", "WebSearch"]) {
        assert.notInclude(offered, tool)
      }
    }))

  it.live("that a task denies is not offered; one that it allows is", () =>
    Effect.gen(function*() {
      const pool = yield* RealPool.make([text("ok")])
      const { code } = yield* pool.task(["look", "--denied-tool", "Write", "--allowed-tool", "Bash(git status)"])
      assert.strictEqual(code, 0)
      const offered = toolNames(pool.api.main[0]!)
      assert.notInclude(offered, "Write")
      assert.includeMembers(offered, ["Edit", "Bash"])
    }))
})

describe("options of a task", () => {
  it.live("reach the provider: model, effort, system prompt", () =>
    Effect.gen(function*() {
      const pool = yield* RealPool.make([text("ok")])
      const words = "Answer like a pirate who has read the manual."
      const { code } = yield* pool.task(
        ["hello", "--model", "claude-opus-5-5", "--effort", "low", "--system-prompt", words]
      )
      assert.strictEqual(code, 0)
      const [request] = pool.api.main
      assert.strictEqual(request?.body.model, "claude-opus-5-5")
      const system = textsOf(request?.body.system)
      assert.isTrue(system.some((part) => part.includes(words)), "the system prompt has not arrived")
      // It is added to the CLI's own.
      assert.isAbove(system.join("\n").length, 1000)
      assert.deepInclude(JSON.parse(request?.raw ?? "{}"), { output_config: { effort: "low" } })
    }))

  it.live("continue an earlier task: its conversation is there, and only what is new costs", () =>
    Effect.gen(function*() {
      const figures = [{ inputTokens: 1000, outputTokens: 100 }, { inputTokens: 3000, outputTokens: 20 }]
      const pool = yield* RealPool.make(figures.map((tokens, index) => text(`answer ${index}`, tokens)))
      const first = yield* pool.task(["remember the word marmalade", "--model", sonnet])
      const second = yield* pool.task(["which word?", "--continue-from", first.task.id, "--model", sonnet])
      assert.deepStrictEqual([first.code, second.code], [0, 0])
      assert.strictEqual(second.task.output, "answer 1")
      assert.strictEqual(first.task.cost_usd, priceOf(1000, 100))
      assert.strictEqual(second.task.cost_usd, priceOf(3000, 20))
      assert.notStrictEqual(second.task.session, first.task.session)
      // Between what was said, the CLI itself tells the model of its surroundings.
      const said = pool.api.main[1]?.body.messages.flatMap(({ content, role }) =>
        role === "system" ? [] : [[role, textsOf(content).at(-1)]]
      )
      assert.deepStrictEqual(said, [
        ["user", "remember the word marmalade"],
        ["assistant", "answer 0"],
        ["user", "which word?"]
      ])
    }))
})
