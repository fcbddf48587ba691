/**
 * How the store's values stand in its rows.
 */
import { Array, DateTime, Schema, Struct } from "effect"
import { Attempt } from "../../domain/Attempt.ts"
import { ChainId } from "../../domain/ChainId.ts"
import { GroupId } from "../../domain/GroupId.ts"
import { Task, TaskState, type TaskStateTag } from "../../domain/Task.ts"
import { TaskId } from "../../domain/TaskId.ts"
import { bodyOf, encodeWith } from "./Body.ts"

const TaskBody = bodyOf(Task)
const AttemptBody = bodyOf(Attempt)
/** A NUL in bare text would end it for Node 22, and half a surrogate pair could not be written. */
const OutputBody = bodyOf(
  // The first programs kept the bare text: it does not say whose it is.
  Schema.Union([Schema.Struct({ task: TaskId, text: Schema.String }), Schema.String])
)

const PatchBody = bodyOf(Schema.Struct({ task: TaskId, text: Schema.String }))

export const encodeTask = encodeWith(TaskBody)
export const encodeAttempt = encodeWith(AttemptBody)
export const encodeOutput = encodeWith(OutputBody)
export const encodePatch = encodeWith(PatchBody)

export const TaskRow = Schema.Struct({ body: TaskBody })
export const ListedRow = Schema.Struct({ seq: Schema.Int, body: TaskBody })
export const EndedRow = Schema.Struct({ seq: Schema.Int, body: TaskBody, endedAt: Schema.Int })
export const QueuedRow = Schema.Struct({
  id: TaskId,
  parent: Schema.NullOr(Schema.Union([GroupId, ChainId])),
  role: Schema.NullOr(Schema.String),
  notBefore: Schema.NullOr(Schema.DateTimeUtcFromMillis)
})
export const RunningRow = Schema.Struct({ task: TaskBody, attempt: AttemptBody })
export const AttemptRow = Schema.Struct({ body: AttemptBody })
export const OutputRow = Schema.Struct({ body: OutputBody })
export const PatchRow = Schema.Struct({ body: PatchBody })

export const taskStates = Struct.keys(TaskState.cases)

export const CountRow = Schema.Struct({ state: Schema.Literals(taskStates), tasks: Schema.Int })

/** How many tasks are in each state, where only those states have rows that some are in. */
export const countStates = (rows: ReadonlyArray<typeof CountRow.Type>) => {
  const count = (state: TaskStateTag) => rows.find((row) => row.state === state)?.tasks ?? 0
  return {
    Queued: count("Queued"),
    Running: count("Running"),
    InReview: count("InReview"),
    Done: count("Done"),
    Failed: count("Failed"),
    Cancelled: count("Cancelled")
  }
}

/** "Any" tag, or any name. */
export const any = ""

/** A tag or a name as SQLite keeps it: what has no UTF-8, half a surrogate pair, is replaced. */
export const listingKey = (text: string): string => text.replace(/\p{Surrogate}/gu, "\ufffd")

/** A task's rows in the listings: by each of its tags, what it is a part of, or any, and by its name or any. */
export const listingColumns = (task: Task, seq: number) => {
  const { name = any, tags: own = [] } = task.options
  const tags = task.parent === null ? own : [...own, task.parent.id]
  const listed = (keys: ReadonlyArray<string>) => Array.dedupe(Array.prepend(keys.map(listingKey), any))
  return Array.flatMap(
    listed(tags),
    (tag) => Array.map(listed([name]), (name) => ({ tag, name, state: task.state._tag, task: seq }))
  )
}

const millis = (time: DateTime.Utc | null): number | null => time === null ? null : DateTime.toEpochMillis(time)

/** What changes of any kind of work and has columns of its own. */
export const workColumns = (work: {
  readonly version: number
  readonly state: { readonly _tag: string }
  readonly finishedAt: DateTime.Utc | null
}) => ({ version: work.version, state: work.state._tag, finished_at: millis(work.finishedAt) })

/** What of a task's state has columns of its own. */
export const stateColumns = (task: Task) => ({
  ...workColumns(task),
  not_before: millis(task.state._tag === "Queued" ? task.state.notBefore : null)
})

/** The ledger's line for an attempt that has ended. */
export const ledgerColumns = ({ number, session, spend }: Attempt) => ({
  attempt: number,
  session,
  cost: spend.cost,
  inputTokens: spend.inputTokens,
  outputTokens: spend.outputTokens,
  cacheReadTokens: spend.cacheReadTokens,
  cacheWriteTokens: spend.cacheWriteTokens,
  turns: spend.turns,
  exact: spend.exact
})
