/**
 * How the store's values stand in its rows.
 */
import { Array, DateTime, Effect, Schema, Struct } from "effect"
import { Attempt } from "../../domain/Attempt.ts"
import { LoggedEvent, PoolEvent } from "../../domain/PoolEvent.ts"
import { Task, TaskState } from "../../domain/Task.ts"
import { TaskId } from "../../domain/TaskId.ts"

/** As JSON, also where JSON has no word for it, such as an endless duration. */
const bodyOf = <S extends Schema.Constraint>(schema: S) => Schema.fromJsonString(Schema.toCodecJson(schema))

const TaskBody = bodyOf(Task)
const AttemptBody = bodyOf(Attempt)
const EventBody = bodyOf(PoolEvent)
/** A NUL in bare text would end it for Node 22, and half a surrogate pair could not be written. */
const OutputBody = bodyOf(Schema.String)

/** A value that its own codec refuses is a defect of whoever made it. */
const encodeWith = <S extends Schema.Codec<unknown, string>>(body: S) => {
  const encode = Schema.encodeEffect(body)
  return (value: S["Type"]): Effect.Effect<string> => Effect.orDie(encode(value))
}

export const encodeTask = encodeWith(TaskBody)
export const encodeAttempt = encodeWith(AttemptBody)
export const encodeEvent = encodeWith(EventBody)
export const encodeOutput = encodeWith(OutputBody)

export const TaskRow = Schema.Struct({ body: TaskBody })
export const ListedRow = Schema.Struct({ seq: Schema.Int, body: TaskBody })
export const QueuedRow = Schema.Struct({ id: TaskId, notBefore: Schema.NullOr(Schema.DateTimeUtcFromMillis) })
export const RunningRow = Schema.Struct({ task: TaskBody, attempt: AttemptBody })
export const AttemptRow = Schema.Struct({ body: AttemptBody })
export const OutputRow = Schema.Struct({ body: OutputBody })
export const EventRow = Schema.Struct({ ...LoggedEvent.fields, event: EventBody })

export const taskStates = Struct.keys(TaskState.cases)

/** "Any" tag, or any name. */
export const any = ""

/** A tag or a name as SQLite keeps it: what has no UTF-8, half a surrogate pair, is replaced. */
export const listingKey = (text: string): string => text.replace(/\p{Surrogate}/gu, "\ufffd")

/** A task's rows in the listings: by each of its tags or any, and by its name or any. */
export const listingColumns = (task: Task, seq: number) => {
  const { name = any, tags = [] } = task.options
  const listed = (keys: ReadonlyArray<string>) => Array.dedupe(Array.prepend(keys.map(listingKey), any))
  return Array.flatMap(
    listed(tags),
    (tag) => Array.map(listed([name]), (name) => ({ tag, name, state: task.state._tag, task: seq }))
  )
}

/** What of a task's state has columns of its own. */
export const stateColumns = ({ finishedAt, state, version }: Task) => {
  const notBefore = state._tag === "Queued" ? state.notBefore : null
  return {
    version,
    state: state._tag,
    finished_at: finishedAt === null ? null : DateTime.toEpochMillis(finishedAt),
    not_before: notBefore === null ? null : DateTime.toEpochMillis(notBefore)
  }
}

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
