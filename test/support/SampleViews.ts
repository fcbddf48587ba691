/**
 * Tasks as a pool shows them.
 */
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
