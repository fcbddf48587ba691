/**
 * Two workers of the real CLI edit one repository side by side, through its tools: each on a branch of its own, reviewed,
 * one of them sent back and resumed, and both land. The checkout sees none of it before it is asked to.
 */
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect } from "effect"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { TaskId } from "../../src/domain/TaskId.ts"
import type { TaskView } from "../../src/domain/TaskView.ts"
import { type ApiReply, text, textsOf, toolUse } from "../support/ApiReply.ts"
import { RealHost } from "../support/RealHost.ts"
import { makeRepository, plainGit } from "../support/Repositories.ts"
import type { ApiRequest } from "../support/ScriptedApi.ts"

const lines = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, at) => `line ${from + at}\n`).join("")

const feedback = "Say it in capitals."

/** What the user has said so far, each thing on a line of its own. */
const said = ({ body }: ApiRequest): string =>
  body.messages.flatMap(({ content, role }) => role === "user" ? textsOf(content) : []).join("\n")

/** Each call has an id of its own, as a provider's have: the CLI does not run one again that its session has seen. */
const sed = (expression: string, id: string): ApiReply =>
  toolUse("Bash", { command: `sed -i '${expression}' src/shared.txt`, description: "edit" }, { id: `toolu_${id}` })

/** Who is asked for the top changes the top; sent back, it does so again, in its own session. */
const play = (request: ApiRequest): ApiReply => {
  if (request.hasToolResult) return text("It is done.")
  if (said(request).includes(feedback)) return sed("1s/.*/TOP/", "again")
  return said(request).includes("the top") ? sed("1s/.*/top/", "top") : sed("20s/.*/bottom/", "bottom")
}

const expect = { changed: ["src/shared.txt"], only: ["src/**"], commands: ["test -s src/shared.txt"], toolCalls: 1 }

const request = (prompt: string) => ({
  prompt,
  isolation: "task" as const,
  permissions: "full" as const,
  review: { maxRejections: 2 },
  expect
})

const idOf = ({ id }: TaskView) => TaskId.make(id)

/** Commands of workers, by the word that a prompt begins with. */
const commands = (project: () => string): Readonly<Record<string, string>> => ({
  FILL: "mkdir -p cache && echo kept > cache/it && echo one > one.txt",
  LEAK: `cat cache/it > two.txt && echo leak > ${project()}/leak.txt`,
  FIRST: "echo one > chain.txt",
  SECOND: "echo two >> chain.txt"
})

const playIn = (project: () => string) => (request: ApiRequest): ApiReply => {
  const [word = ""] = /\b(?:FILL|LEAK|FIRST|SECOND)\b/.exec(request.lastText) ?? []
  return request.hasToolResult || word === ""
    ? text("It is done.")
    : toolUse("Bash", { command: commands(project)[word], description: word }, { id: `toolu_${word}` })
}

describe("one worker after the other", () => {
  it.live("in the workspace of a slot, in that of a chain; and who writes elsewhere is told of", () =>
    Effect.gen(function*() {
      let place = ""
      const { open, project } = yield* RealHost.make(playIn(() => place))
      place = project
      yield* makeRepository(project, { ".gitignore": "cache/\n", "a.txt": "a\n" })
      const before = plainGit(project, "rev-parse", "HEAD").trim()
      const pool = yield* open({ slots: 1, hotSpares: true, isolation: "slot", permissions: "full" })
      const fill = yield* pool.run({ prompt: "FILL it" })
      assert.deepInclude(fill, { state: "done", isolation: "slot" })
      assert.isUndefined(fill.outside)
      // No process waits in a directory that no task works in.
      const { slots } = yield* pool.status
      assert.deepStrictEqual(slots.map(({ pid }) => pid), [undefined])

      const leak = yield* pool.run({
        prompt: "LEAK it",
        review: { maxRejections: 0 },
        expect: { nothingOutside: true }
      })
      assert.deepInclude(leak, { state: "review", verification: "contradicted" })
      assert.deepStrictEqual(leak.outside, ["added leak.txt in the checkout"])
      // What git ignores was still there, and what the one before has done is on another branch.
      assert.strictEqual(plainGit(project, "show", `${leak.branch}:two.txt`), "kept\n")
      assert.strictEqual(plainGit(project, "diff", "--name-only", before, leak.branch ?? "").trim(), "two.txt")
      assert.strictEqual(plainGit(project, "diff", "--name-only", before, fill.branch ?? "").trim(), "one.txt")

      const steps = [{ name: "first", prompt: "FIRST" }, { name: "second", prompt: "SECOND" }]
      const chain = yield* pool.runChain({ definition: { steps, defaults: { isolation: "chain" } }, cwd: project })
      assert.strictEqual(chain.state, "done", JSON.stringify(chain))
      assert.strictEqual(plainGit(project, "show", `cp/${chain.id}:chain.txt`), "one\ntwo\n")
      assert.strictEqual(plainGit(project, "rev-parse", "HEAD").trim(), before)
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)))
})

