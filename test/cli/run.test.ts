import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Ref } from "effect"
import { NotLoggedIn } from "../../src/domain/EnvironmentFailure.ts"
import { fail } from "../../src/domain/Failure.ts"
import { BudgetRefused } from "../../src/domain/LimitFailure.ts"
import { fromUsd } from "../../src/domain/MicroUsd.ts"
import type { TaskRequest } from "../../src/domain/TaskRequest.ts"
import type { Pool } from "../../src/services/Pool.ts"
import { claudePoolIn } from "../support/FrontDoor.ts"
import { doneView, failedView, sampleId } from "../support/SampleViews.ts"

const pages = ["first page, ", "second page"]

/** A pool whose every answer has two pages. */
const answering: Partial<Pool["Service"]> = {
  run: () => Effect.succeed(doneView("a")),
  output: (id, { offset }) =>
    Effect.succeed(
      offset === 0
        ? { id, offset, total: 23, text: pages[0]!, next_offset: 12 }
        : { id, offset, total: 23, text: pages[1]! }
    )
}

const run = claudePoolIn({ pool: answering })

/** What the pool is asked for by these arguments. */
const requestOf = (argv: ReadonlyArray<string>, world: Parameters<typeof claudePoolIn>[0] = {}) =>
  Effect.gen(function*() {
    const asked = yield* Deferred.make<TaskRequest>()
    const told = yield* claudePoolIn({
      ...world,
      pool: { ...answering, run: (request) => Effect.as(Deferred.succeed(asked, request), doneView("a")) }
    })("run", ...argv)
    assert.strictEqual(told.exitCode, 0, told.stderr)
    return yield* Deferred.await(asked)
  })

