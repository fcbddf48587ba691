/**
 * What is told of a worker while it works.
 */
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Duration } from "effect"
import type { AssistantEvent, ClaudeEvent } from "../src/domain/ClaudeEvent.ts"
import { commandLimits } from "../src/services/claude/RunningTools.ts"
import { Tracker } from "../src/services/claude/Tracker.ts"
import { says } from "./support/WorkerLife.ts"

const now = DateTime.makeUnsafe(0)

const saying = (text: string, more: Partial<AssistantEvent> = {}): AssistantEvent => ({
  type: "assistant",
  message: { content: [{ type: "text", text }] },
  ...more
})

describe("the progress of a worker", () => {
  it("shows how its last words begin, in one clean line", () => {
    const spoken = Tracker.start(now).after(saying(`First\n\u001b[2Jthis, ${"then that, ".repeat(40)}`), now)
    assert.match(spoken.progress.said ?? "", /^First this, then that, .*…$/)
    assert.strictEqual(spoken.progress.said?.length, 160)
    assert.strictEqual(spoken.after(saying("Now this"), now).progress.said, "Now this")
  })

  it("keeps a subagent's words apart", () => {
    const spoken = Tracker.start(now).after(saying("mine"), now)
    assert.strictEqual(spoken.after(saying("not mine", { parent_tool_use_id: "toolu_1" }), now).progress.said, "mine")
  })
})

describe("what a worker has done", () => {
  it("is counted in calls of tools, a subagent's too, but for those that only answer or tell", () => {
    const call = (name: string) => ({ type: "tool_use" as const, id: `toolu_${name}`, name, input: {} })
    const calls = (...names: ReadonlyArray<string>) => saying("", { message: { content: names.map(call) } })
    const done = [
      calls("Read", "Bash"),
      { ...calls("Edit"), parent_tool_use_id: "toolu_Task" },
      calls("StructuredOutput", "mcp__pool__report_progress", "mcp__other__do")
    ]
    assert.strictEqual(done.reduce((seen, event) => seen.after(event, now), Tracker.start(now)).toolCalls, 4)
  })

  it("is told with what it was not allowed to do, also where it came to no answer", () => {
    const permission_denials = [{ tool_name: "Bash", tool_input: { command: "ls" } }]
    const result = { type: "result", subtype: "error_max_turns", is_error: true, session_id: "s", permission_denials }
    const ended = Tracker.start(now).after(result as ClaudeEvent, now)
    assert.deepStrictEqual(ended.denials, [{ tool: "Bash", input: "{\"command\":\"ls\"}" }])
  })
})

