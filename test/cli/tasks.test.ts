/**
 * The commands that hand in, wait for, look at and stop tasks.
 */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Duration, Effect } from "effect"
import type { ListOptions, WaitOptions } from "../../src/domain/CallOptions.ts"
import type { TaskView } from "../../src/domain/TaskView.ts"
import { claudePoolIn } from "../support/FrontDoor.ts"
import { doneView, failedView, queuedView, sampleId } from "../support/SampleViews.ts"

const queued = queuedView("q")

describe("claude-pool submit", () => {
  it.effect("prints the id on stdout, and on stderr what runs the task", () =>
    Effect.gen(function*() {
      const submit = claudePoolIn({ pool: { submit: () => Effect.succeed(queued) } })
      const told = yield* submit("submit", "later")
      assert.strictEqual(told.stdout, queued.id)
      assert.strictEqual(told.stderr, `queued: \`claude-pool wait ${queued.id}\` waits for it`)
      assert.deepStrictEqual(JSON.parse((yield* submit("submit", "later", "--json")).stdout), queued)

      const alone = yield* submit("submit", "later", "--in-process")
      assert.strictEqual(alone.stderr, `queued: \`claude-pool wait ${queued.id}\` (or a running pool) runs it`)
    }))
})

const waiting = (
  reply: {
    readonly done: ReadonlyArray<TaskView>
    readonly running?: ReadonlyArray<string>
    readonly timed_out?: boolean
  }
) => claudePoolIn({ pool: { wait: () => Effect.succeed({ running: [], timed_out: false, ...reply }) } })

const askedBy = (...argv: ReadonlyArray<string>) =>
  Effect.gen(function*() {
    const asked = yield* Deferred.make<WaitOptions>()
    yield* claudePoolIn({
      // A time for tasks is no time for a wait, unless it is said to the wait itself.
      machine: { env: { CLAUDE_POOL_TIMEOUT: "7m" } },
      pool: {
        wait: (options) => Effect.as(Deferred.succeed(asked, options), { done: [], running: [], timed_out: false })
      }
    })("wait", ...argv)
    return yield* Deferred.await(asked)
  })

describe("claude-pool wait", () => {
  it.effect("waits as it is told, and for a day without being told", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* askedBy(), { ids: [], mode: "all", timeout: Duration.hours(24) })
      assert.deepStrictEqual(yield* askedBy(sampleId("a"), sampleId("b"), "--any", "--timeout", "10m"), {
        ids: [sampleId("a"), sampleId("b")],
        mode: "any",
        timeout: Duration.minutes(10)
      })
    }))

  it.effect("prints what has finished, and exits as the first task that is not done", () =>
    Effect.gen(function*() {
      const done = [doneView("a"), failedView("b", "BudgetExceeded"), failedView("c", "TimedOut")]
      const told = yield* waiting({ done })("wait", sampleId("c"), sampleId("b"), sampleId("a"))
      assert.strictEqual(told.exitCode, 5)
      assert.deepStrictEqual(told.stdout.split("\n").map((line) => line.trimEnd()), [
        "ID                  STATE   TIME   COST     ABOUT",
        `${sampleId("a")}  done    12.5s  $0.0123  answer a`,
        `${sampleId("b")}  failed  1m30s  $0.50    it was BudgetExceeded`,
        `${sampleId("c")}  failed  1m30s  $0.50    it was TimedOut`
      ])
      assert.strictEqual((yield* waiting({ done })("wait")).exitCode, 3)
      assert.strictEqual((yield* waiting({ done: [doneView("a")] })("wait")).exitCode, 0)
    }))

  it.effect("says when there was nothing to wait for", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* waiting({ done: [] })("wait")).stderr, "nothing was unfinished")
    }))

  it.effect("exits 5 when the time is over", () =>
    Effect.gen(function*() {
      const told = yield* waiting({ done: [], running: [sampleId("a")], timed_out: true })("wait", "--timeout", "1s")
      assert.strictEqual(told.exitCode, 5)
      assert.include(told.stderr, `not finished in time: ${sampleId("a")}`)
    }))
})

describe("claude-pool result and output", () => {
  const text = "0123456789"
  const reading = claudePoolIn({
    pool: {
      result: (id) => Effect.succeed(id === sampleId("f") ? failedView("f", "TimedOut") : doneView("a")),
      output: (id, { limit, offset }) => {
        const page = text.slice(offset, offset + limit)
        const end = offset + page.length
        return Effect.succeed({ id, offset, total: 10, text: page, ...(end < 10 ? { next_offset: end } : {}) })
      }
    }
  })

  it.effect("show a task with its answer; looking at a failed one is no failure", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* reading("result", sampleId("a"))).stdout, text)
      const failed = yield* reading("result", sampleId("f"))
      assert.strictEqual(failed.exitCode, 0)
      assert.include(failed.stderr, "it was TimedOut")
    }))

  it.effect("print a page, the next one, or everything", () =>
    Effect.gen(function*() {
      const page = yield* reading("output", sampleId("a"), "--offset", "2", "--limit", "3")
      assert.strictEqual(page.stdout, "234")
      assert.include(page.stderr, "--offset 5 goes on")
      assert.strictEqual((yield* reading("output", sampleId("a"), "--all", "--offset", "4")).stdout, "456789")
      assert.deepStrictEqual(JSON.parse((yield* reading("output", sampleId("a"), "--json")).stdout), {
        id: sampleId("a"),
        offset: 0,
        total: 10,
        text
      })
    }))
})

