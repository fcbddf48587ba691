/**
 * What the real CLI has left when its pool is killed, and what the next pool makes of it: an answer that was paid for is
 * taken, a conversation is gone on with, and the ledger says what the CLI would have said.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import type { OnCrash } from "../../src/domain/TaskRequest.ts"
import type { TaskView } from "../../src/domain/TaskView.ts"
import { type ApiReply, hang, text, textsOf, toolUse } from "../support/ApiReply.ts"
import { Census } from "../support/Census.ts"
import { FileWatch } from "../support/FileWatch.ts"
import { micros, priceOf, sonnet } from "../support/RealHost.ts"
import { RealPool, type Running } from "../support/RealPool.ts"
import type { ApiRequest, ApiScript } from "../support/ScriptedApi.ts"

const policies: ReadonlyArray<OnCrash> = ["resume", "retry", "fail"]

/** What the tokens of these replies cost: $0.10 for a million from the cache, $2.50 into it. */
const priced = (tokens: { in: number; out: number; read: number; written: number }): number =>
  Math.round(priceOf(tokens.in, tokens.out) + tokens.read * 0.1 + tokens.written * 2.5)

/** Two answers from which the prices of the model can be told. */
const primes = [
  text("one", { inputTokens: 1000, outputTokens: 10, cacheCreationTokens: 2000 }),
  text("two", { inputTokens: 100, outputTokens: 20, cacheReadTokens: 5000 })
]

const linesOf = (pool: RealPool): ReadonlyArray<string> => {
  const sessions = join(pool.store, "sessions")
  if (!existsSync(sessions)) return []
  return readdirSync(sessions, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".jsonl"))
    .flatMap((file) => readFileSync(join(sessions, file), "utf8").split("\n"))
}

/** Waits until a line of a transcript has all of these in it. */
const written = (pool: RealPool, ...parts: ReadonlyArray<string>) =>
  FileWatch.until(
    join(pool.store, "sessions"),
    () => linesOf(pool).some((line) => parts.every((part) => line.includes(part)))
  )

/** A pool that knows the prices. The first main request after is `primes.length`. */
const primed = Effect.fnUntraced(function*(script: Extract<ApiScript, (...given: never) => unknown>) {
  const pool = yield* RealPool.make((request, index) => primes[index] ?? script(request, index - primes.length))
  for (const _ of primes) yield* pool.task(["learn the prices", "--model", sonnet])
  return pool
})

const start = (pool: RealPool, policy: OnCrash, ...more: ReadonlyArray<string>) =>
  pool.start(["run", "--json", "WORK on it", "--model", sonnet, "--permissions", "full", "--on-crash", policy, ...more])

const kill = Effect.fnUntraced(function*(pool: RealPool, started: Running) {
  yield* started.kill("SIGKILL")
  assert.include(yield* started.ended, { signal: "SIGKILL" })
  assert.deepStrictEqual(yield* Census.survivorsOf(pool.directory), [])
})

/** Opens the next pool, and answers with what has become of the newest task. */
const next = Effect.fnUntraced(function*(pool: RealPool) {
  const waited = yield* pool.run(["wait"])
  const { stdout } = yield* pool.run(["list", "--json"])
  const [task] = (JSON.parse(stdout) as { readonly tasks: ReadonlyArray<TaskView> }).tasks
  return { code: waited.code, task: task! }
})

/** What was said so far, by whom. */
const conversation = ({ body }: ApiRequest): string =>
  body.messages.filter(({ role }) => role !== "system").map(({ content, role }) =>
    `${role}: ${textsOf(content).at(-1) ?? JSON.stringify(content)}`
  ).join("\n")

describe("a pool that is killed while the answer is pending", () => {
  for (const policy of policies) {
    it.live(`(${policy})`, () =>
      Effect.gen(function*() {
        const pool = yield* primed((_, index) => index === 0 ? hang : text("at last", { inputTokens: 50 }))
        const started = yield* start(pool, policy)
        yield* pool.api.nextRequest(2)
        yield* written(pool, "WORK on it", "\"type\":\"user\"")
        yield* kill(pool, started)

        const { task } = yield* next(pool)
        if (policy === "fail") {
          assert.deepInclude(task, { state: "failed", attempts: 1, cost_exact: false })
          assert.strictEqual(task.error?.code, "Interrupted")
          assert.lengthOf(pool.api.main, 3)
          return
        }
        assert.deepInclude(task, { state: "done", summary: "at last", attempts: 2, cost_exact: false })
        assert.strictEqual(micros(task.cost_usd), priceOf(50, 5))
        const asked = conversation(pool.api.main[3]!)
        assert.include(asked, "user: WORK on it")
        if (policy === "resume") assert.match(asked, /user: Your work on the task in this conversation was cut off/)
        else assert.notInclude(asked, "cut off")
      }))
  }
})

