/**
 * Why work stands where it stands, on a command line.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { AttemptView } from "../../src/domain/AttemptView.ts"
import { claudePoolIn } from "../support/FrontDoor.ts"
import {
  chainView,
  doneView,
  failedView,
  groupView,
  queuedView,
  sampleChain,
  sampleGroup,
  sampleId,
  stepView
} from "../support/SampleViews.ts"

const attempt = (number: number, more: Partial<AttemptView> = {}): AttemptView => ({
  task: sampleId("a"),
  number,
  slot: "slot-1",
  state: "completed",
  started_at: `1970-01-01T00:00:0${2 * number}.000Z`,
  finished_at: `1970-01-01T00:00:0${2 * number + 1}.000Z`,
  cost_usd: 0.01,
  ...more
})

const lost = { code: "WorkerLost", message: "gone\u001b[2J", hint: "", retryable: true }
const attempts = [attempt(1, { state: "failed", error: lost }), attempt(2, { recovered: true, resumes: "s" })]

describe("claude-pool explain", () => {
  it.effect("is a line, what would change it, and the attempts", () =>
    Effect.gen(function*() {
      const told = claudePoolIn({
        pool: {
          result: () => Effect.succeed({ ...failedView("a", "TimedOut"), attempts: 2 }),
          attempts: () => Effect.succeed(attempts)
        }
      })
      const { exitCode, modes, stdout } = yield* told("explain", sampleId("a"))
      assert.strictEqual(exitCode, 0)
      assert.deepStrictEqual(modes, ["control"])
      const [line, change, ...history] = stdout.split("\n")
      assert.strictEqual(line, `${sampleId("a")} failed: it failed in attempt 2 (TimedOut): it was TimedOut.`)
      assert.match(change ?? "", /^to change that: .*--continue-from t_a+.*--timeout/)
      assert.deepStrictEqual(history, [
        "  attempt 1 on slot-1: failed (WorkerLost: gone), retried after 1s",
        "  attempt 2 on slot-1, in the session of the task that it continues: done; its answer was found in its session after the pool had been killed"
      ])
      const json = JSON.parse((yield* told("explain", sampleId("a"), "--json")).stdout) as object
      assert.deepInclude(json, { id: sampleId("a"), state: "failed", history: history.map((one) => one.trim()) })
      assert.hasAllKeys(json, ["id", "state", "because", "change", "history"])
    }))

  it.effect("of a group or a chain goes down to the task that is responsible", () =>
    Effect.gen(function*() {
      const item = queuedView("b", { index: 1 })
      const group = groupView({ state: "running", items: 2 })
      const told = claudePoolIn({
        pool: {
          group: () => Effect.succeed(group),
          items: () => Effect.succeed({ items: [doneView("a", { index: 0 }), item], total: 2 }),
          chain: () =>
            Effect.succeed(chainView({
              state: "running",
              steps: [stepView("plan"), stepView("files", { kind: "items", state: "running", group: sampleGroup })]
            })),
          // What it waits for, only the task itself says.
          result: (id) => Effect.succeed({ ...item, id, waits_for: "drain" })
        }
      })
      const ofGroup = yield* told("explain", sampleGroup)
      assert.match(
        ofGroup.stdout,
        /running: 2 of its 2 items are done\. item 1 \(t_b+\) is queued: .*the pool is drained/
      )
      assert.include(ofGroup.stdout, "to change that: `claude-pool resume`")
      const ofChain = yield* told("explain", sampleChain)
      assert.match(
        ofChain.stdout,
        /1 of its 2 steps are done\. step files \(g_g+\) is running: .* item 1 \(t_b+\) is queued/
      )
    }))

  it.effect("of an id that is none, or is not there, is the usual failure", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* claudePoolIn({})("explain", "nonsense")).exitCode, 2)
    }))
})

describe("claude-pool result", () => {
  it.effect("shows attempts where there is more to them than an answer", () =>
    Effect.gen(function*() {
      const look = (of: ReadonlyArray<AttemptView>, ...argv: ReadonlyArray<string>) =>
        claudePoolIn({
          pool: {
            result: () => Effect.succeed(doneView("a")),
            output: (id) => Effect.succeed({ id, offset: 0, total: 6, text: "answer" }),
            attempts: () => Effect.succeed(of)
          }
        })("result", sampleId("a"), ...argv)
      assert.include(
        (yield* look(attempts)).stderr,
        "\nattempt 1 on slot-1: failed (WorkerLost: gone), retried after 1s\nattempt 2"
      )
      assert.notInclude((yield* look([attempt(1)])).stderr, "attempt 1")
      const { stdout } = yield* look(attempts, "--json")
      assert.deepStrictEqual((JSON.parse(stdout) as { readonly attempts_made: unknown }).attempts_made, attempts)
    }))
})