describe("claude-pool list", () => {
  it.effect("asks for what it is asked for, and fits its table to the terminal", () =>
    Effect.gen(function*() {
      const asked = yield* Deferred.make<ListOptions>()
      const tasks = [
        queued,
        doneView("a", { name: "names are long enough", summary: "and\nso are\u001b[31m summaries" })
      ]
      const told = yield* claudePoolIn({
        machine: { stdoutIsTerminal: true, columns: 60 },
        pool: {
          list: (options) => Effect.as(Deferred.succeed(asked, options), { tasks, total: 7, next_cursor: "here" })
        }
      })("list", "--state", "done", "--state", "queued", "--tag", "x", "--limit", "2", "--cursor", "there")
      assert.deepStrictEqual(yield* Deferred.await(asked), {
        limit: 2,
        states: ["done", "queued"],
        tag: "x",
        cursor: "there"
      })
      assert.deepStrictEqual(told.stdout.split("\n"), [
        "ID                  STATE          TIME   COST     ABOUT",
        `${sampleId("q")}  queued (slot)  0s     $0.00`,
        `${sampleId("a")}  done           12.5s  $0.0123  names ar…`
      ])
      assert.strictEqual(told.stderr, "2 of 7; --cursor here goes on")
    }))
})

describe("claude-pool status", () => {
  it.effect("shows where the pool is, its money, slots and running tasks", () =>
    Effect.gen(function*() {
      const running: TaskView = {
        ...queued,
        state: "running",
        s: 75,
        progress: { phase: "running-tool", tool: "Bash", turns: 2, cost_usd: 0.02, last_event_s: 1 }
      }
      const status = {
        store: "/project/.claude-pool",
        pool: "here",
        slots: [{ slot: "slot-1", state: "busy", task: running.id, pid: 42 }, { slot: "slot-2", state: "idle" }],
        tasks: { queued: 3, running: 1, review: 0, done: 0, failed: 0, cancelled: 0 },
        running: [running],
        budget: { spent_usd: 1.5, reserved_usd: 5, cap_usd: 20 }
      } as const
      const looking = claudePoolIn({ pool: { status: Effect.succeed(status) } })
      assert.deepStrictEqual((yield* looking("status")).stdout.split("\n"), [
        "store   /project/.claude-pool",
        "pool    runs in this process",
        "budget  $1.50 spent, $5.00 reserved, cap $20.00",
        "tasks   3 queued, 1 running",
        "",
        "SLOT    STATE  TASK                PID",
        `slot-1  busy   ${running.id}  42`,
        "slot-2  idle",
        "",
        "RUNNING             TIME   COST   PHASE         NAME",
        `${running.id}  1m15s  $0.00  running Bash`
      ])
      assert.deepStrictEqual(JSON.parse((yield* looking("status", "--json")).stdout), status)
    }))
})

describe("claude-pool status of slots with roles", () => {
  it.effect("shows the roles, and what waits for a review", () =>
    Effect.gen(function*() {
      const told = yield* claudePoolIn({
        pool: {
          status: Effect.succeed({
            store: "/project/.claude-pool",
            pool: "here",
            slots: [{ slot: "slot-1", state: "idle", role: "reviewer" }, { slot: "slot-2", state: "idle" }],
            tasks: { queued: 0, running: 0, review: 2, done: 0, failed: 0, cancelled: 0 },
            running: [],
            budget: { spent_usd: 0, reserved_usd: 0 }
          })
        }
      })("status")
      assert.include(told.stdout, "tasks   2 review")
      assert.include(
        told.stdout,
        "SLOT    ROLE      STATE  TASK  PID\nslot-1  reviewer  idle\nslot-2            idle"
      )
    }))
})

describe("claude-pool cancel", () => {
  it.effect("says which tasks it has stopped, and which had finished", () =>
    Effect.gen(function*() {
      const told = yield* claudePoolIn({
        pool: {
          cancel: ([first, second], note) => {
            assert.strictEqual(note, "enough")
            return Effect.succeed({ cancelled: [first!], already_finished: [second!] })
          }
        }
      })("cancel", sampleId("a"), sampleId("b"), "--note", "enough")
      assert.strictEqual(told.stdout, `${sampleId("a")} cancelled\n${sampleId("b")} had finished already`)
      assert.strictEqual(told.exitCode, 0)
    }))
})
