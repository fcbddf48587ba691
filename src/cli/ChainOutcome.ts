/**
 * What a chain came to: its steps, and the answer of the last one.
 */
import { Effect } from "effect"
import { ChainId } from "../domain/ChainId.ts"
import type { ChainView, StepView } from "../domain/ChainView.ts"
import type { Failure } from "../domain/Failure.ts"
import type { Pool } from "../services/Pool.ts"
import { readAnswer } from "./Answer.ts"
import { chainLine, stepHeader, stepRow } from "./ChainLines.ts"
import { exitCodeOf, isFinished } from "./ExitCode.ts"
import type { Outcome } from "./Outcome.ts"

const reviewNote = ({ name, task }: StepView): string =>
  `step ${name} is in review: \`claude-pool result ${task ?? ""}\` shows it, and how to go on`

const notesOf = ({ id, state, steps }: ChainView): ReadonlyArray<string> => [
  ...steps.filter((step) => step.state === "review" && step.task !== undefined).map(reviewNote),
  ...(state === "failed" || state === "cancelled"
    ? [`\`claude-pool chain resume ${id}\` goes on where it ended; what is done is not run again`]
    : [])
]

export const outcomeOfChain = (chain: ChainView): Effect.Effect<Outcome, Failure, Pool> =>
  Effect.map(
    chain.state === "done" ? readAnswer(ChainId.make(chain.id)) : Effect.succeed(null),
    (answer) => ({
      json: { ...chain, ...(answer === null ? {} : { output: answer }) },
      answer,
      parts: [stepHeader, ...chain.steps.map(stepRow)],
      closing: chainLine(chain),
      notes: notesOf(chain),
      error: chain.error,
      isFinished: isFinished(chain),
      exitCode: exitCodeOf(chain)
    })
  )