describe("a pool that is killed while a tool runs", () => {
  const endless: ApiReply = toolUse(
    "Bash",
    { command: "echo up > begun; tail -f /dev/null; exit", description: "run for ever", timeout: 600_000 },
    { inputTokens: 1000, outputTokens: 100, cacheReadTokens: 3000, text: "I begin." }
  )

  for (const policy of policies) {
    it.live(`(${policy}) has its tokens in the ledger`, () =>
      Effect.gen(function*() {
        const pool = yield* primed((_, index) => index === 0 ? endless : text("at last", { inputTokens: 50 }))
        const started = yield* start(pool, policy)
        yield* pool.file(join(pool.project, "begun"))
        yield* written(pool, "toolu_Bash", "\"type\":\"assistant\"")
        yield* kill(pool, started)

        const { task } = yield* next(pool)
        const lost = priced({ in: 1000, out: 100, read: 3000, written: 0 })
        if (policy === "fail") {
          assert.deepInclude(task, { state: "failed", attempts: 1, cost_exact: false })
          assert.strictEqual(micros(task.cost_usd), lost)
          return
        }
        assert.deepInclude(task, { state: "done", summary: "at last", attempts: 2, cost_exact: false })
        // What the resumed session begins with is not counted again.
        assert.strictEqual(micros(task.cost_usd), lost + priceOf(50, 5))
        const asked = conversation(pool.api.main[3]!)
        assert.strictEqual(asked.includes("assistant: I begin."), policy === "resume", asked)
        assert.strictEqual(asked.includes("was cut off"), policy === "resume", asked)
      }))
  }
})

describe("a pool that is killed between the end of the work and its record", () => {
  for (const policy of policies) {
    it.live(`(${policy}) has the answer, at its price, and nobody is asked again`, () =>
      Effect.gen(function*() {
        let started: Running | undefined
        const pool = yield* primed((request, index) =>
          request.hasToolResult
            // Whoever would hear of the answer stands still before it is given.
            ? Effect.as(
              started!.kill("SIGSTOP"),
              text("the work of an hour", { inputTokens: 70, outputTokens: 7, cacheReadTokens: 900 })
            )
            : index === 0
            ? toolUse("Bash", { command: "echo hi", description: "say hi" }, {
              inputTokens: 30,
              cacheCreationTokens: 400
            })
            : text("not asked for")
        )
        started = yield* start(pool, policy)
        yield* written(pool, "the work of an hour", "end_turn")
        yield* kill(pool, started)

        const { code, task } = yield* next(pool)
        assert.strictEqual(code, 0)
        assert.deepInclude(task, { state: "done", summary: "the work of an hour", attempts: 1 })
        assert.notProperty(task, "cost_exact")
        assert.strictEqual(
          micros(task.cost_usd),
          priced({ in: 100, out: 12, read: 900, written: 400 })
        )
        assert.lengthOf(pool.api.main, 4)
        const { stdout } = yield* pool.run(["output", task.id])
        assert.strictEqual(stdout, "the work of an hour\n")
      }))
  }

  it.live("has the value that was asked for", () =>
    Effect.gen(function*() {
      let started: Running | undefined
      const pool = yield* primed(() =>
        Effect.as(started!.kill("SIGSTOP"), toolUse("StructuredOutput", { n: 3 }, { inputTokens: 40 }))
      )
      const schema = pool.write(
        "schema.json",
        JSON.stringify({ type: "object", properties: { n: { type: "number" } } })
      )
      started = yield* start(pool, "resume", "--schema", schema)
      yield* written(pool, "toolu_StructuredOutput", "tool_result")
      yield* kill(pool, started)

      const { task } = yield* next(pool)
      assert.deepInclude(task, { state: "done", structured: { n: 3 }, attempts: 1 })
      assert.strictEqual(micros(task.cost_usd), priceOf(40, 5))
      assert.lengthOf(pool.api.main, 3)
    }))
})