describe("claude-pool run", () => {
  it.effect("prints the whole answer on stdout, and how it went on stderr", () =>
    Effect.gen(function*() {
      const told = yield* run("run", "say hi")
      assert.strictEqual(told.stdout, "first page, second page")
      assert.strictEqual(
        told.stderr,
        "permissions: edit — reads and changes files in /project, runs no commands; --permissions read-only|full to change\n" +
          `${sampleId("a")} done · $0.0123 · 3 turns · 12.5s · sonnet`
      )
      assert.strictEqual(told.exitCode, 0)
    }))

  it.effect("prints one JSON value with --json, before or after its name, and nothing on stderr", () =>
    Effect.gen(function*() {
      const before = yield* run("--json", "run", "say hi")
      const after = yield* run("run", "say hi", "--json")
      assert.deepStrictEqual(JSON.parse(after.stdout), { ...doneView("a"), output: "first page, second page" })
      assert.deepStrictEqual(before, after)
      assert.strictEqual(after.stderr, "")
    }))

  it.effect("hands the options over as the request of the task", () =>
    Effect.gen(function*() {
      const files = {
        "/project/sub/file": "",
        "/project/schema.json": `{"type": "object"}`,
        "/project/mcp.json": `{"mcpServers": {"docs": {"command": "docs-server"}}}`,
        "/project/system.txt": "be brief"
      }
      const request = yield* requestOf(
        ["do it", "--name", "n", "--tag", "a", "--tag", "b", "--key", "k", "--cwd", "sub", "--budget-usd", "0.25"]
          .concat(
            ["--system-prompt-file", "system.txt", "--allowed-tool", "Bash(npm test)", "--permission-mode", "plan"],
            ["--schema", "schema.json", "--mcp-config", "mcp.json", "--continue-from", sampleId("b")]
          ),
        { files }
      )
      assert.deepStrictEqual(request, {
        prompt: "do it",
        name: "n",
        tags: ["a", "b"],
        key: "k",
        cwd: "/project/sub",
        budget: fromUsd(0.25),
        systemPrompt: "be brief",
        allowedTools: ["Bash(npm test)"],
        permissionMode: "plan",
        schema: { type: "object" },
        mcpServers: { docs: { command: "docs-server" } },
        continueFrom: sampleId("b")
      })
    }))

  it.effect("takes the prompt from stdin without an argument or with -, and leaves stdin alone otherwise", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* requestOf([], { stdin: "piped\n" })).prompt, "piped\n")
      assert.strictEqual((yield* requestOf(["-"], { stdin: "piped" })).prompt, "piped")
      assert.strictEqual((yield* requestOf(["said"], { stdin: "piped" })).prompt, "said")
      assert.strictEqual((yield* requestOf(["--simulate", "no"])).prompt, "no")
      assert.strictEqual((yield* requestOf(["--", "--not-a-flag"])).prompt, "--not-a-flag")
    }))

  it.effect("exits as the task ended", () =>
    Effect.gen(function*() {
      for (
        const [code, exitCode] of [
          ["ModelRefused", 1],
          ["BudgetExceeded", 3],
          ["UsageLimited", 4],
          ["Stalled", 5],
          ["NotLoggedIn", 6],
          ["SomethingNew", 1]
        ] as const
      ) {
        const told = yield* claudePoolIn({ pool: { run: () => Effect.succeed(failedView("f", code)) } })("run", "x")
        assert.strictEqual(told.exitCode, exitCode, code)
        assert.strictEqual(told.stdout, "")
        assert.include(told.stderr, `error: it was ${code}\nhint: do it differently`)
      }
      const cancelled = { ...doneView("c"), state: "cancelled" } as const
      assert.strictEqual(
        (yield* claudePoolIn({ pool: { run: () => Effect.succeed(cancelled) } })("run", "x")).exitCode,
        130
      )
    }))

  it.effect("says why a task was not taken, in the form that was asked for", () =>
    Effect.gen(function*() {
      const refusal = new BudgetRefused({
        of: "pool",
        asked: fromUsd(5),
        cap: fromUsd(6),
        settled: fromUsd(2),
        reserved: fromUsd(0)
      })
      const refusing = claudePoolIn({ pool: { run: () => fail(refusal) } })

      const told = yield* refusing("run", "x")
      assert.strictEqual(told.exitCode, 3)
      assert.include(
        told.stderr,
        "error: the pool's budget has no room for $5.00: cap $6.00, spent $2.00, reserved $0.00"
      )

      const json = yield* refusing("run", "x", "--json")
      assert.strictEqual(json.exitCode, 3)
      assert.strictEqual(json.stderr, "")
      assert.deepStrictEqual(JSON.parse(json.stdout), {
        error: { code: "BudgetRefused", message: refusal.message, hint: refusal.hint, retryable: false }
      })

      const environment = fail(new NotLoggedIn({ status: 401, detail: "no key" }))
      assert.strictEqual((yield* claudePoolIn({ pool: { run: () => environment } })("run", "x")).exitCode, 6)
    }))

  it.effect("takes a defect for what it is: one line, and no trace", () =>
    Effect.gen(function*() {
      const told = yield* claudePoolIn({ pool: { run: () => Effect.die(new Error("boom")) } })("run", "x")
      assert.strictEqual(told.exitCode, 1)
      assert.include(told.stderr, "error: claude-pool itself failed: boom (version 1.2.3)\nhint: ")
      assert.notInclude(told.stderr, "at ")
    }))

  it.effect("does not let an answer steer the terminal, and gives a program all of it", () =>
    Effect.gen(function*() {
      const steering: Partial<Pool["Service"]> = {
        ...answering,
        output: (id) => Effect.succeed({ id, offset: 0, total: 1, text: "a\u001b[2Jb\u0007c\n" })
      }
      const piped = yield* claudePoolIn({ pool: steering })("run", "x")
      const seen = yield* claudePoolIn({ pool: steering, machine: { stdoutIsTerminal: true } })("run", "x")
      assert.strictEqual(piped.stdout, "a\u001b[2Jb\u0007c")
      assert.strictEqual(seen.stdout, "abc")
    }))

  it.effect("names the tools that were denied", () =>
    Effect.gen(function*() {
      const denials = ["Bash", "Write", "Bash"].map((tool) => ({ tool, input: "{}" }))
      const pool = { ...answering, run: () => Effect.succeed(doneView("a", { denials })) }
      const told = yield* claudePoolIn({ pool })("run", "x")
      assert.include(told.stderr, "denied: Bash × 2, Write × 1; ")
    }))

  it.effect("is not asked for more than once", () =>
    Effect.gen(function*() {
      const times = yield* Ref.make(0)
      const counted = { ...answering, run: () => Effect.as(Ref.update(times, (n) => n + 1), doneView("a")) }
      yield* claudePoolIn({ pool: counted })("run", "x")
      assert.strictEqual(yield* Ref.get(times), 1)
    }))
})
