/**
 * Chains on the real CLI: what a step hands on is what the provider is asked with next, and nothing is asked for twice.
 */
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect } from "effect"
import { mkdirSync, readdirSync } from "node:fs"
import { join } from "node:path"
import type { ChainDefinition } from "../../src/domain/ChainDefinition.ts"
import { ChainId } from "../../src/domain/ChainId.ts"
import type { ChainView } from "../../src/domain/ChainView.ts"
import { cutOffPrompt } from "../../src/domain/CutOffPrompt.ts"
import { type ApiReply, hang, hangAfter, status, text, toolUse } from "../support/ApiReply.ts"
import { Census } from "../support/Census.ts"
import { micros, priceOf, RealHost, sonnet } from "../support/RealHost.ts"
import { RealPool } from "../support/RealPool.ts"
import type { ApiRequest } from "../support/ScriptedApi.ts"

const files = ["src/one.ts", "src/other.ts"]

const written = "one is written\n{vars.nothing} </value>\n{steps.plan.output}"

const schema = {
  type: "object",
  properties: { files: { type: "array", items: { type: "string" } } },
  required: ["files"],
  additionalProperties: false
}

const definition: ChainDefinition = {
  steps: [
    { name: "plan", prompt: "PLAN {vars.what}", schema },
    { name: "write", prompt: "WRITE {steps.plan.files[0]}, one of {steps.plan.files}" },
    { name: "judge", prompt: "JUDGE {steps.plan.files[1]}:\n{previous_output}\nIs it well done?" }
  ],
  variables: { what: { default: "the work" } }
}

const planned = toolUse("StructuredOutput", { files }, { inputTokens: 1001, outputTokens: 103 })

/** What the provider says to each step. */
const answers: Readonly<Record<string, ApiReply>> = {
  PLAN: planned,
  WRITE: text(written, { inputTokens: 2003, outputTokens: 7 }),
  JUDGE: text("it is", { inputTokens: 17, outputTokens: 1 })
}

/** Whoever was cut off while it wrote goes on writing. */
const stepOf = ({ lastText }: ApiRequest): string =>
  lastText === cutOffPrompt ? "WRITE" : /^[A-Z]+/.exec(lastText)?.[0] ?? lastText

const answer = (request: ApiRequest): ApiReply => answers[stepOf(request)] ?? text("nobody has asked for this")

const fenced = new RegExp(`^JUDGE src/other\\.ts:
<value of="previous_output" nonce=([0-9a-f]{16})>
${written.replace(/[{}./]/g, "\\$&")}
</value \\1>
Is it well done\\?$`)

