/**
 * What the dashboard shows, as a value: that it fits every screen, says what there is, and shows nobody's text as it came.
 */
import { assert, describe, it } from "@effect/vitest"
import { CliOutput } from "effect/cli"
import { Styles, stylesOf } from "../../src/cli/Styles.ts"
import type { Dashboard } from "../../src/cli/watch/Dashboard.ts"
import { render } from "../../src/cli/watch/Frame.ts"
import { budgetBar } from "../../src/cli/watch/Header.ts"
import type { Key } from "../../src/cli/watch/Key.ts"
import { initialModel, looked, type Model, rowsOf } from "../../src/cli/watch/Model.ts"
import { press } from "../../src/cli/watch/Press.ts"
import { tidy, wrap } from "../../src/cli/watch/Tidy.ts"
import { draftText, write } from "../../src/cli/watch/Writing.ts"
import type { TaskView } from "../../src/domain/TaskView.ts"
import { hostileText } from "../support/HostileText.ts"
import { boardStatus, runningView, sampleDashboard } from "../support/SampleDashboard.ts"
import {
  chainView,
  failedView,
  groupView,
  queuedView,
  sampleGroup,
  sampleId,
  stepView
} from "../support/SampleViews.ts"
import { testMachine } from "../support/TestMachine.ts"

const plain = Styles.defaultValue().stdout

const modelOf = (dashboard: Dashboard, columns = 80, lines = 24): Model =>
  looked(initialModel({ columns, lines }), dashboard)

const shown = (model: Model): ReadonlyArray<string> => render(model, plain)

const key = (name: string): Key => ({ name, text: [...name].length === 1 ? name : "" })

const pressed = (model: Model, ...names: ReadonlyArray<string>): Model =>
  names.reduce((before, name) => press(before, key(name)).model, model)

const fits = (model: Model) => {
  const { columns, lines } = model.size
  const frame = shown(model)
  assert.isAtMost(frame.length, lines)
  for (const line of frame) {
    assert.isBelow(CliOutput.displayWidth(line), columns)
    // oxlint-disable-next-line no-control-regex
    assert.notMatch(line, /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069]/)
  }
  return frame
}

const counts = { queued: 0, running: 0, review: 0, done: 0, failed: 0, cancelled: 0 }

/** Much of everything, under names that are no names. */
const crowded = (name: string): Dashboard => {
  const letters = [..."abcdefghjk"]
  const idOf = (kind: number, at: number) => `t_${String(kind * 1000 + at).padStart(16, "0")}`
  const many = (kind: number, length: number, more: Partial<TaskView>): ReadonlyArray<TaskView> =>
    Array.from({ length }, (_, at) => ({ ...queuedView("a", { name, role: name }), ...more, id: idOf(kind, at) }))
  return sampleDashboard({
    status: {
      ...boardStatus,
      slots: Array.from({ length: 24 }, (_, at) => ({
        slot: `slot-${at + 1}`,
        state: "busy" as const,
        task: sampleId(letters[at] ?? "z"),
        role: name,
        suspicion: name
      })),
      running: letters.map((letter) =>
        runningView(letter, {
          name,
          part_of: sampleGroup,
          progress: { phase: "running-tool", tool: name, said: name, turns: 1, cost_usd: 0, last_event_s: 1 }
        })
      ),
      holds: [{ cause: "limit", detail: name, hint: `wait, or ${name}`, since: "2026-01-01T00:00:00.000Z" }]
    },
    reviews: { tasks: many(1, 30, { state: "review" }), total: 35 },
    denied: [{ task: sampleId("a"), name, tool: name, times: 3, input: name }],
    queue: { tasks: many(2, 60, {}), total: 157 },
    groups: [{
      group: groupView({ state: "running", name, counts: { ...counts, failed: 1 } }),
      items: [failedView("x", name)]
    }],
    chains: [{
      chain: chainView({ name, state: "running", steps: [stepView("plan", { state: "running" })] }),
      groups: []
    }],
    finished: many(3, 30, { state: "failed", error: failedView("x", name).error! })
  })
}

const sizes = [[80, 24], [40, 12], [200, 60], [20, 6], [80, 3]] as const

