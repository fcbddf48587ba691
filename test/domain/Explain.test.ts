/**
 * Why work stands where it stands: every reason there is has its own words, and a way out.
 */
import { assert, describe, it } from "@effect/vitest"
import { DateTime } from "effect"
import { historyOf, isEventful } from "../../src/domain/AttemptHistory.ts"
import type { AttemptView } from "../../src/domain/AttemptView.ts"
import { EnvironmentReason } from "../../src/domain/EnvironmentFailure.ts"
import { explainTask, type Surroundings } from "../../src/domain/Explain.ts"
import {
  explainChain,
  explainGroup,
  explainStep,
  responsibleItem,
  responsibleStep
} from "../../src/domain/ExplainWhole.ts"
import { HoldCause } from "../../src/domain/Hold.ts"
import { LimitReason } from "../../src/domain/LimitFailure.ts"
import { RequestReason } from "../../src/domain/RequestFailure.ts"
import { SlotReason } from "../../src/domain/SlotFailure.ts"
import { type TaskView, WaitsFor } from "../../src/domain/TaskView.ts"
import { WorkerReason } from "../../src/domain/WorkerFailure.ts"
import { WorkspaceReason } from "../../src/domain/WorkspaceFailure.ts"
import {
  chainView,
  doneView,
  failedView,
  groupView,
  queuedView,
  reviewedView,
  sampleId,
  stepView
} from "../support/SampleViews.ts"

const around: Surroundings = { now: DateTime.makeUnsafe("2026-01-01T00:01:00.000Z") }

const attempt = (number: number, more: Partial<AttemptView> = {}): AttemptView => ({
  task: sampleId("a"),
  number,
  slot: `slot-${number}`,
  state: "completed",
  started_at: `2026-01-01T00:00:${10 * number}.000Z`,
  finished_at: `2026-01-01T00:00:${10 * number + 5}.000Z`,
  cost_usd: 0.01,
  ...more
})

const failure = (code: string, message = `it was ${code}`) => ({ code, message, hint: "a hint", retryable: false })

