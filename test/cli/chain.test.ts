/**
 * Chains from the command line.
 */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect } from "effect"
import type { ChainRequest } from "../../src/domain/ChainDefinition.ts"
import type { ChainForecast } from "../../src/domain/ChainView.ts"
import { fromUsd } from "../../src/domain/MicroUsd.ts"
import type { Pool } from "../../src/services/Pool.ts"
import { claudePoolIn, type World } from "../support/FrontDoor.ts"
import { chainView, sampleChain, sampleId, stepView } from "../support/SampleViews.ts"

const text = "variables:\n  task: {}\nsteps:\n  - name: plan\n    prompt: plan {vars.task}\n"
const files = { "/project/plan.yaml": text, "/project/sub/x": "" }

const ending = (chain = chainView()): Partial<Pool["Service"]> => ({
  submitChain: () => Effect.succeed(chain),
  resumeChain: () => Effect.succeed(chain),
  wait: () => Effect.succeed({ done: [], running: [], timed_out: false }),
  chain: () => Effect.succeed(chain),
  output: (id) => Effect.succeed({ id, offset: 0, total: 6, text: "the answer" })
})

const forecast: ChainForecast = {
  steps: [{ name: "plan", kind: "prompt", after: [], reused: false, reserve_usd: 5 }],
  reserve_usd: 5,
  reserve_complete: true
}

/** What the pool is asked for by these arguments. */
const askedBy = (argv: ReadonlyArray<string>, world: World = {}) =>
  Effect.gen(function*() {
    const asked = yield* Deferred.make<ChainRequest>()
    const told = yield* claudePoolIn({
      files,
      ...world,
      pool: { submitChain: (request) => Effect.as(Deferred.succeed(asked, request), chainView()) }
    })(...argv)
    assert.strictEqual(told.exitCode, 0, told.stderr)
    return { request: yield* Deferred.await(asked), told }
  })

