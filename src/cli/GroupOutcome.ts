/**
 * What a group came to: its items, and the answer that was made of them.
 */
import { Effect, Option, Stream } from "effect"
import type { Failure } from "../domain/Failure.ts"
import { GroupId } from "../domain/GroupId.ts"
import type { GroupView } from "../domain/GroupView.ts"
import type { TaskView } from "../domain/TaskView.ts"
import { Pool } from "../services/Pool.ts"
import { readAnswer } from "./Answer.ts"
import { type ExitCode, exitCodeOf, isFinished } from "./ExitCode.ts"
import { groupLine, itemHeader, itemRow } from "./GroupLines.ts"
import type { Outcome } from "./Outcome.ts"

const pageLength = 500

/** Every item, in order, read by pages. */
export const itemsOfGroup = (id: GroupId): Stream.Stream<TaskView, Failure, Pool> =>
  Stream.unwrap(
    Effect.map(Pool, (pool) =>
      Stream.paginate(0, (from) =>
        Effect.map(
          pool.items(id, { from, limit: pageLength }),
          (page) => [page.items, Option.fromUndefinedOr(page.next_index)]
        )))
  )

const isFailed = ({ state }: TaskView): boolean => state === "failed"

/** A group that failed ends as the first of its items that did. */
const exitCodeOfItems = (group: GroupView, items: ReadonlyArray<TaskView>): ExitCode => {
  const first = group.state === "failed" ? items.find(isFailed) : undefined
  return exitCodeOf(first ?? group)
}

/** The same, without all items at hand. */
export const exitCodeOfGroup = (group: GroupView): Effect.Effect<ExitCode, Failure, Pool> =>
  group.state === "failed" && group.counts.failed > 0
    ? itemsOfGroup(GroupId.make(group.id)).pipe(
      Stream.filter(isFailed),
      Stream.runHead,
      Effect.map((first) => exitCodeOf(Option.getOrElse(first, () => group)))
    )
    : Effect.succeed(exitCodeOf(group))

const notesOf = ({ counts, id, state }: GroupView): ReadonlyArray<string> => [
  ...(counts.review === 0 ? [] : [
    `${counts.review} in review: \`claude-pool list --group ${id} --state review\` shows them, and \`claude-pool result\` how to go on`
  ]),
  ...(state === "failed" || state === "cancelled"
    ? [`\`claude-pool retry ${id}\` runs again what is not done, and nothing else`]
    : [])
]

export const outcomeOfGroup = Effect.fnUntraced(
  function*(group: GroupView): Effect.fn.Return<Outcome, Failure, Pool> {
    const id = GroupId.make(group.id)
    const results = yield* Stream.runCollect(itemsOfGroup(id))
    const answer = group.reducer !== undefined && group.state === "done" ? yield* readAnswer(id) : null
    return {
      json: { ...group, results, ...(answer === null ? {} : { output: answer }) },
      answer,
      parts: [itemHeader, ...results.map(itemRow)],
      closing: groupLine(group),
      notes: notesOf(group),
      error: group.error,
      isFinished: isFinished(group),
      exitCode: exitCodeOfItems(group, results)
    }
  }
)
