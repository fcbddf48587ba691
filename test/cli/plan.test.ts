/**
 * Plans by name from the command line, chains and fan-outs.
 */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Result } from "effect"
import type { ChainRequest } from "../../src/domain/ChainDefinition.ts"
import type { FanOutItem, FanOutOptions } from "../../src/domain/FanOut.ts"
import { fromUsd } from "../../src/domain/MicroUsd.ts"
import { readPlan } from "../../src/domain/PlanText.ts"
import { InvalidPlan } from "../../src/domain/RequestFailure.ts"
import { shippedPlans } from "../../src/plans/ShippedPlans.ts"
import type { Plans } from "../../src/services/Plans.ts"
import type { Pool } from "../../src/services/Pool.ts"
import { claudePoolIn } from "../support/FrontDoor.ts"
import { chainView, groupView, sampleChain, sampleGroup } from "../support/SampleViews.ts"

const text = "variables:\n  task: {}\nsteps:\n  - name: plan\n    prompt: plan {vars.task}\n"

const planText =
  "description: Look at files\nvariables:\n  files: { default: '*.ts' }\n  focus: {}\nover: { glob: '{vars.files}' }\n" +
  "budget_usd: 9\nitem_budget_usd: 2\nconcurrency: 2\nprompt: 'look at {item} for {vars.focus}'\nreduce: 'rank {outcomes}'\n"

const found = (name: string, plan: string) => ({
  name,
  origin: "project" as const,
  path: `/project/.claude-pool/plans/${name}.yaml`,
  plan: Result.getOrThrow(readPlan(plan, name)),
  text: plan
})

const plans: Partial<Plans["Service"]> = {
  find: (name) => Effect.succeed(found(name, name === "look" ? planText : text)),
  list: Effect.succeed([
    { ...found("look", planText), plan: readPlan(planText, "look") },
    {
      name: "broken",
      origin: "user",
      path: "/home/user/broken.yaml",
      plan: Result.fail(
        new InvalidPlan({ origin: "broken.yaml", issues: [{ line: 1, column: 2, message: "steps is missing" }] })
      )
    }
  ])
}

describe("claude-pool plans", () => {
  it.effect("lists them, with what they need and what is wrong with them", () =>
    Effect.gen(function*() {
      const listing = claudePoolIn({ plans })
      const told = yield* listing("plans")
      assert.deepStrictEqual(told.stdout.split("\n"), [
        "NAME    FROM     KIND     VARIABLES      ABOUT",
        "look    project  fan-out  [files] focus  Look at files",
        "broken  user     broken                  broken.yaml:1:2: steps is missing"
      ])
      assert.deepStrictEqual(JSON.parse((yield* listing("plans", "--json")).stdout), [
        {
          name: "look",
          origin: "project",
          path: "/project/.claude-pool/plans/look.yaml",
          kind: "fan-out",
          description: "Look at files",
          variables: { files: { default: "*.ts" }, focus: {} }
        },
        {
          name: "broken",
          origin: "user",
          path: "/home/user/broken.yaml",
          error: "broken.yaml:1:2: steps is missing"
        }
      ])
    }))

  it.effect("prints one as it is written", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* claudePoolIn({ plans })("plans", "look")).stdout, planText.trimEnd())
    }))
})