/** A way out is a command or a setting. */
const names = /`[^`]+`|--[a-z]|\b[a-z]+_[a-z]+\b/

const codes = [EnvironmentReason, LimitReason, WorkerReason, SlotReason, WorkspaceReason, RequestReason]
  .flatMap(({ members }) => members.map((member) => member.fields._tag.schema.literal))

describe("a task that waits", () => {
  it("says for what, and what would change that, for everything there is to wait for", () => {
    const said = WaitsFor.literals.map((waits_for) => {
      const { because, change, state } = explainTask(queuedView("a", { waits_for }), [], around)
      assert.strictEqual(state, "queued")
      assert.match(because, /^(it waits|attempt \d)[^\n]+\.$/, waits_for)
      assert.match(change ?? "", names, waits_for)
      return [because, change]
    })
    for (const  of of[0, 1]) assert.strictEqual(new Set(said.map((both) => both[of])).size, WaitsFor.literals.length)
  })

  it("says of a hold what the pool knows of it", () => {
    for (const cause of HoldCause.literals) {
      const hold = {
        cause,
        detail: `detail\u001b[2J of ${cause}`,
        hint: "",
        since: "2026-01-01T00:00:00.000Z",
        until: "2026-01-01T00:05:00.000Z"
      }
      const status = { pool: "here", slots: [], holds: [hold], budget: { spent_usd: 0, reserved_usd: 0 } } as const
      const { because } = explainTask(queuedView("a", { waits_for: cause }), [], { ...around, status })
      assert.include(because, `(detail of ${cause}); it is tried again at 2026-01-01T00:05:00.000Z.`)
    }
  })

  it("says how a login is mended, and not an account that cannot pay", () => {
    const hint = "check credit and billing of the account"
    const hold = { cause: "login", detail: "no credit", hint, since: "2026-01-01T00:00:00.000Z" } as const
    const status = { pool: "here", slots: [], holds: [hold], budget: { spent_usd: 0, reserved_usd: 0 } } as const
    const { change } = explainTask(queuedView("a", { waits_for: "login" }), [], { ...around, status })
    assert.strictEqual(change, hint)
  })

  it("says how many slots are busy, which money is there, which role it asks for, and why it is tried again", () => {
    const slot = { slot: "slot-1", state: "busy" } as const
    const status = {
      pool: "here",
      slots: [slot, { ...slot, slot: "slot-2", state: "idle" }],
      budget: { spent_usd: 1, reserved_usd: 2, cap_usd: 3 }
    } as const
    const tell = (more: Partial<TaskView>) => explainTask(queuedView("a", more), [], { ...around, status }).because
    assert.include(tell({ waits_for: "slot" }), "(1 of 2 are busy)")
    assert.include(tell({ waits_for: "budget" }), "of $3.00, $1.00 are spent and $2.00 reserved")
    assert.include(tell({ waits_for: "role", role: "reviewer" }), "the role reviewer")
    assert.include(
      tell({ waits_for: "retry", attempts: 2, error: failure("Stalled"), not_before: "2026-01-01T00:02:00.000Z" }),
      "attempt 2 failed: Stalled, it was Stalled; it is tried again at 2026-01-01T00:02:00.000Z."
    )
    const { waits_for: _, ...unknown } = queuedView("a")
    assert.match(explainTask(unknown, [], around).because, /^it waits for the pool that runs here/)
  })
})

describe("a task that failed", () => {
  it("says how to go on, in words of its own for every failure there is", () => {
    const changes = codes.map((code) => {
      const { because, change } = explainTask(failedView("a", code), [], around)
      assert.include(because, `(${code}): it was ${code}.`)
      assert.notStrictEqual(change, "do it differently", code)
      assert.match(change ?? "", names, code)
      assert.notInclude(change ?? "", "undefined", code)
      return change
    })
    assert.isAbove(new Set(changes).size, codes.length / 2)
    // One that a newer program has written has a hint of its own.
    assert.strictEqual(explainTask(failedView("a", "Novel"), [], around).change, "do it differently")
  })

  it("says so where it was never started, or is in quarantine", () => {
    assert.match(
      explainTask({ ...failedView("a", "BudgetRefused"), attempts: 0 }, [], around).because,
      /^it failed before it was started/
    )
    assert.match(
      explainTask({ ...failedView("a", "Quarantined"), attempts: 2 }, [], around).because,
      /^it is in quarantine after 2 attempts/
    )
  })
})

describe("a task", () => {
  it("that runs says for how long, what it does, and what is suspicious", () => {
    const task: TaskView = {
      ...queuedView("a", { attempts: 1 }),
      state: "running",
      slot: "slot-1",
      progress: { phase: "running-tool", tool: "Bash\u001b[2J", turns: 2, cost_usd: 0.5, last_event_s: 42 }
    }
    const current = attempt(1, { state: "running" })
    const status = {
      pool: "here",
      slots: [{ slot: "slot-1", state: "busy", task: task.id, suspicion: "its processes use no CPU" }],
      budget: { spent_usd: 0, reserved_usd: 0 }
    } as const
    const told = explainTask(task, [current], { ...around, status })
    assert.strictEqual(
      told.because,
      "attempt 1 has been running on slot-1 for 50s: it runs Bash, last heard of 42s ago, $0.50 so far. " +
        "Suspicious: its processes use no CPU."
    )
    assert.include(told.change, `claude-pool logs -f ${task.id}`)
    const { progress: _, ...silent } = task
    assert.strictEqual(explainTask(silent, [current], around).because, "attempt 1 has been running on slot-1 for 50s.")
  })

  it("in review says how to accept it and how to send it back", () => {
    const { because, change } = explainTask(reviewedView("a"), [], around)
    assert.strictEqual(because, "its result waits to be approved; it was sent back 1 of at most 3 times.")
    assert.match(change ?? "", /approve t_a+ --hash 9f86d0.* reject t_a+ --feedback/)
  })

  it("that is done, or was cancelled, says so in a line", () => {
    assert.match(explainTask(doneView("a"), [attempt(1)], around).because, /^it is done; `claude-pool result/)
    const recovered = explainTask(doneView("a"), [attempt(1, { recovered: true })], around)
    assert.include(recovered.because, "its answer was found in its session after the pool had been killed")
    const cancelled = explainTask({ ...doneView("a"), state: "cancelled", summary: "no\nmore" }, [], around)
    assert.strictEqual(cancelled.because, "it was cancelled: no more.")
    assert.include(cancelled.change, "claude-pool retry")
  })
})

