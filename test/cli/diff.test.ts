/**
 * What a task has changed, and whether that is what was expected: asked for, told, and shown before it is accepted.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { OutputOptions } from "../../src/domain/CallOptions.ts"
import { CommitId } from "../../src/domain/Commit.ts"
import type { TaskRequest } from "../../src/domain/TaskRequest.ts"
import type { TaskView } from "../../src/domain/TaskView.ts"
import { claudePoolIn } from "../support/FrontDoor.ts"
import { doneView, queuedView, sampleId } from "../support/SampleViews.ts"

const id = sampleId("a")

const patch = [
  "diff --git a/a.sql b/a.sql",
  "--- a/a.sql",
  "+++ b/a.sql",
  "@@ -1,2 +1,2 @@",
  "--- an old comment",
  "+++ a new one\u001b[2J",
  " kept",
  ""
].join("\n")

const changed: TaskView = {
  ...doneView("a"),
  isolation: "task",
  branch: `cp/${id}`,
  base: "0".repeat(40),
  head: "1".repeat(40),
  diff: { files: 2, added: 10, removed: 2, commits: 1 },
  verification: "contradicted",
  checks: [
    { expected: "a change in src/**", held: true, found: "" },
    { expected: "`npm test` exits with 0", held: false, found: "exit code 1", output: "1 failing\u001b[2J\n" },
    { expected: "nothing outside", held: null, found: "" }
  ],
  outside: ["README.md"],
  warnings: ["a link that leaves the tree: x"]
}

const told = [
  `branch cp/${id}: 2 files, +10 -2, 1 commit; \`claude-pool diff ${id}\` shows it`,
  "contradicted: 1 of 3 expectations holds",
  "does not hold: `npm test` exits with 0 (exit code 1)",
  "  1 failing",
  "cannot be told: nothing outside",
  "changed outside of its workspace while it ran: README.md",
  "look at it before it is merged: a link that leaves the tree: x"
].join("\n")

describe("claude-pool diff", () => {
  it.effect("prints the patch as it is, and on a terminal in colours, with nothing that steers it", () =>
    Effect.gen(function*() {
      const asked: Array<OutputOptions> = []
      const diff = (terminal: boolean, ...argv: ReadonlyArray<string>) =>
        claudePoolIn({
          pool: {
            output: (_, page) =>
              Effect.sync(() => (asked.push(page), { id, offset: page.offset, total: patch.length, text: patch }))
          },
          machine: { stdoutIsTerminal: terminal }
        })("diff", id, ...argv)
      assert.strictEqual((yield* diff(false)).stdout, patch.replace(/\n$/, ""))
      assert.deepStrictEqual(asked, [{ offset: 0, limit: 10_000, part: "diff" }])
      const lines = (yield* diff(true)).stdout.split("\n")
      assert.strictEqual(lines[1], "\u001b[1m--- a/a.sql\u001b[0m")
      assert.strictEqual(lines[4], "\u001b[31m--- an old comment\u001b[0m")
      assert.strictEqual(lines[5], "\u001b[32m+++ a new one\u001b[0m")
      assert.strictEqual(lines[6], " kept")
      yield* diff(false, "--all", "--offset", "3")
      assert.deepStrictEqual(asked.at(-1), { offset: 3, limit: 2_000_000, part: "diff" })
    }))

  it.effect("prints a table of the files with --stat", () =>
    Effect.gen(function*() {
      const branches = [{
        task: id,
        branch: `cp/${id}`,
        base: CommitId.make("0".repeat(40)),
        head: CommitId.make("1".repeat(40)),
        commits: 1,
        files: [
          { path: "src/a.ts", change: "modified" as const, added: 10, removed: 2 },
          { path: "logo.png", change: "renamed" as const, from: "old\u001b.png" }
        ],
        file_count: 3,
        added: 10,
        removed: 2,
        target: { branch: "main", tip: "0".repeat(40) }
      }]
      const stat = claudePoolIn({ pool: { changes: () => Effect.succeed({ id, branches }) } })
      assert.deepStrictEqual((yield* stat("diff", id, "--stat")).stdout.split("\n"), [
        `${id} on cp/${id}: 3 files, +10 -2, 1 commit`,
        "  from 000000000000 to 111111111111, beside main",
        "  src/a.ts            modified  +10     -2",
        "  old.png → logo.png  renamed   binary",
        "  and 1 file more"
      ])
      assert.strictEqual((yield* stat("diff", id, "--stat", "--all")).exitCode, 2)
    }))
})

describe("evidence", () => {
  it.effect("is told with a result, in lists, and before a review is decided", () =>
    Effect.gen(function*() {
      const pool = {
        result: () => Effect.succeed(changed),
        output: () => Effect.succeed({ id, offset: 0, total: 1, text: "x" }),
        list: () => Effect.succeed({ tasks: [changed], total: 1 }),
        approve: () => Effect.succeed(changed),
        reject: () => Effect.succeed({ ...changed, state: "queued" as const })
      }
      const run = claudePoolIn({ pool })
      assert.include((yield* run("result", id)).stderr, told)
      assert.include((yield* run("list")).stdout, "done (contradicted)")
      assert.include((yield* run("list")).stdout, "+10 -2: answer a")
      const approved = yield* run("approve", id)
      assert.isTrue(approved.stderr.startsWith(told), approved.stderr)
      assert.include(approved.stderr, `it holds for cp/${id} at 111111111111: \`claude-pool merge ${id}\` lands that`)
      assert.isTrue((yield* run("reject", id, "--feedback", "no")).stderr.startsWith(told))
    }))

  it.effect("is asked for with flags", () =>
    Effect.gen(function*() {
      const asked: Array<TaskRequest> = []
      const run = claudePoolIn({
        pool: { submit: (request) => Effect.sync(() => (asked.push(request), queuedView("a"))) }
      })
      const flags =
        "--base v1 --expect-changed src/** --expect-unchanged *.md --expect-only src/** --expect-file a.ts " +
        "--expect-file b.ts --expect-command true --expect-tool-calls 2 --expect-nothing-outside --isolation task"
      const { exitCode, stderr } = yield* run("submit", "do it", ...flags.split(" "))
      assert.strictEqual(exitCode, 0, stderr)
      assert.strictEqual(asked[0]?.base, "v1")
      assert.deepStrictEqual(asked[0]?.expect, {
        changed: ["src/**"],
        unchanged: ["*.md"],
        only: ["src/**"],
        files: ["a.ts", "b.ts"],
        commands: ["true"],
        toolCalls: 2,
        nothingOutside: true
      })
      const refused = yield* run("submit", "do it", "--expect-changed", "../x", "--expect-tool-calls", "0")
      assert.strictEqual(refused.exitCode, 2)
      assert.match(refused.stderr, /--expect-changed: .*a path below the working directory/)
      assert.include(refused.stderr, "--expect-tool-calls: ")
      assert.strictEqual((yield* run("submit", "do it", "--isolation", "none")).exitCode, 2)
    }))
})
