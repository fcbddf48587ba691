/**
 * The pool is killed at each moment of a task's life, with each policy: what was answered is used and not paid twice, what
 * was cut off goes on, begins anew, or fails.
 */
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { existsSync, readdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { ChainView } from "../src/domain/ChainView.ts"
import type { OnCrash } from "../src/domain/TaskRequest.ts"
import { makeRepository, plainGit } from "./support/Repositories.ts"
import { SimulatedPool } from "./support/SimulatedPool.ts"

const policies: ReadonlyArray<OnCrash> = ["resume", "retry", "fail"]

/** The pool stands still while its workers go on to their ends; then it is gone. */
const killedDeaf = Effect.fnUntraced(function*(
  pool: Effect.Success<ReturnType<typeof SimulatedPool.make>>,
  argv: ReadonlyArray<string>,
  moment: { readonly asked: number; readonly release: ReadonlyArray<string>; readonly answers: ReadonlyArray<string> }
) {
  const started = yield* pool.start(argv)
  yield* pool.until(() => pool.asked().length === moment.asked)
  started.child.kill("SIGSTOP")
  yield* Effect.forEach(moment.release, pool.touch)
  yield* pool.answered(...moment.answers)
  yield* pool.kill(started)
})

for (const policy of policies) {
  describe(`a pool that is killed (${policy})`, () => {
    it.live("before the worker was there, asks once", () =>
      Effect.gen(function*() {
        const pool = yield* SimulatedPool.make("kill-start-")
        const env = { CLAUDE_POOL_SIMULATOR: "[[slow-start:600000]]" }
        const started = yield* pool.start(["run", "[[say:well]] work", "--on-crash", policy], env)
        yield* pool.until(() => pool.log().some(({ event }) => event === "start"))
        yield* pool.kill(started)

        yield* pool.ran("wait")
        const [task] = yield* pool.tasks
        if (policy === "fail") assert.deepInclude(task, { state: "failed", attempts: 1, cost_usd: 0 })
        else assert.deepInclude(task, { state: "done", summary: "well", attempts: 2 })
        assert.lengthOf(pool.asked(), policy === "fail" ? 0 : 1)
      }))

    it.live("while the model thinks, loses no more than that", () =>
      Effect.gen(function*() {
        const pool = yield* SimulatedPool.make("kill-model-")
        const started = yield* pool.start(["run", "[[await:go]] [[say:well]] work", "--on-crash", policy])
        yield* pool.until(() => pool.transcripts().some((line) => line.includes("await:go")))
        yield* pool.kill(started)
        yield* pool.touch("go")

        yield* pool.ran("wait")
        const [task] = yield* pool.tasks
        const [, second = ""] = pool.asked()
        if (policy === "fail") {
          assert.deepInclude(task, { state: "failed", attempts: 1, cost_exact: false })
          assert.strictEqual(task?.error?.code, "Interrupted")
          assert.strictEqual(second, "")
          return
        }
        assert.deepInclude(task, { state: "done", summary: "well", attempts: 2, cost_exact: false })
        assert.strictEqual(second.includes("cut off"), policy === "resume", second)
      }))

    it.live("in the middle of a tool, has its tokens in the ledger", () =>
      Effect.gen(function*() {
        const pool = yield* SimulatedPool.make("kill-tool-")
        for (const prompt of ["[[say:a]] one", "[[tool:Read]] [[say:b]] two"]) yield* pool.ran("run", prompt)
        const before = [...pool.costs().values()].reduce((sum, usd) => sum + usd, 0)
        const prompt = "[[tool:Read]] [[bash:test -e go || { touch begun; tail -f /dev/null; }]] [[say:well]] work"
        const started = yield* pool.start(["run", prompt, "--on-crash", policy, "--permissions", "full"])
        yield* pool.until(() =>
          pool.transcripts().some((line) => line.includes("touch begun") && line.includes("tool_use"))
        )
        yield* pool.kill(started)
        const lost = [...pool.costs().values()].reduce((sum, usd) => sum + usd, -before)
        assert.isAbove(lost, 0)
        yield* pool.touch("go")

        yield* pool.ran("wait")
        const [task] = yield* pool.tasks
        const all = [...pool.costs().values()].reduce((sum, usd) => sum + usd, -before)
        assert.deepInclude(task, { state: policy === "fail" ? "failed" : "done", cost_exact: false })
        // Each of its calls was answered: the bound is what it came to.
        assert.strictEqual(Math.round(task!.cost_usd * 1e6), Math.round(all * 1e6))
        assert.strictEqual(pool.asked().at(-1)?.includes("cut off"), policy === "resume")
      }))

    it.live("when the work is done and not on record, has the answer, and asks nobody", () =>
      Effect.gen(function*() {
        const pool = yield* SimulatedPool.make("kill-deaf-")
        for (const prompt of ["[[say:a]] one", "[[tool:Read]] [[say:b]] two"]) yield* pool.ran("run", prompt)
        const argv = ["run", "[[tool:Read]] [[await:go]] [[say:all of it]] work", "--on-crash", policy]
        yield* killedDeaf(pool, argv, { asked: 3, release: ["go"], answers: ["all of it"] })

        yield* pool.ran("wait")
        const [task] = yield* pool.tasks
        assert.deepInclude(task, { state: "done", summary: "all of it", attempts: 1 })
        assert.notProperty(task, "cost_exact")
        assert.lengthOf(pool.asked(), 3)
        const [, , cost = 0] = [...pool.costs().values()]
        assert.strictEqual(Math.round(task!.cost_usd * 1e6), Math.round(cost * 1e6))
      }))
  })
}

describe("a pool that is killed while a task works in a workspace", () => {
  it.live("has the task go on in the same place, with what it had left there", () =>
    Effect.gen(function*() {
      const pool = yield* SimulatedPool.make("kill-workspace-")
      const cwd = yield* makeRepository(join(pool.directory, "repository"))
      const begun = join(pool.directory, "begun")
      const work = `pwd >> half.txt; test $(wc -l < half.txt) -gt 1 || { touch ${begun}; tail -f /dev/null; }`
      const flags = ["--permissions", "full", "--expect-changed", "half.txt", "--expect-nothing-outside"]
      const argv = ["run", `[[bash:${work}]] [[say:well]] work`, "--isolation", "task", "--cwd", cwd, ...flags]
      const started = yield* pool.start(argv)
      yield* pool.until(() => existsSync(begun))
      yield* pool.kill(started)
      const there = readdirSync(pool.directory, { recursive: true, encoding: "utf8" })
      const half = there.find((name) => name.endsWith("half.txt")) ?? assert.fail("nothing is left")
      const top = join(pool.directory, half, "..")

      yield* pool.ran("wait")
      const [task] = yield* pool.tasks
      assert.deepInclude(task, { state: "done", summary: "well", attempts: 2, verification: "unverified" })
      assert.deepStrictEqual(task?.checks?.map(({ held }) => held), [true, null])
      assert.strictEqual(plainGit(cwd, "show", `${task?.branch}:half.txt`), `${top}\n${top}\n`)
      assert.isTrue(pool.asked().at(-1)?.includes("cut off"))
      // Nothing more is to come of it: it is put away, and the branch has all of it.
      assert.isFalse(existsSync(top))
      assert.strictEqual(plainGit(cwd, "status", "--porcelain"), "")
    }).pipe(Effect.scoped, Effect.provide(NodeServices.layer)))
})

describe("a pool that is killed when the work is done and not on record", () => {
  it.live("presents the answer where it has to be reviewed", () =>
    Effect.gen(function*() {
      const pool = yield* SimulatedPool.make("kill-review-")
      const argv = ["run", "[[await:go]] [[say:look at it]] work", "--review"]
      yield* killedDeaf(pool, argv, { asked: 1, release: ["go"], answers: ["look at it"] })
      yield* pool.ran("wait")
      const [task] = yield* pool.tasks
      assert.deepInclude(task, { state: "review", summary: "look at it", attempts: 1 })
      const approved = yield* pool.ran("approve", task!.id)
      assert.strictEqual(approved.end, 0, approved.stderr)
      assert.lengthOf(pool.asked(), 1)
    }))

  it.live("takes a chain from there to its next step, which has the answer", () =>
    Effect.gen(function*() {
      const pool = yield* SimulatedPool.make("kill-step-")
      const plan = {
        steps: [
          { name: "first", prompt: "first [[await:go]] [[say:the first]]" },
          { name: "second", prompt: "second after {steps.first.output} [[say:the second]]", after: ["first"] }
        ]
      }
      writeFileSync(join(pool.directory, "plan.json"), JSON.stringify(plan))
      yield* killedDeaf(pool, ["chain", "plan.json"], { asked: 1, release: ["go"], answers: ["the first"] })
      const [step] = yield* pool.tasks
      const resumed = yield* pool.ran("chain", "resume", step!.part_of!, "--json")
      assert.strictEqual(resumed.end, 0, resumed.stderr)
      assert.strictEqual((JSON.parse(resumed.stdout) as ChainView).state, "done")
      assert.deepStrictEqual(pool.asked().map((prompt) => prompt.split(" ")[0]), ["first", "second"])
      assert.include(pool.asked()[1], "the first")
    }))

  it.live("has the answers of a group, and runs only the rest of it", () =>
    Effect.gen(function*() {
      const pool = yield* SimulatedPool.make("kill-group-")
      writeFileSync(join(pool.directory, "items.txt"), "a\nb\nc\n")
      const argv = ["fan-out", "{item} [[await:go]] [[say:got {item}]]", "--over", "items.txt", "--slots", "2"]
      yield* killedDeaf(pool, argv, { asked: 2, release: ["go"], answers: ["got a", "got b"] })
      const waited = yield* pool.ran("wait", "--json")
      assert.strictEqual(waited.end, 0, waited.stderr)
      const tasks = yield* pool.tasks
      assert.deepStrictEqual(tasks.map(({ attempts, state, summary }) => [summary, state, attempts]), [
        ["got c", "done", 1],
        ["got b", "done", 1],
        ["got a", "done", 1]
      ])
      assert.lengthOf(pool.asked(), 3)
    }))
})
