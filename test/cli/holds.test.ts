/**
 * Why nothing is started, and what the end of a pool leaves: always with the way out.
 */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Duration, Effect } from "effect"
import type { HoldView } from "../../src/domain/Hold.ts"
import type { PoolStatus } from "../../src/domain/PoolView.ts"
import type { TaskView } from "../../src/domain/TaskView.ts"
import { claudePoolIn } from "../support/FrontDoor.ts"
import { doneView, failedView, sampleId } from "../support/SampleViews.ts"

const hold: HoldView = {
  cause: "login",
  detail: "401 invalid\u001b[2J key",
  hint: "log in with `claude`",
  since: "2026-01-01T00:00:00.000Z"
}

const status: PoolStatus = {
  store: "/project/.claude-pool",
  pool: "here",
  slots: [],
  tasks: { queued: 1, running: 1, review: 0, done: 0, failed: 0, cancelled: 0 },
  running: [],
  budget: { spent_usd: 0, reserved_usd: 0 },
  containment: "pid-namespace",
  restarts: { recent: 1, total: 3 },
  free_memory_bytes: 3 * 2 ** 30,
  holds: [hold, { ...hold, cause: "memory", until: "2026-01-01T00:05:00.000Z", probing: true }]
}

describe("what holds work back", () => {
  it.effect("is the first thing that status says, with the way out, however narrow the terminal", () =>
    Effect.gen(function*() {
      const told = yield* claudePoolIn({
        pool: { status: Effect.succeed(status) },
        machine: { stdoutIsTerminal: true, columns: 40, env: { NO_COLOR: "1" } }
      })("status")
      const [cause, hint, second] = told.stdout.split("\n")
      assert.strictEqual(
        cause,
        "nothing is started: the workers' login does not work (401 invalid key), since 2026-01-01T00:00:00.000Z"
      )
      assert.strictEqual(hint, "  log in with `claude`")
      assert.match(second ?? "", /free memory .*; a task is trying just now whether it is over$/)
      assert.match(told.stdout, /^restarts +3 of slots, 1 in the l/m)
      assert.match(told.stdout, /^free memory +3 GiB$/m)
      assert.match(told.stdout, /^containment +pid-namespace/m)
    }))

  it.effect("is said of a task that waits, and after a wait in vain", () =>
    Effect.gen(function*() {
      const queued: TaskView = { ...doneView("q"), state: "queued", waits_for: "login" }
      const looking = claudePoolIn({
        pool: {
          result: () => Effect.succeed(queued),
          output: (id) => Effect.succeed({ id, offset: 0, total: 0, text: "" }),
          wait: () => Effect.succeed({ done: [], running: [queued.id], timed_out: true }),
          status: Effect.succeed({ ...status, pool: "elsewhere" })
        }
      })
      const result = yield* looking("result", queued.id)
      assert.include(result.stderr, "waits: the workers' login does not work; `claude-pool status` says more")
      const waited = yield* looking("wait", queued.id)
      assert.include(waited.stderr, "nothing is started: the workers' login does not work")
      assert.strictEqual(waited.exitCode, 5)
    }))

  it.effect("is told of a task in quarantine with its evidence", () =>
    Effect.gen(function*() {
      const failed = failedView("f", "Quarantined")
      const crash = { reason: "WorkerLost", detail: "killed" }
      const evidence = [
        { ...crash, attempt: 1, slot: "slot-1", detail: "killed\u001b[2J" },
        { ...crash, attempt: 2, slot: "slot-3" }
      ]
      const told = yield* claudePoolIn({
        pool: {
          result: () => Effect.succeed({ ...failed, error: { ...failed.error!, evidence } }),
          output: (id) => Effect.succeed({ id, offset: 0, total: 0, text: "" })
        }
      })("result", failed.id)
      assert.include(
        told.stderr,
        "\n  attempt 1 on slot-1: WorkerLost: killed\n  attempt 2 on slot-3: WorkerLost: killed\n"
      )
    }))
})

describe("the end of a command that runs a pool", () => {
  const report = { finished: [], cut: [sampleId("b")], queued: 2, s: 2 }

  for (const argv of [["wait"], ["mcp"]]) {
    it.effect(`says what \`claude-pool ${argv.join(" ")}\` leaves, and how to go on`, () =>
      Effect.gen(function*() {
        const asked = yield* Deferred.make<unknown>()
        const told = yield* claudePoolIn({
          machine: { env: { CLAUDE_POOL_IN_PROCESS: "true" } },
          serve: Effect.void,
          pool: {
            status: Effect.succeed(status),
            wait: () => Effect.succeed({ done: [], running: [], timed_out: false }),
            drain: (options) => Effect.as(Deferred.succeed(asked, options), report)
          }
        })(...argv)
        assert.include(
          told.stderr,
          `the pool has ended: 1 cut off and waits again (${sampleId("b")}), 2 tasks wait\nhint: \`claude-pool wait\``
        )
        assert.deepStrictEqual(yield* Deferred.await(asked), { grace: Duration.seconds(2) })
      }))
  }

  it.effect("leaves a pool alone that runs in another process", () =>
    Effect.gen(function*() {
      const told = yield* claudePoolIn({
        pool: { wait: () => Effect.succeed({ done: [], running: [], timed_out: false }) }
      })("wait")
      assert.strictEqual(told.exitCode, 0)
      assert.notInclude(told.stderr, "ended")
    }))
})
