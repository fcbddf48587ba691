/**
 * What a task came to.
 */
import { Effect } from "effect"
import type { Failure } from "../domain/Failure.ts"
import type { TaskView } from "../domain/TaskView.ts"
import type { Pool } from "../services/Pool.ts"
import { answerOf } from "./Answer.ts"
import { evidenceLines } from "./EvidenceLines.ts"
import { exitCodeOf, isFinished } from "./ExitCode.ts"
import { whyWaiting } from "./HoldLines.ts"
import type { Outcome } from "./Outcome.ts"
import { closingLine, deniedLine, reviewLines } from "./TaskLines.ts"

export const outcomeOfTask = (task: TaskView): Effect.Effect<Outcome, Failure, Pool> =>
  Effect.map(answerOf(task), (output) => {
    const text = output === "" && task.structured !== undefined ? JSON.stringify(task.structured) : output
    const denied = deniedLine(task)
    return {
      json: { ...task, output },
      answer: task.state === "done" || task.state === "review" ? text : null,
      parts: [],
      closing: closingLine(task),
      notes: [
        ...(denied === null ? [] : [denied]),
        ...evidenceLines(task),
        ...(task.waits_for === undefined ? [] : [whyWaiting(task.waits_for)]),
        ...reviewLines(task)
      ],
      error: task.error,
      isFinished: isFinished(task),
      exitCode: exitCodeOf(task)
    }
  })
