/**
 * Many independent tasks from the command line: what they are made of, and what comes of them.
 */
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, FileSystem, Path } from "effect"
import { readPattern } from "../../src/cli/ItemInputs.ts"
import { resultFile } from "../../src/cli/ResultFiles.ts"
import type { FanOutItem, FanOutOptions } from "../../src/domain/FanOut.ts"
import { fromUsd } from "../../src/domain/MicroUsd.ts"
import type { TaskView } from "../../src/domain/TaskView.ts"
import { Machine } from "../../src/services/Machine.ts"
import type { Pool } from "../../src/services/Pool.ts"
import { claudePoolIn, type World } from "../support/FrontDoor.ts"
import { doneView, failedView, groupView, sampleGroup, sampleId } from "../support/SampleViews.ts"
import { testMachine } from "../support/TestMachine.ts"

const results = [
  doneView("a", { index: 0, name: "src/a.ts" }),
  { ...failedView("b", "UsageLimited"), index: 1 }
]

const counts = { queued: 0, running: 0, review: 0, done: 1, failed: 1, cancelled: 0 }
const failedGroup = groupView({
  state: "failed",
  counts,
  error: { code: "ItemsFailed", message: "1 of 2 items failed", hint: "look at it", retryable: false }
})

/** A group that is over at once; its items come by two pages. */
const ending = (group = groupView(), items: ReadonlyArray<TaskView> = results): Partial<Pool["Service"]> => ({
  fanOut: () => Effect.succeed(group),
  wait: () => Effect.succeed({ done: [], running: [], timed_out: false }),
  group: () => Effect.succeed(group),
  items: (_, { from }) =>
    Effect.succeed({
      items: items.slice(from, from + 1),
      total: items.length,
      ...(from + 1 < items.length ? { next_index: from + 1 } : {})
    }),
  output: (id) => Effect.succeed({ id, offset: 0, total: 9, text: `answer ${id}` })
})

/** What the pool is asked for by these arguments. */
const askedBy = (argv: ReadonlyArray<string>, world: World = {}) =>
  Effect.gen(function*() {
    const asked = yield* Deferred.make<readonly [ReadonlyArray<FanOutItem>, FanOutOptions | undefined]>()
    const told = yield* claudePoolIn({
      ...world,
      pool: { fanOut: (...given) => Effect.as(Deferred.succeed(asked, [given[0], given[1]]), groupView()) }
    })("fan-out", "--detach", ...argv)
    assert.strictEqual(told.exitCode, 0, told.stderr)
    const [items, options] = yield* Deferred.await(asked)
    return { items, options, told }
  })