describe("the vitals of a worker", () => {
  const second = (count: number) => DateTime.makeUnsafe(count * 1000)

  /** One event a second, from the prompt on. */
  const after = (...events: ReadonlyArray<ClaudeEvent>) =>
    events.reduce<Tracker>(
      (tracker, event, index) => tracker.after(event, second(index + 1)),
      Tracker.start(second(0)).asked(second(0))
    )

  const toolOf = (tracker: Tracker) => {
    const { phase, phaseSince, tool } = tracker.vitals
    const millis = tool === null || tool.timeout === null ? null : Duration.toMillis(tool.timeout)
    return [phase, DateTime.toEpochMillis(phaseSince) / 1000, tool?.name ?? null, millis]
  }

  it("know a command's own limit", () => {
    const limit = (input: unknown) => toolOf(after(says.call("t", "Bash", input)))[3]
    assert.strictEqual(limit({ command: "make" }), 120_000)
    assert.strictEqual(limit({ command: "make", timeout: 300_000 }), 300_000)
    assert.strictEqual(limit({ command: "make", timeout: "5000" }), 5000)
    assert.strictEqual(limit({ command: "make", timeout: 3_600_000 }), 600_000)
    for (const odd of [null, "text", [], { timeout: -1 }, { timeout: {} }]) assert.strictEqual(limit(odd), 120_000)
    assert.isNull(toolOf(after(says.call("t", "mcp__a__b", { timeout: 5 })))[3])
  })

  it("know the limits that users set", () => {
    const { most, usual } = commandLimits({ BASH_DEFAULT_TIMEOUT_MS: "900000", BASH_MAX_TIMEOUT_MS: "no number" })
    assert.deepStrictEqual([Duration.toMillis(usual), Duration.toMillis(most)], [900_000, 900_000])
  })

  it("count a tool that is called, or answers, as the beginning of the next", () => {
    const [first, second] = [says.call("t1", "Bash", {}, "m"), says.call("t2", "Bash", { timeout: 9000 }, "m")]
    assert.deepStrictEqual(toolOf(after(first)), ["running-tool", 1, "Bash", 120_000])
    assert.deepStrictEqual(toolOf(after(first, second)), ["running-tool", 2, "Bash", 120_000])
    assert.deepStrictEqual(toolOf(after(first, second, says.progress)), ["running-tool", 2, "Bash", 120_000])
    assert.deepStrictEqual(toolOf(after(first, second, says.answer("t1"))), ["running-tool", 3, "Bash", 9000])
    assert.deepStrictEqual(
      toolOf(after(first, second, says.answer("t1"), says.answer("t2"))),
      ["waiting-model", 4, null, null]
    )
  })

  it("have no limit while a tool without one runs beside others", () => {
    const calls = [says.call("t1", "Bash", {}, "m"), says.call("t2", "WebFetch", {}, "m")]
    assert.deepStrictEqual(toolOf(after(...calls)), ["running-tool", 2, "WebFetch", null])
    assert.deepStrictEqual(toolOf(after(...calls, says.answer("t2"))), ["running-tool", 3, "Bash", 120_000])
  })

  it("keep a subagent's call while the subagent works", () => {
    const agent = says.call("a", "Task")
    const inner = says.call("t", "Bash", {}, "inner", "a")
    assert.deepStrictEqual(toolOf(after(agent, inner)), ["running-tool", 2, "Task", null])
    assert.deepStrictEqual(toolOf(after(agent, inner, says.answer("t", "a"))), ["running-tool", 3, "Task", null])
    assert.deepStrictEqual(toolOf(after(agent, inner, says.answer("a"))), ["waiting-model", 3, null, null])
    // One in the background holds nobody up.
    assert.deepStrictEqual(toolOf(after(agent, says.answer("a"), inner)), ["waiting-model", 2, null, null])
  })

  it("take the model's next words as the end of all that it called", () => {
    assert.deepStrictEqual(toolOf(after(says.call("t", "Bash"), says.text())), ["waiting-model", 2, null, null])
  })

  it("know when the next try is due, and every try anew", () => {
    const { vitals } = after(says.retry(500), says.retry(32_000, 2))
    assert.deepStrictEqual(
      [vitals.phase, vitals.phaseSince, vitals.retryAt],
      ["backing-off", second(2), second(34)]
    )
    assert.isNull(after(says.retry(500), says.text()).vitals.retryAt)
  })

  it("take everything that it writes for a sign of life, and change no phase for that", () => {
    for (const event of [says.progress, says.keepAlive, says.thinking, { type: "stream_event" }]) {
      const { lastEventAt, phase, phaseSince } = after(says.init, event).vitals
      assert.deepStrictEqual([phase, lastEventAt, phaseSince], ["waiting-model", second(2), second(0)])
    }
  })

  it("begin anew when a spare is taken", () => {
    const taken = Tracker.start(second(0)).taken(second(3600)).vitals
    assert.deepStrictEqual([taken.phase, taken.phaseSince, taken.lastEventAt], ["starting", second(3600), second(3600)])
  })
})

describe("the money of a worker", () => {
  const result = (usd: number, more: object = {}): ClaudeEvent => ({
    type: "result",
    subtype: "success",
    is_error: false,
    session_id: "s",
    num_turns: 1,
    model_usage_since_last_result: { "claude-haiku-5-5": { costUSD: usd } },
    ...more
  })
  const unasked = (usd: number) => result(usd, { origin: { kind: "task-notification" } })
  const spentAfter = (...events: ReadonlyArray<ClaudeEvent>) => {
    const { spent } = events.reduce<Tracker>(
      (tracker, event) => tracker.after(event, now),
      Tracker.start(now).asked(now)
    )
    return [spent.cost, spent.turns, spent.exact]
  }

  it("counts what it spends of its own accord, after its answer and before", () => {
    assert.deepStrictEqual(spentAfter(says.init, result(0.002)), [2000, 1, true])
    assert.deepStrictEqual(spentAfter(says.init, result(0.002), says.init, unasked(0.001)), [3000, 1, true])
    assert.deepStrictEqual(spentAfter(says.init, unasked(0.001), says.init, result(0.002)), [3000, 1, true])
  })

  it("is not known to the last while it goes on of its own accord", () => {
    assert.deepStrictEqual(spentAfter(result(0.002), says.init), [2000, 1, false])
    assert.deepStrictEqual(spentAfter(result(0.002), says.init, says.text()), [2000, 1, false])
    assert.deepStrictEqual(spentAfter(result(0.002), says.init, unasked(0.001), says.text()), [3000, 1, false])
    assert.deepStrictEqual(spentAfter(result(0.002), says.keepAlive), [2000, 1, true])
  })
})
