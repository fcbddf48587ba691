/**
 * Landing branches: what would conflict, what has landed, what was left, and how it goes on.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { ChildProcessSpawner } from "effect/process"
import { fail } from "../../src/domain/Failure.ts"
import type { MergeForecast, MergeReport } from "../../src/domain/Merge.ts"
import { NotMergeable } from "../../src/domain/WorkspaceFailure.ts"
import { claudePoolIn } from "../support/FrontDoor.ts"
import { sampleId } from "../support/SampleViews.ts"

const id = `m_${"m".repeat(16)}`
const [a, b, c] = [sampleId("a"), sampleId("b"), sampleId("c")] as const
const branch = (task: string) => `cp/${task}`

const report: MergeReport = {
  id,
  target: "main",
  strategy: "merge",
  before: "0".repeat(40),
  after: "1".repeat(40),
  branch: `cp/${id}`,
  landed: [{ id: a, branch: branch(a), commit: "2".repeat(40) }],
  left: [
    {
      id: b,
      branch: branch(b),
      why: "conflict",
      detail: "with main",
      conflicts: [{
        path: "src/a.ts",
        kind: "content",
        text: "<<<<<<< ours\n\u001b[2Jone\n=======\ntwo\n>>>>>>> theirs\n"
      }]
    },
    { id: c, branch: branch(c), why: "check", detail: "`npm test` exits with 1", output: "1 failing\n" }
  ],
  updated: false,
  undone: false,
  at: "2026-01-01T00:00:00.000Z",
  commands: []
}

const forecast: MergeForecast = {
  target: { branch: "main", tip: "0".repeat(40) },
  branches: [
    {
      id: a,
      branch: branch(a),
      head: "2".repeat(40),
      files: 2,
      added: 3,
      removed: 1,
      onto: "clean",
      warnings: ["a hook"]
    },
    { id: b, branch: branch(b), head: "3".repeat(40), files: 1, added: 1, removed: 0, onto: "clean" }
  ],
  pairs: [{ first: a, second: b, paths: ["src/a.ts"] }]
}

const commands = [["git", "push", "origin", `cp/${id}`], ["gh", "pr", "create", "--title", "it's done"]]

const landing = (more: Partial<MergeReport> = {}) => ({ merge: () => Effect.succeed({ ...report, ...more }) })

describe("claude-pool merge", () => {
  it.effect("tells what has landed, what was left and why, and how to go on; then it exits with 1", () =>
    Effect.gen(function*() {
      const asked: Array<unknown> = []
      const { exitCode, modes, stderr, stdout } = yield* claudePoolIn({
        pool: { merge: (request) => Effect.sync(() => (asked.push(request), report)) }
      })("merge", a, b, c, "--into", "main", "--check", "npm test", "--check", "npm run lint", "--update")
      assert.deepStrictEqual(asked, [
        { ids: [a, b, c], into: "main", checks: ["npm test", "npm run lint"], update: true }
      ])
      assert.deepStrictEqual(modes, ["control"])
      assert.strictEqual(exitCode, 1)
      const lines = stdout.split("\n")
      assert.strictEqual(lines[0], `${id}: 1 of 3 landed onto main, by merge`)
      assert.include(stdout, `landed: ${a} (${branch(a)}) as 222222222222`)
      assert.include(
        stdout,
        `left: ${b} (${branch(b)}): conflicts: with main\n  src/a.ts (content)\n    <<<<<<< ours\n    one`
      )
      assert.include(stdout, "a check is red with it: `npm test` exits with 1\n    1 failing")
      assert.notInclude(stdout, "\u001b")
      const again =
        `claude-pool merge ${a} ${b} --into main --check 'npm test' --check 'npm run lint' --update --on-conflict task`
      assert.include(stderr, `\`${again}\` gives what conflicts to a worker`)
      assert.include(stderr, `\`claude-pool diff ${c}\``)
      assert.include(stderr, `\`git merge --ff-only cp/${id}\``)
      assert.include(stderr, `\`claude-pool merge undo ${id}\``)
    }))

  it.effect("exits with 0 when all of it has landed, and with 2 when it is refused", () =>
    Effect.gen(function*() {
      const all = landing({ left: [{ id: b, branch: branch(b), why: "landed", detail: "" }], updated: true })
      const landed = yield* claudePoolIn({ pool: all })("merge", a)
      assert.strictEqual(landed.exitCode, 0)
      assert.include(landed.stdout, "main is at 111111111111 now, before at 000000000000")
      const reason = new NotMergeable({ id: a, detail: "it is in review", hint: "approve it" })
      const refused = yield* claudePoolIn({ pool: { merge: () => fail(reason) } })("merge", a)
      assert.strictEqual(refused.exitCode, 2)
      assert.include(refused.stderr, "cannot be merged: it is in review")
    }))

  it.effect("only foresees with --dry-run", () =>
    Effect.gen(function*() {
      const looking = (more: Partial<MergeForecast>) =>
        claudePoolIn({ pool: { mergeForecast: () => Effect.succeed({ ...forecast, ...more }) } })(
          "merge",
          a,
          b,
          "--dry-run"
        )
      const bad = yield* looking({})
      assert.strictEqual(bad.exitCode, 1)
      assert.include(bad.stdout, `onto main at 000000000000:`)
      assert.match(bad.stdout, new RegExp(`^${a}  cp/${a}  2 files, \\+3 -1 +clean$`, "m"))
      assert.include(bad.stdout, `${a} and ${b} conflict in src/a.ts`)
      assert.include(bad.stdout, `${a}: look at a hook`)
      assert.strictEqual((yield* looking({ pairs: [] })).exitCode, 0)
    }))

  it.effect("prints the commands of a pull request, and runs them only when asked", () =>
    Effect.gen(function*() {
      const pool = { ...landing({ left: [] }), publication: () => Effect.succeed(commands) }
      const printed = yield* claudePoolIn({ pool })("merge", a, "--pull-request")
      assert.include(printed.stdout, `git push origin cp/${id}\ngh pr create --title 'it'\\''s done'`)
      const published = yield* claudePoolIn({ pool })("merge", id, "--pull-request")
      assert.strictEqual(published.stdout, `git push origin cp/${id}\ngh pr create --title 'it'\\''s done'`)

      const started: Array<unknown> = []
      const spawner = ChildProcessSpawner.make((command) =>
        Effect.suspend(() => {
          started.push(command)
          return Effect.die("as far as it goes")
        })
      )
      yield* claudePoolIn({ pool, spawner })("merge", id, "--pull-request", "--run")
      assert.deepInclude(started[0] as object, { command: "git", args: ["push", "origin", `cp/${id}`] })
      assert.deepInclude((started[0] as { readonly options: object }).options, {
        cwd: "/project",
        extendEnv: true,
        stdin: "inherit"
      })
    }))

  it.effect("refuses what contradicts itself, and workers", () =>
    Effect.gen(function*() {
      const refused = [
        ["merge"],
        ["merge", a, "--run"],
        ["merge", a, "--dry-run", "--pull-request"],
        ["merge", a, "--pull-request", "--run", "--json"],
        ["merge", "x"]
      ]
      for (const argv of refused) {
        assert.strictEqual((yield* claudePoolIn({})(...argv)).exitCode, 2, argv.join(" "))
      }
      const worker = claudePoolIn({ machine: { isWorker: true } })
      for (const argv of [["merge", a], ["merge", "undo", id], ["worktrees", "prune"]]) {
        const { exitCode, stderr } = yield* worker(...argv)
        assert.strictEqual(exitCode, 2)
        assert.include(stderr, "a worker cannot")
      }
    }))

  it.effect("takes a landing back, and lists what has landed", () =>
    Effect.gen(function*() {
      const asked: Array<unknown> = []
      const undone = { ...report, left: [], updated: true, undone: true }
      const taken = yield* claudePoolIn({
        pool: { undoMerge: (one) => Effect.sync(() => (asked.push(one), undone)) }
      })("merge", "undo", id)
      assert.deepStrictEqual(asked, [id])
      assert.include(taken.stdout, "taken back: main is at 000000000000 again")
      const apart = { ...undone, updated: false }
      const gone = yield* claudePoolIn({ pool: { undoMerge: () => Effect.succeed(apart) } })("merge", "undo", id)
      assert.include(gone.stdout, `${id} is taken back: cp/${id} is gone, and main was never moved`)
      const merges = claudePoolIn({ pool: { merges: Effect.succeed([undone, report]) } })
      const unsaid = yield* merges("merge", "undo")
      assert.strictEqual(unsaid.exitCode, 2)
      assert.include(unsaid.stderr, `hint: the newest of those that can be: ${id} (main, 2026`)
      const listed = yield* merges("merge", "list")
      assert.match(listed.stdout, new RegExp(`^${id}  main  1 +2 +on a branch of its own  2026`, "m"))
      assert.match(listed.stdout, /taken back/)
    }))
})