describe("claude-pool plan", () => {
  it.effect("runs a chain by its name, or from a file", () =>
    Effect.gen(function*() {
      for (const name of ["build", "./plan.yaml", "plan.yaml"]) {
        const asked = yield* Deferred.make<ChainRequest>()
        const pool: Partial<Pool["Service"]> = {
          submitChain: (request) => Effect.as(Deferred.succeed(asked, request), chainView())
        }
        const files = { "/project/plan.yaml": text }
        const told = yield* claudePoolIn({ plans, pool, files })("plan", name, "--var", "task=x", "--detach")
        assert.strictEqual(told.stdout, sampleChain, told.stderr)
        const { definition, vars } = yield* Deferred.await(asked)
        assert.deepStrictEqual([definition.steps[0]?.name, vars], ["plan", { task: "x" }])
      }
    }))

  const sources = { "/project/a.ts": "", "/project/b.ts": "", "/project/c.md": "" }

  it.effect("runs a fan-out over what its variables say, within its limits or those of the command line", () =>
    Effect.gen(function*() {
      const askedFor = (...flags: ReadonlyArray<string>) =>
        Effect.gen(function*() {
          const asked = yield* Deferred.make<readonly [ReadonlyArray<FanOutItem>, FanOutOptions | undefined]>()
          const pool: Partial<Pool["Service"]> = {
            fanOut: (...given) => Effect.as(Deferred.succeed(asked, [given[0], given[1]]), groupView())
          }
          const told = yield* claudePoolIn({ plans, pool, files: sources })(
            "plan",
            "look",
            "--detach",
            "--var",
            "focus=bugs",
            ...flags
          )
          assert.strictEqual(told.stdout, sampleGroup, told.stderr)
          return yield* Deferred.await(asked)
        })

      const [items, options] = yield* askedFor()
      assert.deepStrictEqual(items.map(({ input, prompt }) => [input, prompt]), [
        ["a.ts", "look at a.ts for bugs"],
        ["b.ts", "look at b.ts for bugs"]
      ])
      assert.deepStrictEqual(options, {
        onFailure: "continue",
        concurrency: 2,
        budget: fromUsd(9),
        reduce: { cwd: "/project", prompt: "rank {outcomes}" },
        defaults: { cwd: "/project", budget: fromUsd(2) }
      })
      const [others, said] = yield* askedFor("--var", "files=*.md", "--budget-usd", "1", "--key", "k")
      assert.deepStrictEqual(others.map(({ prompt }) => prompt), ["look at c.md for bugs"])
      assert.deepStrictEqual([said?.budget, said?.key], [fromUsd(1), "k"])
    }))

  it.effect("says before what a fan-out would ask, and the most that it may cost", () =>
    Effect.gen(function*() {
      const looking = claudePoolIn({ plans, files: sources })
      const told = yield* looking("plan", "look", "--var", "focus=bugs", "--dry-run")
      assert.deepStrictEqual(told.stdout.split("\n"), [
        "ITEM  PROMPT",
        "0     look at a.ts for bugs",
        "1     look at b.ts for bugs",
        "",
        "in all: 2 items, at most $9.00; it is stopped at $9.00"
      ])
      assert.deepStrictEqual(told.modes, ["reader"])
      const json = yield* looking("plan", "look", "--var", "focus=bugs", "--dry-run", "--json")
      assert.deepStrictEqual(JSON.parse(json.stdout), {
        items: [{ prompt: "look at a.ts for bugs" }, { prompt: "look at b.ts for bugs" }],
        reserve_usd: 9,
        budget_usd: 9
      })
    }))

  it.effect("says that what only reads only reads", () =>
    Effect.gen(function*() {
      const read = (name: string) => {
        const plan = shippedPlans[name]!
        return { ...found(name, plan), origin: "shipped" as const }
      }
      const group = groupView({ state: "failed" })
      const chain = chainView({ state: "failed" })
      const pool: Partial<Pool["Service"]> = {
        fanOut: () => Effect.succeed(group),
        group: () => Effect.succeed(group),
        items: () => Effect.succeed({ items: [], total: 0 }),
        submitChain: () => Effect.succeed(chain),
        chain: () => Effect.succeed(chain),
        wait: () => Effect.succeed({ done: [], running: [], timed_out: false })
      }
      const running = claudePoolIn({ plans: { find: (name) => Effect.succeed(read(name)) }, pool, files: sources })
      const audit = yield* running("plan", "audit", "--var", "files=*.ts")
      assert.match(audit.stderr, /^permissions: read-only — .*; as its items say\n/)
      const triage = yield* running("plan", "triage", "--var", "issue=it breaks")
      assert.match(triage.stderr, /^permissions: read-only — .*; as its steps say\n/)
    }))

  it.effect("says which variable has no value", () =>
    Effect.gen(function*() {
      const told = yield* claudePoolIn({ plans, files: sources })("plan", "look")
      assert.match(told.stderr, /^error: look: .*the variable focus has no value; give it one with --var focus=VALUE/)
      assert.strictEqual(told.exitCode, 2)
    }))
})
