/**
 * How a request is handed out: decided only, or decided and run.
 */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber, Ref } from "effect"
import type { AutoOptions } from "../../src/domain/CallOptions.ts"
import { fromUsd } from "../../src/domain/MicroUsd.ts"
import type { RouteHints } from "../../src/domain/Route.ts"
import { decideByRules } from "../../src/domain/RouteRules.ts"
import type { RouteView } from "../../src/domain/RouteView.ts"
import type { Pool } from "../../src/services/Pool.ts"
import { claudePoolIn } from "../support/FrontDoor.ts"
import {
  chainView,
  doneView,
  failedView,
  groupView,
  reviewedView,
  sampleChain,
  sampleGroup,
  sampleId
} from "../support/SampleViews.ts"
import { pass } from "../support/Time.ts"

const parallel: RouteView = {
  route: "parallel-combine",
  reason: "three files, one question",
  confidence: 0.92,
  decided_by: "rules",
  prompts: ["look at a", "look at b"],
  combine: "what do they have in common?\n{outcomes}",
  cost_usd: 0
}

const fallback: RouteView = {
  route: "single",
  reason: "the rules were unsure",
  confidence: 0.4,
  decided_by: "fallback",
  fallback: "the model's answer was no plan",
  prompts: ["do it"],
  cost_usd: 0.0012,
  task: sampleId("r")
}

describe("the examples in the help", () => {
  /** The prompt of each example, and how the rules would hand it out. */
  const routesIn = (command: string) =>
    Effect.map(claudePoolIn({})(command, "--help"), ({ stdout }) => {
      const examples = stdout.slice(stdout.indexOf("EXAMPLES")).matchAll(/claude-pool (?:auto|route) "([^"]+)"/g)
      return Array.from(examples, ([, prompt = ""]) => decideByRules(prompt).decision?.kind ?? "unsure")
    })

  it.effect("are handed out as they say, without asking a model", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* routesIn("auto"), ["parallel", "chain"])
      assert.deepStrictEqual(yield* routesIn("route"), ["parallel"])
    }))
})

describe("claude-pool route", () => {
  const routing = (view: RouteView) =>
    Effect.gen(function*() {
      const asked = yield* Deferred.make<RouteHints | undefined>()
      const route = claudePoolIn({
        pool: { route: (_, hints) => Effect.as(Deferred.succeed(asked, hints), view) }
      })
      return { asked, route }
    })

  it.effect("prints the decision and each prompt that would be run", () =>
    Effect.gen(function*() {
      const { route } = yield* routing(parallel)
      const told = yield* route("route", "compare a and b")
      assert.deepStrictEqual(told.stdout.split("\n"), [
        "route: parallel-combine, decided by the rules, 92% sure",
        "why: three files, one question",
        "",
        "task 1",
        "  look at a",
        "",
        "task 2",
        "  look at b",
        "",
        "then, of all answers",
        "  what do they have in common?",
        "  {outcomes}"
      ])
      assert.deepStrictEqual([told.stderr, told.exitCode], ["", 0])
      assert.deepStrictEqual(JSON.parse((yield* route("route", "x", "--json")).stdout), parallel)
    }))

  it.effect("hands over what the caller knows", () =>
    Effect.gen(function*() {
      const { asked, route } = yield* routing(parallel)
      const flags = ["--prefer", "parallel", "--max-parallel", "3", "--max-steps", "2", "--domain", "books"]
      yield* route("route", "x", ...flags, "--part", "one", "--part", "two", "--ask", "always")
      assert.deepStrictEqual(yield* Deferred.await(asked), {
        prefer: "parallel",
        maxParallel: 3,
        maxSteps: 2,
        domain: "books",
        parts: ["one", "two"],
        model: "always"
      })
    }))

  it.effect("needs a worker only where a model may be asked", () =>
    Effect.gen(function*() {
      const { route } = yield* routing(parallel)
      assert.deepStrictEqual((yield* route("route", "x")).modes, ["run"])
      assert.deepStrictEqual((yield* route("route", "x", "--ask", "if-unsure")).modes, ["run"])
      assert.deepStrictEqual((yield* route("route", "x", "--ask", "never")).modes, ["reader"])
    }))

  it.effect("refuses a hint that no router could keep", () =>
    Effect.gen(function*() {
      const told = yield* claudePoolIn({})("route", "x", "--max-parallel", "65")
      assert.match(told.stderr, /^error: --max-parallel: .*between 1 and 64\nhint: `claude-pool route --help`/)
      assert.strictEqual(told.exitCode, 2)
    }))
})

/** A pool that routes as it is told, and whose work is done at once. */
const deciding = (id: string, route: RouteView, more: Partial<Pool["Service"]> = {}): Partial<Pool["Service"]> => ({
  auto: () => Effect.succeed({ id, route }),
  wait: () => Effect.succeed({ done: [], running: [], timed_out: false }),
  output: (of) => Effect.succeed({ id: of, offset: 0, total: 6, text: "answer" }),
  ...more
})

