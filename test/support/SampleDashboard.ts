/**
 * A pool at work, as the dashboard finds it.
 */
import type { Dashboard } from "../../src/cli/watch/Dashboard.ts"
import type { PoolStatus } from "../../src/domain/PoolView.ts"
import type { TaskView } from "../../src/domain/TaskView.ts"
import { doneView, queuedView, reviewedView, sampleId } from "./SampleViews.ts"

export const runningView = (letter: string, more: Partial<TaskView> = {}): TaskView => ({
  ...queuedView(letter),
  state: "running",
  slot: "slot-1",
  name: "the tree",
  attempts: 1,
  s: 12.5,
  progress: { phase: "running-tool", tool: "Bash", turns: 2, output_tokens: 1234, cost_usd: 0.02, last_event_s: 3.4 },
  ...more
})

export const boardStatus: PoolStatus = {
  store: "/project/.claude-pool",
  pool: "elsewhere",
  slots: [{ slot: "slot-1", state: "busy", task: sampleId("r") }, { slot: "slot-2", state: "idle" }],
  tasks: { queued: 1, running: 1, review: 1, done: 1, failed: 0, cancelled: 0 },
  running: [runningView("r")],
  budget: { spent_usd: 1, reserved_usd: 0.5, cap_usd: 5 }
}

export const sampleDashboard = (more: Partial<Dashboard> = {}): Dashboard => ({
  at: "2026-01-01T00:00:20.000Z",
  version: "1.2.3",
  status: boardStatus,
  reviews: { tasks: [reviewedView("v", { name: "the parser" })], total: 1 },
  denied: [],
  queue: { tasks: [queuedView("q", { name: "later" })], total: 1 },
  groups: [],
  chains: [],
  finished: [doneView("d")],
  ...more
})