describe("two workers in one repository", () => {
  it.live("edit side by side, are reviewed, one is sent back and resumed, and both land", () =>
    Effect.gen(function*() {
      const { api, open, project } = yield* RealHost.make(play)
      yield* makeRepository(project, { "src/shared.txt": lines(1, 20) })
      const before = plainGit(project, "rev-parse", "HEAD").trim()
      const pool = yield* open({ slots: 2, supervise: true })
      const [top, bottom] = yield* Effect.all(
        [pool.run(request("Change the top.")), pool.run(request("Change the bottom."))],
        { concurrency: 2 }
      )
      for (const view of [top, bottom]) {
        assert.deepInclude(view, { state: "review", isolation: "task", verification: "verified" })
        assert.deepInclude(view.diff, { files: 1, added: 1, removed: 1, commits: 1 })
        assert.isUndefined(view.outside)
      }
      assert.strictEqual(plainGit(project, "status", "--porcelain"), "")
      assert.strictEqual(plainGit(project, "rev-parse", "HEAD").trim(), before)
      const shown = yield* pool.output(idOf(top), { offset: 0, limit: 10_000, part: "diff" })
      assert.include(shown.text, "-line 1\n+top\n")

      yield* pool.reject(idOf(top), feedback)
      const { review: [again] = [] } = yield* pool.wait({ ids: [idOf(top)], mode: "all", timeout: Duration.minutes(1) })
      assert.deepInclude(again, { state: "review", attempts: 2, verification: "verified", branch: top.branch ?? "" })
      assert.notStrictEqual(again?.review?.hash, top.review?.hash)
      // The same session in the same place: what was said before is still there.
      const resumed = api.main.find((one) => said(one).includes(feedback))!
      assert.include(said(resumed), "Change the top.")
      assert.include(
        (yield* pool.output(idOf(top), { offset: 0, limit: 10_000, part: "diff" })).text,
        "-line 1\n+TOP\n"
      )

      const early = yield* Effect.flip(pool.merge({ ids: [idOf(top)] }))
      assert.strictEqual(early.reason._tag, "NotMergeable")
      yield* pool.approve(idOf(top), { hash: again?.review?.hash ?? "" })
      yield* pool.approve(idOf(bottom), { hash: bottom.review?.hash ?? "" })
      const ids = [idOf(top), idOf(bottom)]
      const forecast = yield* pool.mergeForecast({ ids })
      assert.deepStrictEqual(forecast.branches.map(({ onto }) => onto), ["clean", "clean"])
      assert.deepStrictEqual(forecast.pairs, [])
      const report = yield* pool.merge({ ids, checks: [`test "$(wc -l < src/shared.txt)" -eq 20`], update: true })
      assert.deepInclude(report, { left: [], updated: true, target: "main", before })
      assert.deepStrictEqual(report.landed.map(({ id }) => id), ids)
      assert.strictEqual(
        readFileSync(join(project, "src/shared.txt"), "utf8"),
        `TOP\n${lines(2, 19)}bottom\n`
      )
      assert.strictEqual(plainGit(project, "status", "--porcelain"), "")
      assert.strictEqual(plainGit(project, "rev-parse", "HEAD").trim(), report.after)
      // One of them made ahead may still be there; of what was worked in, nothing is.
      const { workspaces } = yield* pool.worktrees()
      assert.deepStrictEqual(workspaces.filter(({ holder }) => holder !== undefined), [])
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)))
})
