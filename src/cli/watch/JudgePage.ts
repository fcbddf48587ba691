/**
 * What is to be approved or rejected, as lines: the hash that the verdict binds to, what was asked of it, what the pool has
 * found, and how the result begins.
 */
import { shortCommit } from "../../domain/Commit.ts"
import type { TaskView } from "../../domain/TaskView.ts"
import { cleanText } from "../../domain/UntrustedText.ts"
import { digits } from "../Count.ts"
import { evidenceLines } from "../EvidenceLines.ts"
import { closingLine, deniedLine } from "../TaskLines.ts"
import type { PageLine } from "./OpenedPage.ts"
import { tidy, wrap } from "./Tidy.ts"

const factsOf = (task: TaskView): ReadonlyArray<string> => {
  const { review } = task
  return [
    [closingLine(task), task.name ?? ""].filter((part) => part !== "").join(" · "),
    ...(review === undefined ? [] : [
      `hash ${review.hash}`,
      `rejected ${review.rejections} of at most ${review.max_rejections} times`,
      ...(review.criteria === undefined ? [] : [`criteria: ${review.criteria}`]),
      ...(review.target === undefined
        ? []
        : [`to be merged into ${review.target.branch} at ${shortCommit(review.target.tip)}`])
    ]),
    ...evidenceLines(task),
    ...[deniedLine(task)].filter((line) => line !== null)
  ]
}

/** At most `room` lines of at most `width` columns. What is left out is said. */
export const judgeLines = (task: TaskView, text: string, width: number, room: number): ReadonlyArray<PageLine> => {
  const facts = factsOf(task).flatMap((line) => wrap(tidy(line), width))
  const shownFacts = facts.slice(0, Math.max(1, room - 3))
  const body = cleanText(text).trimEnd().split("\n").flatMap((line) => wrap(line, width))
  const left = Math.max(0, room - shownFacts.length - 1)
  const isWhole = body.length <= left && (task.output_chars ?? 0) <= text.length
  const shown = isWhole ? body : body.slice(0, Math.max(0, left - 1))
  return [
    ...shownFacts.map((line, index): PageLine => ({ text: line, tone: index === 0 ? "strong" : "plain" })),
    { text: "", tone: "plain" },
    ...shown.map((line): PageLine => ({ text: line, tone: "plain" })),
    ...(isWhole ? [] : [
      {
        text: `… ${digits(task.output_chars ?? 0)} characters in all: \`claude-pool output ${task.id}\``,
        tone: "faint"
      } as const
    ])
  ]
}