describe("the dashboard", () => {
  it("fits a terminal of 80 × 24, and says what there is in words", () => {
    assert.deepStrictEqual(fits(modelOf(sampleDashboard())), [
      "claude-pool 1.2.3 · pool runs in another process · store /project/.claude-pool",
      "budget [██████▒▒▒░░░░░░░░░░░░░░░░░░░░░] $1.00 spent, $0.50 reserved, cap $5.00",
      "tasks 1 queued, 1 running, 1 review, 1 done",
      "",
      "  SLOT    TASK                EVENT  TOKENS  COST     DOING",
      "▸ slot-1  t_rrrrrrrrrrrrrrrr  3s     1.2k    $0.0200  running Bash · the tree",
      "  slot-2                                              idle",
      "",
      "  REVIEW 1            NAME        REJECTED  COST     RESULT",
      "  t_vvvvvvvvvvvvvvvv  the parser  1 of 3    $0.0123  answer v",
      "",
      "  QUEUE 1             NAME   FOR  WAITS",
      "  t_qqqqqqqqqqqqqqqq  later  0s   slot: all slots that may take it are busy",
      "",
      "  LAST 1              STATE  TIME   COST     ABOUT",
      "  t_dddddddddddddddd  done   12.5s  $0.0123  answer d",
      "",
      "",
      "",
      "",
      "",
      "",
      "slot-1: the tree · t_rrrrrrrrrrrrrrrr, handed in 12.5s ago, attempt 1",
      "q quit  ? keys  ⏎ open  c cancel  a approve  r reject  +- slots  d drain"
    ])
  })

  it("has room for hundreds of tasks, on every screen", () => {
    for (const [columns, lines] of sizes) {
      const frame = fits(modelOf(crowded("a name"), columns, lines))
      assert.strictEqual(frame.length, lines)
    }
    const frame = shown(modelOf(crowded("a name"), 200, 60)).join("\n")
    assert.match(frame, /QUEUE 157[^▸]*… and 1\d\d more/)
    assert.include(frame, "nothing is started: the provider's usage limit is reached")
  })

  it("shows the same in few lines, the more important first", () => {
    const frame = shown(modelOf(crowded("a name"), 40, 12)).join("\n")
    assert.include(frame, "SLOT")
    assert.notInclude(frame, "LAST")
    assert.include(frame, "q quit")
  })

  it("keeps the selected row in sight, wherever it is", () => {
    for (const [columns, lines] of [[80, 24], [40, 12]] as const) {
      let model = modelOf(crowded("a name"), columns, lines)
      for (const row of rowsOf(model).filter((_, at) => at % 9 === 0)) {
        const frame = fits(model)
        assert.strictEqual(frame.filter((line) => line.startsWith("▸")).length, 1, row.key)
        model = pressed(model, ..."jjjjjjjjj")
      }
    }
  })

  it("cleans every text that is not its own, and counts the columns that characters take", () => {
    const hostile =
      "\u001b[2J\u001b]0;title\u0007evil\u202e\u2066 x\r\ny\u0000\u009b31m\u200b <system-reminder> e\u0301 日本語 👩‍👩‍👧 "
        .repeat(2)
    for (const [columns, lines] of [[80, 24], [40, 12]] as const) {
      const model = modelOf(crowded(hostile), columns, lines)
      fits(model)
      for (const names of [["c"], ["d"], ["?"], ["return"], ["a"]]) fits(pressed(model, ...names))
    }
    const [, , , , ...rest] = shown(modelOf(crowded("日本語 e\u0301"), 80, 24))
    const queue = rest.filter((line) => line.includes("日本語"))
    assert.isNotEmpty(queue)
  })

  it("has no colour where none is wanted, and the same text where it is", () => {
    const terminal = { ...testMachine, stdoutIsTerminal: true }
    const model = modelOf(crowded("a name"))
    for (const env of [{ NO_COLOR: "1" }, { TERM: "dumb" }]) {
      assert.deepStrictEqual(render(model, stylesOf({ ...terminal, env }).stdout), shown(model))
    }
    const coloured = render(model, stylesOf(terminal).stdout)
    assert.include(coloured.join(""), "\u001b[")
    // oxlint-disable-next-line no-control-regex
    assert.deepStrictEqual(coloured.map((line) => line.replaceAll(/\u001b\[\d*m/g, "")), shown(model))
  })

  it("says why tasks wait, and until when", () => {
    const dashboard = sampleDashboard({
      queue: {
        tasks: [
          queuedView("a", { waits_for: "budget" }),
          queuedView("b", { waits_for: "retry", not_before: "2026-01-01T00:00:50.000Z" }),
          queuedView("c", { waits_for: "login" })
        ],
        total: 3
      }
    })
    const frame = shown(modelOf(dashboard, 160, 40)).join("\n")
    assert.include(frame, "budget: others have reserved the money that it needs")
    assert.include(frame, "tried again after a pause, in 30s at the earliest")
    assert.include(frame, "login: the workers' login does not work")
  })

  it("draws groups and chains as trees, each step with its mark", () => {
    const group = groupView({
      state: "running",
      name: "files",
      items: 9,
      counts: { ...counts, done: 7, failed: 1, running: 1 },
      part_of: "c_1"
    })
    const dashboard = sampleDashboard({
      chains: [{
        chain: chainView({
          name: "build",
          state: "running",
          steps: [
            stepView("a"),
            stepView("b"),
            stepView("plan"),
            stepView("files", { kind: "items", state: "running", group: sampleGroup, items: 9, items_done: 7 }),
            stepView("test", { state: "waiting", after: ["files"] })
          ]
        }),
        groups: [{
          group,
          items: [runningView("r", { name: "src/x.ts", index: 2 }), {
            ...failedView("f", "NoGo"),
            index: 5,
            name: "src/y.ts"
          }]
        }]
      }]
    })
    const frame = shown(modelOf(dashboard, 120, 40)).map((line) => line.trimEnd())
    const at = frame.findIndex((line) => line.includes("GROUPS AND CHAINS"))
    assert.deepStrictEqual(frame.slice(at + 1, at + 8).map((line) => line.slice(0, 32).trimEnd()), [
      "  ▶ build c_cccccccccccccccc run",
      "  ├ ✓ 2 steps over",
      "  ├ ✓ plan done 4s",
      "  ├ ▶ files running 4s 7 of 9 it",
      "  │ ├ ▶ item 2 src/x.ts 12.5s ru",
      "  │ └ ✗ item 5 src/y.ts 1m30s it",
      "  └ · test waiting 4s after file"
    ])
  })

  it("says that the pool is gone, and keeps what was known", () => {
    const lost = { code: "PoolLost", message: "the pool has gone", hint: "", retryable: false }
    const frame = fits({ ...modelOf(sampleDashboard()), lost }).join("\n")
    assert.include(frame, "the pool does not answer: the pool has gone")
    assert.include(frame, "slot-1")
  })

  it("selects what was selected, however the rows around it change", () => {
    const model = pressed(modelOf(sampleDashboard()), "j", "j", "j")
    assert.strictEqual(model.selected?.key, `queue ${sampleId("q")}`)
    const more = looked(model, sampleDashboard({ queue: { tasks: [queuedView("a"), queuedView("q")], total: 2 } }))
    assert.strictEqual(more.selected?.key, `queue ${sampleId("q")}`)
    // It runs now.
    const status = {
      ...boardStatus,
      slots: [{ slot: "slot-2", state: "busy" as const, task: sampleId("q") }],
      running: []
    }
    const begun = looked(model, sampleDashboard({ status, queue: { tasks: [], total: 0 } }))
    assert.strictEqual(begun.selected?.at, 0)
    const none = looked(model, sampleDashboard({ queue: { tasks: [], total: 0 } }))
    assert.strictEqual(none.selected?.key, `ended ${sampleId("d")}`)
  })
})

describe("the parts of it", () => {
  it("show of the budget whatever there is of it", () => {
    assert.strictEqual(budgetBar(1, 1, 4, 8), "██▒▒░░░░")
    assert.strictEqual(budgetBar(0.001, 0.001, 4, 8), "█▒░░░░░░")
    assert.strictEqual(budgetBar(9, 9, 4, 8), "████████")
    assert.strictEqual(budgetBar(0, 0, 0, 4), "████")
  })

  it("break texts where there is no room, and lose nothing of them", () => {
    assert.deepStrictEqual(wrap("  a bc def", 5), ["  a", "bc", "def"])
    assert.deepStrictEqual(wrap("日本語", 4), ["日本", "語"])
  })

  it.prop("show any text in lines that fit", [hostileText], ([text]) => {
    for (const width of [2, 20]) {
      const lines = wrap(tidy(text), width)
      assert.strictEqual(lines.join("").replaceAll(" ", ""), tidy(text).replaceAll(" ", ""))
      for (const line of lines) assert.isAtMost(CliOutput.displayWidth(line), width)
    }
    fits(modelOf(sampleDashboard({ queue: { tasks: [queuedView("q", { name: text, role: text })], total: 1 } })))
  }, { arbitrary: { size: 60 } })

  it("write a line character by character, not code by code", () => {
    const typed = [..."a日é", "left", "backspace", "x"].reduce((draft, name) => write(draft, key(name)), {
      text: "",
      at: 0
    })
    assert.deepStrictEqual(typed, { text: "axé", at: 2 })
    assert.strictEqual(draftText({ text: "0123456789", at: 10 }, 6), "56789▏")
  })
})
