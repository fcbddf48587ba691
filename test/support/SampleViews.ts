/**
 * Tasks, groups and chains as a pool shows them.
 */
import { ChainId } from "../../src/domain/ChainId.ts"
import type { ChainView, StepView } from "../../src/domain/ChainView.ts"
import { GroupId } from "../../src/domain/GroupId.ts"
import type { GroupView } from "../../src/domain/GroupView.ts"
import { TaskId } from "../../src/domain/TaskId.ts"
import type { TaskView } from "../../src/domain/TaskView.ts"

/** `t_` and sixteen times the same letter. */
export const sampleId = (letter: string): TaskId => TaskId.make(`t_${letter.repeat(16)}`)

export const doneView = (letter: string, more: Partial<TaskView> = {}): TaskView => ({
  id: sampleId(letter),
  state: "done",
  summary: `answer ${letter}`,
  output_chars: 8,
  cost_usd: 0.0123,
  turns: 3,
  attempts: 1,
  model: "sonnet",
  s: 12.5,
  submitted_at: "2026-01-01T00:00:00.000Z",
  ...more
})

export const failedView = (letter: string, code: string): TaskView => ({
  id: sampleId(letter),
  state: "failed",
  cost_usd: 0.5,
  attempts: 1,
  s: 90,
  submitted_at: "2026-01-01T00:00:00.000Z",
  error: { code, message: `it was ${code}`, hint: "do it differently", retryable: false }
})

export const queuedView = (letter: string, more: Partial<TaskView> = {}): TaskView => ({
  id: sampleId(letter),
  state: "queued",
  waits_for: "slot",
  cost_usd: 0,
  attempts: 0,
  s: 0,
  submitted_at: "2026-01-01T00:00:00.000Z",
  ...more
})

export const reviewedView = (letter: string, more: Partial<TaskView> = {}): TaskView => ({
  ...doneView(letter),
  state: "review",
  review: { hash: "9f86d0".padEnd(64, "0"), rejections: 1, max_rejections: 3, criteria: "no internal names" },
  ...more
})

export const sampleGroup = GroupId.make(`g_${"g".repeat(16)}`)

export const groupView = (more: Partial<GroupView> = {}): GroupView => ({
  id: sampleGroup,
  state: "done",
  items: 2,
  counts: { queued: 0, running: 0, review: 0, done: 2, failed: 0, cancelled: 0 },
  cost_usd: 0.0246,
  s: 20,
  submitted_at: "2026-01-01T00:00:00.000Z",
  ...more
})

export const sampleChain = ChainId.make(`c_${"c".repeat(16)}`)

export const stepView = (name: string, more: Partial<StepView> = {}): StepView => ({
  name,
  kind: "prompt",
  state: "done",
  after: [],
  cost_usd: 0.01,
  s: 4,
  ...more
})

export const chainView = (more: Partial<ChainView> = {}): ChainView => ({
  id: sampleChain,
  state: "done",
  steps: [stepView("plan", { task: sampleId("a"), summary: "a plan" }), stepView("build", { task: sampleId("b") })],
  cost_usd: 0.02,
  s: 8,
  submitted_at: "2026-01-01T00:00:00.000Z",
  ...more
})