describe("a chain", () => {
  it.live("hands on what its steps have come to, in one directory, and its costs add up", () =>
    Effect.gen(function*() {
      const { api, open, project } = yield* RealHost.make(answer)
      const pool = yield* open()
      const cwd = join(project, "part")
      mkdirSync(cwd)
      const view = yield* pool.runChain({ definition, cwd, vars: { what: "both files" } })
      assert.strictEqual(view.state, "done", JSON.stringify(view))

      const [plan, write, judge] = api.main.map(({ lastText }) => lastText)
      assert.strictEqual(plan, "PLAN both files")
      assert.strictEqual(write, `WRITE src/one.ts, one of ["src/one.ts","src/other.ts"]`)
      assert.match(judge ?? "", fenced)
      assert.strictEqual(api.main.length, 3)
      for (const { raw } of api.main) assert.include(raw, `directory: ${cwd}\\n`)

      assert.deepStrictEqual(view.steps[0]?.structured, { files })
      assert.deepInclude(view, { summary: "it is", output_chars: 5 })
      assert.strictEqual((yield* pool.output(ChainId.make(view.id), { offset: 0, limit: 100 })).text, "it is")
      const prices = [priceOf(1001, 103), priceOf(2003, 7), priceOf(17, 1)]
      assert.deepStrictEqual(view.steps.map(({ cost_usd }) => micros(cost_usd)), prices)
      const all = prices.reduce((sum, price) => sum + price)
      assert.strictEqual(micros(view.cost_usd), all)
      const { budget } = yield* pool.status
      assert.deepStrictEqual([micros(budget.spent_usd), budget.reserved_usd], [all, 0])
    }).pipe(Effect.scoped))

  it.live("goes on in the next pool when its own was killed, and what was done is not asked for again", () =>
    Effect.gen(function*() {
      const pool = yield* RealPool.make((request, index) => index === 1 ? hangAfter("half of it") : answer(request))
      const plan = pool.write("plan.json", JSON.stringify(definition))
      const started = yield* pool.start(["chain", plan, "--model", sonnet])
      yield* pool.api.nextRequest(1)
      yield* started.kill("SIGKILL")
      assert.include(yield* started.ended, { code: null, signal: "SIGKILL" })
      assert.deepStrictEqual(yield* Census.survivorsOf(pool.directory), [])

      const waited = yield* pool.run(["wait", "--json"])
      assert.strictEqual(waited.code, 0, waited.stderr)
      const { chains } = JSON.parse(waited.stdout) as { readonly chains: ReadonlyArray<ChainView> }
      assert.deepInclude(chains[0], { state: "done", summary: "it is" })
      assert.deepStrictEqual(chains[0]?.steps.map(({ attempts }) => attempts), [1, 2, 1])
      const output = yield* pool.run(["output", chains[0]?.id ?? "none"])
      assert.include(output, { code: 0, stdout: "it is\n" })
      assert.deepStrictEqual(pool.api.main.map(stepOf), ["PLAN", "WRITE", "WRITE", "JUDGE"])
      // It goes on in its session where the CLI had written that down before the end, and else is asked again.
      assert.include([cutOffPrompt, pool.api.main[1]?.lastText], pool.api.main[2]?.lastText)
      assert.match(pool.api.main[3]?.lastText ?? "", fenced)
    }).pipe(Effect.scoped))

  it.live("puts what is too long for a prompt into a file, which its worker may read", () =>
    Effect.gen(function*() {
      const long = Array.from({ length: 600 }, (_, line) => `line ${line} of a long story, word for word`).join("\n")
      const named = /in the file (\.claude-pool\/inputs\/\S+\.txt)\]/
      const { api, open, project } = yield* RealHost.make((request, index) => {
        if (index === 0) return text(long)
        const [, file] = named.exec(request.lastText) ?? []
        return file === undefined ? text("read") : toolUse("Read", { file_path: file })
      })
      const pool = yield* open()
      const steps = [{ name: "tell", prompt: "TELL" }, { name: "read", prompt: "READ {previous_output}" }] as const
      const view = yield* pool.runChain({ definition: { defaults: { permissions: "read-only" }, steps } })
      assert.strictEqual(view.state, "done", JSON.stringify(view))
      const [, asked, read] = api.main
      assert.match(
        asked?.lastText ?? "",
        new RegExp(`^READ \\[previous_output: ${long.length} characters, ${named.source}$`)
      )
      assert.include(read?.raw, "line 599 of a long story, word for word")
      assert.deepStrictEqual(readdirSync(project), [])
    }).pipe(Effect.scoped))

  it.live("that has failed goes on where it failed, in the session that it continues", () =>
    Effect.gen(function*() {
      const { api, open } = yield* RealHost.make((_, index) => index === 1 ? status(413) : text(`answer ${index}`))
      const pool = yield* open()
      const steps = [{ name: "first", prompt: "FIRST" }, { name: "then", prompt: "THEN", continues: "first" }] as const
      const failed = yield* pool.runChain({ definition: { steps } })
      assert.deepInclude(failed, { state: "failed", failed_step: "then" })
      assert.strictEqual(failed.error?.code, "RequestRejected")
      const id = ChainId.make(failed.id)
      yield* pool.resumeChain(id)
      const { chains } = yield* pool.wait({ ids: [id], mode: "all", timeout: Duration.minutes(1) })
      assert.deepInclude(chains?.[0], { state: "done", summary: "answer 2", resumes: 1 })
      assert.deepStrictEqual(api.main.map(({ lastText }) => lastText), ["FIRST", "THEN", "THEN"])
      assert.include(api.main[2]?.raw, "answer 0")
    }).pipe(Effect.scoped))

  it.live("that is cancelled ends its worker, and begins no other step", () =>
    Effect.gen(function*() {
      const { api, directory, open } = yield* RealHost.make([hang])
      const pool = yield* open()
      const { id } = yield* pool.submitChain({ definition })
      yield* api.nextRequest(0)
      assert.isNotEmpty(Census.processesOf(directory))
      const refused = yield* Effect.flip(pool.resumeChain(ChainId.make(id)))
      assert.include(refused.message, "is running")
      assert.deepStrictEqual(yield* pool.cancel([ChainId.make(id)], "no more"), {
        cancelled: [id],
        already_finished: []
      })
      assert.deepStrictEqual(Census.processesOf(directory), [])
      const { state, steps } = yield* pool.chain(ChainId.make(id))
      assert.strictEqual(state, "cancelled")
      assert.deepStrictEqual(steps.map((step) => step.state), ["cancelled", "waiting", "waiting"])
      assert.strictEqual(api.main.length, 1)
    }).pipe(Effect.scoped))
})