describe("the items of claude-pool fan-out", () => {
  it.effect("are prompts, word for word", () =>
    Effect.gen(function*() {
      const { items, told } = yield* askedBy(["say {item}", "{\"a\": 1}"])
      assert.deepStrictEqual(items, [{ prompt: "say {item}" }, { prompt: "{\"a\": 1}" }])
      assert.deepStrictEqual([told.stdout, told.modes], [sampleGroup, ["accept"]])
      assert.strictEqual(told.stderr, `2 items accepted: \`claude-pool wait ${sampleGroup}\` waits for it`)
    }))

  it.effect("are a template over the lines of a file, of stdin, or over JSON", () =>
    Effect.gen(function*() {
      const files = {
        "/project/names.txt": "[a]\n\nb\n",
        "/project/list.json": "[\"a\", {\"q\": \"why?\"}]",
        "/project/list.jsonl": "{\"q\": \"why?\"}\n"
      }
      const promptsOf = (argv: ReadonlyArray<string>, world: World) =>
        Effect.map(askedBy(argv, world), ({ items }) => items.map(({ prompt }) => prompt))

      assert.deepStrictEqual(yield* promptsOf(["{index}: {item}", "--over", "names.txt"], { files }), [
        "0: [a]",
        "1: b"
      ])
      assert.deepStrictEqual(yield* promptsOf(["{item}", "--over", "list.json"], { files }), ["a", "{\"q\":\"why?\"}"])
      assert.deepStrictEqual(yield* promptsOf(["Q: {item.q}", "--over", "list.jsonl"], { files }), ["Q: why?"])
      assert.deepStrictEqual(yield* promptsOf(["{item}!", "--over", "-"], { stdin: "one\ntwo" }), ["one!", "two!"])
    }))

  it.effect("work where a file says, from the current directory on", () =>
    Effect.gen(function*() {
      const files = {
        "/project/sub/items.jsonl":
          "{\"prompt\": \"a\", \"cwd\": \"sub\"}\n{\"prompt\": \"b\", \"cwd\": \"/else\"}\n{\"prompt\": \"c\"}\n"
      }
      const { items } = yield* askedBy(["--items", "sub/items.jsonl"], { files })
      assert.deepStrictEqual(items.map(({ cwd }) => cwd), ["/project/sub", "/else", undefined])
    }))

  it.effect("of a template that says something else are told only what there is", () =>
    Effect.gen(function*() {
      const told = yield* claudePoolIn({ stdin: "a" })("fan-out", "say {x}", "--over", "-")
      assert.strictEqual(told.exitCode, 2)
      assert.include(told.stderr, "allowed: item, index;")
      for (const root of ["previous_output", "steps", "vars", "outcomes", "loop"]) {
        assert.notInclude(told.stderr, root)
      }
    }))

  it.effect("may do what they say themselves, which is told before", () =>
    Effect.gen(function*() {
      const files = { "/project/items.jsonl": "{\"prompt\": \"a\"}\n{\"prompt\": \"b\", \"permissions\": \"full\"}\n" }
      const told = yield* claudePoolIn({ pool: ending(), files })("fan-out", "--items", "items.jsonl")
      assert.match(told.stderr, /^permissions: at most full — .*; as its items say\n/)
    }))

  it.effect("are the files of a pattern, by their paths; not what is in node_modules", () =>
    Effect.gen(function*() {
      const files = {
        "/project/src/a.ts": "",
        "/project/src/in/b.ts": "",
        "/project/src/c.md": "",
        "/project/node_modules/d/d.ts": ""
      }
      const { items } = yield* askedBy(["read {item}", "--over", "**/*.ts"], { files })
      assert.deepStrictEqual(items, [
        { prompt: "read src/a.ts", input: "src/a.ts" },
        { prompt: "read src/in/b.ts", input: "src/in/b.ts" }
      ])
    }))

  it.effect("are what a pattern finds among real files, whatever else there is", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const path = yield* Path.Path
      const cwd = yield* fs.makeTempDirectoryScoped({ prefix: "pattern-" })
      for (const file of ["src/b.ts", "src/a.ts", "src/.hidden.ts", "node_modules/x/c.ts", ".git/d.ts", "e.ts/f.ts"]) {
        yield* fs.makeDirectory(path.dirname(path.join(cwd, file)), { recursive: true })
        yield* fs.writeFileString(path.join(cwd, file), "")
      }
      const find = (pattern: string) =>
        Effect.provide(readPattern("--over", pattern), Machine.layer({ ...testMachine, cwd }))
      assert.deepStrictEqual(yield* find("**/*.ts"), ["e.ts/f.ts", "src/a.ts", "src/b.ts"])
      assert.deepStrictEqual(yield* find("node_modules/*/*.ts"), ["node_modules/x/c.ts"])
      const { message } = yield* Effect.flip(find("**/*.md"))
      assert.strictEqual(message, "--over **/*.md: no file is found by this pattern")
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)))

  it.effect("have options of their own in a file of items", () =>
    Effect.gen(function*() {
      const lines = [
        { prompt: "one", name: "first", max_turns: 3, budget_usd: 0.5, timeout: "5m", retry: 1 },
        { prompt: "two {item}", model: "opus", review: { max_rejections: 1 } }
      ]
      const { items } = yield* askedBy(["--items", "-"], {
        stdin: lines.map((line) => JSON.stringify(line)).join("\n")
      })
      assert.strictEqual(items.length, 2)
      assert.deepInclude(items[0], {
        prompt: "one",
        name: "first",
        maxTurns: 3,
        budget: fromUsd(0.5),
        retry: { process: 1, overload: 1, limit: 1, schema: 1, other: 1 }
      })
      assert.deepStrictEqual(items[1], { prompt: "two {item}", model: "opus", review: { maxRejections: 1 } })
    }))
})