describe("claude-pool chain", () => {
  it.effect("hands over the plan of a file or of stdin, with its variables as they were said", () =>
    Effect.gen(function*() {
      const flags = ["--var", "task=a=b", "--cwd", "sub", "--budget-usd", "2", "--name", "n", "--key", "k", "--detach"]
      const { request, told } = yield* askedBy(["chain", "plan.yaml", ...flags])
      const { definition, ...run } = request
      assert.deepStrictEqual(run, {
        vars: { task: "a=b" },
        cwd: "/project/sub",
        budget: fromUsd(2),
        name: "n",
        key: "k"
      })
      assert.deepStrictEqual(definition.steps, [{ name: "plan", prompt: "plan {vars.task}" }])
      assert.deepStrictEqual([told.stdout, told.modes], [sampleChain, ["accept"]])
      assert.strictEqual(told.stderr, `accepted: \`claude-pool wait ${sampleChain}\` waits for it`)

      const piped = yield* askedBy(["chain", "-", "--detach"], { stdin: text })
      assert.deepStrictEqual(piped.request.definition, definition)
    }))

  it.effect("prints the last step's answer, and the steps beside it", () =>
    Effect.gen(function*() {
      const run = claudePoolIn({ pool: ending(), files })
      const told = yield* run("chain", "plan.yaml", "--var", "task=x")
      assert.deepStrictEqual([told.stdout, told.exitCode, told.modes], ["the answer", 0, ["batch"]])
      assert.deepStrictEqual(told.stderr.split("\n").slice(1), [
        `accepted as ${sampleChain}`,
        "STEP   STATE  TASK                TIME  COST     ABOUT",
        `plan   done   ${sampleId("a")}  4s    $0.0100  a plan`,
        `build  done   ${sampleId("b")}  4s    $0.0100`,
        `${sampleChain} done · 2 of 2 steps done · $0.0200 · 8s`
      ])
      const json = yield* run("chain", "plan.yaml", "--json")
      assert.deepStrictEqual(JSON.parse(json.stdout), { ...chainView(), output: "the answer" })
    }))

  it.effect("that failed exits as its step did, prints no answer, and says how to go on", () =>
    Effect.gen(function*() {
      const error = { code: "Stalled", message: "no sign of life", hint: "try again", retryable: true }
      const failed = chainView({
        state: "failed",
        failed_step: "plan",
        error,
        steps: [
          stepView("plan", { state: "failed", error }),
          stepView("build", { state: "skipped", why: "plan failed" })
        ]
      })
      const told = yield* claudePoolIn({ pool: ending(failed), files })("chain", "plan.yaml")
      assert.deepStrictEqual([told.stdout, told.exitCode], ["", 5])
      assert.include(told.stderr, `\`claude-pool chain resume ${sampleChain}\` goes on where it ended`)
      assert.include(told.stderr, `${sampleChain} failed at plan · 0 of 2 steps done · `)
      assert.include(told.stderr, "error: no sign of life\nhint: try again")
      const listed = yield* claudePoolIn({ pool: { chains: () => Effect.succeed({ chains: [failed] }) } })(
        "list",
        "--chains"
      )
      assert.match(listed.stdout, /failed +0 of 2 /)
    }))

  it.effect("that failed by a check shows the end of what that said, without what would steer a terminal", () =>
    Effect.gen(function*() {
      const lines = Array.from({ length: 30 }, (_, index) => `line ${index}`)
      const output = `${lines.join("\r\n")}\n\u001b[31mtest \u0007broken\u001b[0m\n\n`
      const error = {
        code: "CheckFailed",
        message: "the check exited with 1",
        hint: "mend it",
        retryable: false,
        output
      }
      const failed = chainView({ state: "failed", failed_step: "build", error })
      const end = ["error: the check exited with 1", ...lines.slice(-19), "test broken", "hint: mend it"]
      const whole = end.map((line) => /^(?:line|test)/.test(line) ? `  ${line}` : line).join("\n")
      for (const command of [["chain", "plan.yaml"], ["plan", "./plan.yaml"], ["result", sampleChain]]) {
        const told = yield* claudePoolIn({ pool: ending(failed), files })(...command)
        assert.isTrue(told.stderr.endsWith(whole), told.stderr)
        assert.notInclude(told.stderr, "line 10")
        assert.notInclude(told.stdout, "line")
      }
      const json = yield* claudePoolIn({ pool: ending(failed) })("result", sampleChain, "--json")
      assert.deepStrictEqual((JSON.parse(json.stdout) as typeof failed).error, error)
    }))

  it.effect("says what the workers of its steps may do, whoever decides it", () =>
    Effect.gen(function*() {
      const noted = (plan: string, ...flags: ReadonlyArray<string>) =>
        Effect.map(
          claudePoolIn({ pool: ending(), files: { "/project/plan.yaml": plan } })("chain", "plan.yaml", ...flags),
          ({ stderr }) => stderr.split("\n")[0]?.replace(/ —.*;/, ";")
        )
      const step = (name: string, permissions?: string) =>
        `  - name: ${name}\n    prompt: x\n${permissions === undefined ? "" : `    permissions: ${permissions}\n`}`

      assert.strictEqual(
        yield* noted(`steps:\n${step("a")}`),
        "permissions: edit; --permissions read-only|full to change"
      )
      assert.strictEqual(
        yield* noted(`defaults: { permissions: read-only }\nsteps:\n${step("a")}  - { name: t, check: "true" }\n`),
        "permissions: read-only; as its steps say"
      )
      const mixed = `steps:\n${step("a", "read-only")}${step("b", "edit")}`
      assert.strictEqual(yield* noted(mixed), "permissions: at most edit; as its steps say")
      assert.strictEqual(
        yield* noted(`steps:\n${step("a", "read-only")}${step("b")}`, "--permissions", "full"),
        "permissions: at most full; --permissions read-only|edit to change"
      )
      assert.notInclude(yield* noted("steps: [{ name: t, check: \"true\" }]"), "permissions")
    }))

  it.effect("says which step waits for a review, and how to look at it", () =>
    Effect.gen(function*() {
      const waiting = chainView({
        state: "running",
        steps: [stepView("plan", { state: "review", task: sampleId("a") })]
      })
      const pool = {
        ...ending(waiting),
        wait: () => Effect.succeed({ done: [], running: [sampleChain], timed_out: false })
      }
      const told = yield* claudePoolIn({ pool, files })("chain", "plan.yaml")
      assert.strictEqual(told.exitCode, 0)
      assert.include(told.stderr, `step plan is in review: \`claude-pool result ${sampleId("a")}\``)
    }))

  it.effect("is only forecast with --dry-run, by a pool that starts nothing", () =>
    Effect.gen(function*() {
      const looking = claudePoolIn({ pool: { forecast: () => Effect.succeed(forecast) }, files })
      const told = yield* looking("chain", "plan.yaml", "--dry-run")
      assert.match(told.stdout, /plan +prompt +at most \$5\.00/)
      assert.deepStrictEqual([told.stderr, told.modes], ["", ["reader"]])
      assert.deepStrictEqual(JSON.parse((yield* looking("chain", "plan.yaml", "--dry-run", "--json")).stdout), forecast)
    }))

  it.effect("tells everything that is wrong with a plan, with its place", () =>
    Effect.gen(function*() {
      const wrong = { "/project/plan.yaml": "steps:\n  - name: a\n    prompt: '{steps.b.output}'\n    modle: opus\n" }
      const told = yield* claudePoolIn({ files: wrong })("chain", "plan.yaml")
      assert.match(told.stderr, /^error: plan\.yaml:\d+:\d+: /)
      assert.include(told.stderr, "did you mean model?")
      assert.strictEqual(told.exitCode, 2)
    }))

  it.effect("prints the schema of plans", () =>
    Effect.gen(function*() {
      const told = yield* claudePoolIn({})("chain", "schema")
      const schema = JSON.parse(told.stdout) as { readonly title: string }
      assert.strictEqual(schema.title, "A plan of claude-pool")
      assert.deepStrictEqual(told.modes, [])
    }))
})

describe("claude-pool chain resume", () => {
  it.effect("takes a chain up again, from a step and with a budget", () =>
    Effect.gen(function*() {
      const asked = yield* Deferred.make<unknown>()
      const pool: Partial<Pool["Service"]> = {
        ...ending(),
        resumeChain: (...given) => Effect.as(Deferred.succeed(asked, given), chainView())
      }
      const resume = claudePoolIn({ pool })
      const told = yield* resume("chain", "resume", sampleChain, "--from", "build", "--budget-usd", "2")
      assert.deepStrictEqual(yield* Deferred.await(asked), [sampleChain, { from: "build", budget: fromUsd(2) }])
      assert.deepStrictEqual([told.stdout, told.exitCode, told.modes], ["the answer", 0, ["batch"]])
      assert.deepStrictEqual((yield* resume("chain", "resume", sampleChain, "--detach")).modes, ["accept"])
    }))

  it.effect("says before what it would do", () =>
    Effect.gen(function*() {
      const asked = yield* Deferred.make<unknown>()
      const pool: Partial<Pool["Service"]> = {
        forecast: (chain) => Effect.as(Deferred.succeed(asked, chain), forecast)
      }
      const told = yield* claudePoolIn({ pool })("chain", "resume", sampleChain, "--from", "build", "--dry-run")
      assert.deepStrictEqual(yield* Deferred.await(asked), { id: sampleChain, from: "build" })
      assert.match(told.stdout, /at most \$5\.00/)
    }))
})