describe("the attempts of a task", () => {
  it("are a line each, with what became of them", () => {
    assert.deepStrictEqual(
      historyOf([
        attempt(1, { state: "failed", error: failure("WorkerLost", "gone\u001b[2J\nnow") }),
        attempt(2, { state: "failed", postponed: true, error: failure("UsageLimited") }),
        attempt(3, { state: "interrupted", interrupted_by: "crash", session: "s3" }),
        attempt(4, { resumes: "s3", recovered: true }),
        attempt(5, { state: "running", resumes: "other" })
      ]),
      [
        "attempt 1 on slot-1: failed (WorkerLost: gone now), retried after 5s",
        "attempt 2 on slot-2: put off, which is not counted (UsageLimited: it was UsageLimited), retried after 5s",
        "attempt 3 on slot-3: cut off, for the pool was killed, taken up again after 5s",
        "attempt 4 on slot-4, in the session of attempt 3: done; its answer was found in its session after the pool had been killed, and sent back after 5s",
        "attempt 5 on slot-5, in the session of the task that it continues: running"
      ]
    )
    assert.deepStrictEqual([[attempt(1)], [attempt(1, { recovered: true })], []].map(isEventful), [false, true, false])
  })
})

describe("a group", () => {
  const counts = { queued: 0, running: 0, review: 1, done: 1, failed: 1, cancelled: 0 }

  it("says which of its items is responsible", () => {
    const items = [doneView("a"), failedView("b", "TimedOut"), reviewedView("c", { index: 2 })]
    const running = groupView({ state: "running", items: 3, counts })
    const found = responsibleItem(running, items)!
    assert.strictEqual(found.id, sampleId("c"))
    const told = explainGroup(running, { what: "item 2", explanation: explainTask(found, [], around) })
    assert.match(
      told.because,
      /^1 of its 3 items are done\. item 2 \(t_c+\) is review: its result waits to be approved/
    )
    assert.include(told.change, "claude-pool approve")
    assert.strictEqual(told.part, sampleId("c"))

    const failed = groupView({ state: "failed", items: 3, counts, error: failure("ItemsFailed") })
    assert.strictEqual(responsibleItem(failed, items)?.id, sampleId("b"))
    assert.include(explainGroup(failed, null).change, `claude-pool retry ${failed.id}`)
    assert.isNull(responsibleItem(groupView(), items))
  })
})

describe("a chain", () => {
  it("says at which step it is, or which one ended it", () => {
    const waiting = stepView("build", { state: "waiting", after: ["plan"] })
    const running = chainView({ state: "running", steps: [stepView("plan"), waiting] })
    assert.strictEqual(responsibleStep(running), waiting)
    const told = explainChain(running, { what: "step build", explanation: explainStep(running, waiting) })
    assert.match(told.because, /^1 of its 2 steps are done\. step build \(c_c+\) is waiting: it comes after plan\.$/)

    const check = stepView("test", { state: "failed", kind: "check", error: failure("CheckFailed") })
    const failed = chainView({
      state: "failed",
      failed_step: "test",
      error: failure("CheckFailed"),
      steps: [stepView("plan"), check]
    })
    assert.strictEqual(responsibleStep(failed), check)
    const why = explainChain(failed, { what: "step test", explanation: explainStep(failed, check) })
    assert.include(why.because, "step test")
    assert.include(why.change, `claude-pool chain resume ${failed.id}`)
    assert.match(explainChain(chainView(), null).because, /^it is done/)
  })
})
