/**
 * Worktrees: which there are, what lies in them, and what became of it.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { WorkspaceView } from "../../src/domain/Workspace.ts"
import { claudePoolIn } from "../support/FrontDoor.ts"
import { sampleId } from "../support/SampleViews.ts"

const id = `w_${"w".repeat(16)}`
const task = sampleId("a")
const ref = `refs/claude-pool/rescue/${id}/1`

const view: WorkspaceView = {
  id,
  state: "kept",
  holder: task,
  path: `/state/${id}`,
  repository: "/my project",
  branch: `cp/${task}`,
  base: "0".repeat(40),
  uncommitted: 2,
  commits: 1,
  bytes: 3 * 2 ** 20,
  why: "a process\u001b[2J is inside",
  set_up: { command: "npm ci", exitCode: 0, output: "added 1 package\n", cached: false },
  ports: [4001],
  rescues: [ref],
  made_at: "2026-01-01T00:00:00.000Z",
  used_at: "2026-01-02T00:00:00.000Z"
}

describe("claude-pool worktrees", () => {
  it.effect("lists them, with what is in each and why one is kept", () =>
    Effect.gen(function*() {
      const asked: Array<unknown> = []
      const pool = {
        worktrees: (options: unknown) =>
          Effect.sync(() => (asked.push(options), { workspaces: [view], bytes: 3 * 2 ** 20 }))
      }
      const { modes, stderr, stdout } = yield* claudePoolIn({ pool })("worktrees", "--all")
      assert.deepStrictEqual(asked, [{ all: true }])
      assert.deepStrictEqual(modes, ["control"])
      assert.match(
        stdout,
        new RegExp(`^${id}  kept +${task}  cp/${task}  1 commit, 2 uncommitted  3 MiB  /state/${id}$`, "m")
      )
      assert.include(stderr, `${id} is kept: a process is inside; \`claude-pool worktrees show ${id}\``)
      assert.include(stderr, "1 in all, 3 MiB on disk")
      const { stdout: json } = yield* claudePoolIn({ pool })("worktrees", "--json")
      assert.deepStrictEqual(JSON.parse(json), { workspaces: [view], bytes: 3 * 2 ** 20 })
    }))

  it.effect("shows one, and how to look at what was rescued", () =>
    Effect.gen(function*() {
      const { stderr, stdout } = yield* claudePoolIn({ pool: { worktree: () => Effect.succeed(view) } })(
        "worktrees",
        "show",
        id
      )
      assert.match(stdout, /^state +kept: a process is inside$/m)
      assert.match(stdout, /^set-up +exit code 0: npm ci$/m)
      assert.include(stdout, "\n  added 1 package")
      assert.include(stderr, `\`git -C '/my project' log ${ref}\` shows what was rescued`)
      assert.include(stderr, `\`claude-pool worktrees rescue ${id}\``)
      assert.strictEqual((yield* claudePoolIn({})("worktrees", "show", "w_1")).exitCode, 2)
    }))

  it.effect("rescues what lies in one, and says where it is", () =>
    Effect.gen(function*() {
      const rescue = (found: WorkspaceView) =>
        claudePoolIn({ pool: { rescueWorktree: () => Effect.succeed(found) } })("worktrees", "rescue", id)
      assert.strictEqual((yield* rescue(view)).stdout, ref)
      const { rescues: _, ...empty } = view
      assert.strictEqual((yield* rescue(empty)).stdout, `${id} holds nothing that is on no branch`)
    }))

  it.effect("prunes, and tells each of its ends", () =>
    Effect.gen(function*() {
      const report = {
        removed: ["w_1"],
        rescued: [{ id: "w_2", refs: [ref] }],
        kept: [{ id: "w_3", why: "a process is inside" }],
        branches: ["cp/t_1"]
      }
      const prune = (...argv: ReadonlyArray<string>) =>
        claudePoolIn({ pool: { pruneWorktrees: ({ dryRun }) => Effect.succeed({ ...report, dry_run: dryRun }) } })(
          "worktrees",
          "prune",
          ...argv
        )
      const done = yield* prune()
      assert.deepStrictEqual(done.stdout.split("\n"), [
        "put away: w_1",
        `rescued and put away: w_2 (${ref})`,
        "kept: w_3 (a process is inside)",
        "deleted, for all of it is in another branch: cp/t_1"
      ])
      assert.include(done.stderr, "nothing is lost")
      assert.match((yield* prune("--dry-run")).stdout, /^would be put away: w_1\nwould be rescued/)
    }))
})