describe("claude-pool auto", () => {
  const single = deciding(sampleId("a"), fallback, { result: () => Effect.succeed(doneView("a")) })

  it.effect("says which route, why and who decided, and prints the answer", () =>
    Effect.gen(function*() {
      const told = yield* claudePoolIn({ pool: single })("auto", "do it")
      assert.deepStrictEqual([told.stdout, told.exitCode, told.modes], ["answer", 0, ["batch"]])
      assert.deepStrictEqual(told.stderr.split("\n").slice(1), [
        "route: single, decided for want of a better answer, 40% sure, for $0.0012",
        "why: the rules were unsure",
        "fell back to single: the model's answer was no plan",
        `accepted as ${sampleId("a")}`,
        `${sampleId("a")} done · $0.0123 · 3 turns · 12.5s · sonnet`
      ])
      assert.deepStrictEqual(JSON.parse((yield* claudePoolIn({ pool: single })("auto", "x", "--json")).stdout), {
        ...doneView("a"),
        output: "answer",
        route: fallback
      })
    }))

  it.effect("gives its options to every task that comes of it", () =>
    Effect.gen(function*() {
      const asked = yield* Deferred.make<AutoOptions | undefined>()
      const pool: Partial<Pool["Service"]> = {
        ...single,
        auto: (_, options) => Effect.as(Deferred.succeed(asked, options), { id: sampleId("a"), route: fallback })
      }
      yield* claudePoolIn({ pool })("auto", "x", "--budget-usd", "0.5", "--role", "reviewer", "--max-steps", "3")
      assert.deepStrictEqual(yield* Deferred.await(asked), {
        hints: { maxSteps: 3 },
        options: { cwd: "/project", budget: fromUsd(0.5), role: "reviewer" }
      })
    }))

  it.effect("prints what came of a group or of a chain", () =>
    Effect.gen(function*() {
      const items = [doneView("a", { index: 0 }), failedView("b", "Stalled")]
      const counts = { ...groupView().counts, done: 1, failed: 1 }
      const many = deciding(sampleGroup, { ...parallel, route: "parallel" }, {
        group: () => Effect.succeed(groupView({ state: "failed", counts })),
        items: () => Effect.succeed({ items, total: 2 })
      })
      const told = yield* claudePoolIn({ pool: many })("auto", "x")
      assert.match(told.stdout, /^ITEM .*\n0 +t_a+ +done .*\n +t_b+ +failed /)
      assert.strictEqual(told.exitCode, 5)

      const steps = deciding(sampleChain, { ...parallel, route: "chain" }, {
        chain: () => Effect.succeed(chainView())
      })
      const chained = yield* claudePoolIn({ pool: steps })("auto", "x")
      assert.deepStrictEqual([chained.stdout, chained.exitCode], ["answer", 0])
      assert.match(chained.stderr, /\nSTEP .*\nplan +done +t_a+ /)
    }))

  it.effect("only hands it in with --detach, by the rules", () =>
    Effect.gen(function*() {
      const asked = yield* Deferred.make<AutoOptions | undefined>()
      const pool: Partial<Pool["Service"]> = {
        auto: (_, options) => Effect.as(Deferred.succeed(asked, options), { id: sampleGroup, route: parallel })
      }
      const told = yield* claudePoolIn({ pool })("auto", "x", "--detach")
      assert.deepStrictEqual([told.stdout, told.modes], [sampleGroup, ["accept"]])
      assert.include(told.stderr, "route: parallel-combine")
      assert.deepStrictEqual((yield* Deferred.await(asked))?.hints, { model: "never" })

      const contradiction = yield* claudePoolIn({})("auto", "x", "--detach", "--ask", "always")
      assert.match(contradiction.stderr, /^error: --detach and --ask always contradict/)
      assert.strictEqual(contradiction.exitCode, 2)
    }))

  it.effect("cancels what it has started when it is interrupted", () =>
    Effect.gen(function*() {
      const cancelled = yield* Deferred.make<ReadonlyArray<string>>()
      const told = yield* claudePoolIn({
        pool: {
          ...single,
          wait: () => Effect.interrupt,
          cancel: (ids) => Effect.as(Deferred.succeed(cancelled, ids), { cancelled: ids, already_finished: [] })
        }
      })("auto", "x")
      assert.deepStrictEqual(yield* Deferred.await(cancelled), [sampleId("a")])
      assert.strictEqual(told.exitCode, 130)
      assert.include(told.stderr, `${sampleId("a")} was interrupted while it was waited for`)
      assert.include(told.stderr, `hint: \`claude-pool retry ${sampleId("a")}\` runs again what of it is not done`)
    }))

  it.effect("waits for a review no longer than for all else, and has not failed", () =>
    Effect.gen(function*() {
      const looks = yield* Ref.make(0)
      const counts = { ...groupView().counts, done: 1, review: 1 }
      const waiting = deciding(sampleGroup, parallel, {
        wait: () => Effect.succeed({ done: [], review: [reviewedView("a")], running: [], timed_out: false }),
        group: () =>
          Effect.map(Ref.updateAndGet(looks, (count) => count + 1), (look) =>
            groupView({ state: "running", counts: { ...counts, running: look < 3 ? 1 : 0 } })),
        items: () =>
          Effect.succeed({ items: [], total: 2 })
      })
      const running = yield* Effect.forkChild(claudePoolIn({ pool: waiting })("auto", "x"))
      yield* pass("5 seconds")
      const told = yield* Fiber.join(running)
      assert.strictEqual(yield* Ref.get(looks), 4)
      assert.strictEqual(told.exitCode, 0)
      assert.include(told.stderr, `\`claude-pool list --group ${sampleGroup} --state review\``)
    }))
})