describe("claude-pool fan-out", () => {
  it.effect("hands over what holds for the group, and for every item", () =>
    Effect.gen(function*() {
      const files = { "/project/reduce.md": "rank: {outcomes}\n", "/project/sub/x": "" }
      const { options } = yield* askedBy(
        ["a", "b", "--name", "n", "--key", "k", "--concurrency", "2", "--on-failure", "quorum:1"].concat(
          ["--reduce", "@reduce.md", "--group-budget-usd", "3", "--cwd", "sub", "--budget-usd", "0.5", "--retry", "2"],
          ["--role", "reviewer", "--mailbox", "--review", "--criteria", "brief"]
        ),
        { files }
      )
      assert.deepStrictEqual(options, {
        name: "n",
        key: "k",
        concurrency: 2,
        onFailure: { quorum: 1 },
        reduce: { prompt: "rank: {outcomes}", cwd: "/project/sub" },
        budget: fromUsd(3),
        defaults: {
          cwd: "/project/sub",
          budget: fromUsd(0.5),
          retry: { process: 2, overload: 2, limit: 2, schema: 2, other: 2 },
          role: "reviewer",
          mailbox: true,
          review: { maxRejections: 3, criteria: "brief" }
        }
      })
    }))

  it.effect("prints the items, and exits as the first of them that failed", () =>
    Effect.gen(function*() {
      const told = yield* claudePoolIn({ pool: ending(failedGroup) })("fan-out", "x", "y")
      assert.deepStrictEqual([told.exitCode, told.modes], [4, ["batch"]])
      assert.deepStrictEqual(told.stdout.split("\n"), [
        "ITEM  ID                  STATE   TIME   COST     ABOUT",
        `0     ${sampleId("a")}  done    12.5s  $0.0123  src/a.ts: answer a`,
        `1     ${sampleId("b")}  failed  1m30s  $0.50    it was UsageLimited`
      ])
      assert.deepStrictEqual(told.stderr.split("\n").slice(1), [
        `accepted as ${sampleGroup}`,
        `${sampleGroup} failed · 2 items: 1 done, 1 failed · $0.0246 · 20s`,
        `\`claude-pool retry ${sampleGroup}\` runs again what is not done, and nothing else`,
        "error: 1 of 2 items failed",
        "hint: look at it"
      ])
      const json = yield* claudePoolIn({ pool: ending(failedGroup) })("fan-out", "x", "y", "--json")
      assert.deepStrictEqual(JSON.parse(json.stdout), { ...failedGroup, results })
      assert.deepStrictEqual([json.stderr, json.exitCode], ["", 4])
    }))

  it.effect("prints the one answer that was made of all, and the items beside it", () =>
    Effect.gen(function*() {
      const group = groupView({ reducer: sampleId("r") })
      const fanOut = claudePoolIn({ pool: ending(group) })
      const told = yield* fanOut("fan-out", "x", "y", "--reduce", "{outcomes}")
      assert.deepStrictEqual([told.stdout, told.exitCode], [`answer ${sampleGroup}`, 0])
      assert.match(told.stderr, /\nITEM .*\n0 +t_a+ /)
      const json = yield* fanOut("fan-out", "x", "y", "--reduce", "{outcomes}", "--json")
      assert.deepStrictEqual(JSON.parse(json.stdout), { ...group, results, output: `answer ${sampleGroup}` })

      // A program that wants the answer is given nothing else in its place.
      const failed = yield* claudePoolIn({ pool: ending(failedGroup) })("fan-out", "x", "--reduce", "{outcomes}")
      assert.strictEqual(failed.stdout, "")
      assert.match(failed.stderr, /\nITEM /)
    }))

  it.effect("writes each answer to a file of its own", () =>
    Effect.gen(function*() {
      const stdin = "src/a.ts\nsrc/b.ts"
      const argv = ["fan-out", "read {item}", "--over", "-", "--results", "out"]
      const told = yield* claudePoolIn({ pool: ending(), stdin })(...argv)
      assert.deepStrictEqual(told.written, { "/project/out/0-src-a.ts.md": `answer ${sampleId("a")}` })
      assert.include(told.stderr, "1 answer written to out")
    }))

  it.effect("refuses to write over a file, before anything is started", () =>
    Effect.gen(function*() {
      const told = yield* claudePoolIn({ files: { "/project/out/1.md": "mine" } })(
        "fan-out",
        "x",
        "y",
        "--results",
        "out"
      )
      assert.match(told.stderr, /error: --results out: 1\.md is there already\nhint: /)
      assert.deepStrictEqual([told.exitCode, told.written], [2, {}])
    }))

  it.effect("cancels the group when it is interrupted", () =>
    Effect.gen(function*() {
      const cancelled = yield* Deferred.make<ReadonlyArray<string>>()
      const told = yield* claudePoolIn({
        pool: {
          ...ending(),
          wait: () => Effect.interrupt,
          cancel: (ids) => Effect.as(Deferred.succeed(cancelled, ids), { cancelled: ids, already_finished: [] })
        }
      })("fan-out", "x")
      assert.deepStrictEqual(yield* Deferred.await(cancelled), [sampleGroup])
      assert.strictEqual(told.exitCode, 130)
    }))
})

describe("the file of an answer", () => {
  it("is named so that files are in order, and in no other directory", () => {
    assert.strictEqual(resultFile(7, "src/a b.ts", 1000), "007-src-a-b.ts.md")
    assert.strictEqual(resultFile(7, undefined, 10), "7.md")
    assert.strictEqual(resultFile(0, "../../etc/passwd", 2), "0-etc-passwd.md")
    assert.strictEqual(resultFile(0, "…", 1), "0.md")
  })
})
