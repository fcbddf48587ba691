/**
 * The pool as every surface shows it: status, pages, and what a wait or a cancel came to. Snake case, as `TaskView`.
 */
import { DateTime, Schema } from "effect"
import { ChainView } from "./ChainView.ts"
import { CommitId } from "./Commit.ts"
import type { ContextEntry } from "./ContextEntry.ts"
import { FileChange } from "./Evidence.ts"
import { GroupView } from "./GroupView.ts"
import { HoldView } from "./Hold.ts"
import { fateAt, formatMailbox, formatSender, type Message, type MessageFate } from "./Message.ts"
import { OverlapView } from "./Overlap.ts"
import { RouteView } from "./RouteView.ts"
import { StateName, TaskView } from "./TaskView.ts"
import { cleanText } from "./UntrustedText.ts"

/** What the store may spend, has spent, and has promised, in dollars. */
export const BudgetView = Schema.Struct({
  spent_usd: Schema.Finite,
  reserved_usd: Schema.Finite,
  cap_usd: Schema.optionalKey(Schema.Finite),
  exact: Schema.optionalKey(Schema.Literal(false))
})
export type BudgetView = typeof BudgetView.Type

/** A slot as every surface shows it. */
export const SlotView = Schema.Struct({
  slot: Schema.String,
  /** `resting`: it is replaced, after a pause. `draining`: it goes as soon as its task has ended. */
  state: Schema.Literals(["starting", "idle", "busy", "draining", "resting", "failed"]),
  task: Schema.optionalKey(Schema.String),
  pid: Schema.optionalKey(Schema.Int),
  role: Schema.optionalKey(Schema.String),
  name: Schema.optionalKey(Schema.String),
  description: Schema.optionalKey(Schema.String),
  model: Schema.optionalKey(Schema.String),
  permissions: Schema.optionalKey(Schema.String),
  cwd: Schema.optionalKey(Schema.String),
  /** Why its spare could not be started, or why it rests. */
  error: Schema.optionalKey(Schema.String),
  /** When it is opened again, where it rests. */
  until: Schema.optionalKey(Schema.String),
  /** Attempts that came to an answer here. */
  done: Schema.optionalKey(Schema.Int),
  /** How often it was replaced because a worker crashed or hung. */
  restarts: Schema.optionalKey(Schema.Int),
  /** Resident memory of all of its processes together, when it was last looked at. */
  rss_bytes: Schema.optionalKey(Schema.Int),
  /** What is suspicious about its worker, in words. */
  suspicion: Schema.optionalKey(Schema.String)
})
export type SlotView = typeof SlotView.Type

/** The slots of a pool that runs. */
export const SlotsReply = Schema.Struct({
  slots: Schema.Array(SlotView),
  /** How many slots there are meant to be. */
  target: Schema.Int
})
export type SlotsReply = typeof SlotsReply.Type

/** How many slots there were, and are to be. */
export const ScaleReply = Schema.Struct({
  before: Schema.Int,
  target: Schema.Int,
  /** Those that go as soon as their tasks have ended. */
  draining: Schema.Array(Schema.String)
})
export type ScaleReply = typeof ScaleReply.Type

/** The pool in one look. */
export const PoolStatus = Schema.Struct({
  store: Schema.String,
  /** Whether this process runs the pool, another one does, or none does. */
  pool: Schema.Literals(["here", "elsewhere", "none"]),
  /** The process that runs it, where that is another one that answers, and since when it does. */
  host: Schema.optionalKey(Schema.Struct({ pid: Schema.Int, since: Schema.String })),
  slots: Schema.Array(SlotView),
  tasks: Schema.Record(StateName, Schema.Int),
  running: Schema.Array(TaskView),
  budget: BudgetView,
  containment: Schema.optionalKey(Schema.String),
  /** What keeps tasks from being started. */
  holds: Schema.optionalKey(Schema.Array(HoldView)),
  /** Restarts of slots in the last minute, and since the pool was opened. */
  restarts: Schema.optionalKey(Schema.Struct({ recent: Schema.Int, total: Schema.Int })),
  /** Of the machine. */
  free_memory_bytes: Schema.optionalKey(Schema.Int),
  /** Branches that are worked on, or wait for a review, and change the same lines. */
  overlaps: Schema.optionalKey(Schema.Array(OverlapView))
})
export type PoolStatus = typeof PoolStatus.Type

/** A page of tasks, the newest first. */
export const ListReply = Schema.Struct({
  tasks: Schema.Array(TaskView),
  next_cursor: Schema.optionalKey(Schema.String),
  total: Schema.Int
})
export type ListReply = typeof ListReply.Type

/** A page of groups, the newest first. */
export const GroupsReply = Schema.Struct({
  groups: Schema.Array(GroupView),
  next_cursor: Schema.optionalKey(Schema.String)
})
export type GroupsReply = typeof GroupsReply.Type

/** A page of chains, the newest first. */
export const ChainsReply = Schema.Struct({
  chains: Schema.Array(ChainView),
  next_cursor: Schema.optionalKey(Schema.String)
})
export type ChainsReply = typeof ChainsReply.Type

/** What a wait has come to: what has ended, and what still runs. */
export const WaitReply = Schema.Struct({
  done: Schema.Array(TaskView),
  groups: Schema.optionalKey(Schema.Array(GroupView)),
  chains: Schema.optionalKey(Schema.Array(ChainView)),
  /** Results that have to be approved or rejected before their work goes on. */
  review: Schema.optionalKey(Schema.Array(TaskView)),
  running: Schema.Array(Schema.String).annotate({ description: "Ids that have not finished" }),
  timed_out: Schema.Boolean
})
export type WaitReply = typeof WaitReply.Type

/** What was stopped, and what had ended before. */
export const CancelReply = Schema.Struct({
  cancelled: Schema.Array(Schema.String),
  already_finished: Schema.Array(Schema.String)
})
export type CancelReply = typeof CancelReply.Type

/** A value of the shared context as every surface shows it. */
export const ContextView = Schema.Struct({
  scope: Schema.String,
  key: Schema.String,
  value: Schema.String,
  set_at: Schema.String
})
export type ContextView = typeof ContextView.Type

/** A value of the shared context as every surface shows it. */
export const viewEntry = ({ key, scope, setAt, value }: ContextEntry): ContextView => ({
  scope,
  key,
  value,
  set_at: DateTime.formatIso(setAt)
})

/** A message, and what has become of it. */
export const MessageView = Schema.Struct({
  seq: Schema.Int,
  from: Schema.String,
  to: Schema.String,
  text: Schema.String,
  state: Schema.Literals(["waiting", "delivered", "acknowledged", "expired"]),
  sent_at: Schema.String,
  expires_at: Schema.String,
  /** The task whose worker has it. */
  task: Schema.optionalKey(Schema.String)
})
export type MessageView = typeof MessageView.Type

const fateNames = {
  Waiting: "waiting",
  Delivered: "delivered",
  Acknowledged: "acknowledged",
  Expired: "expired"
} as const satisfies { readonly [K in MessageFate["_tag"]]: MessageView["state"] }

/** A message as it stands at this time. */
export const viewMessage = (message: Message, now: DateTime.Utc): MessageView => {
  const fate = fateAt(message, now)
  return {
    seq: message.seq,
    from: formatSender(message.from),
    to: formatMailbox(message.to),
    text: cleanText(message.text),
    state: fateNames[fate._tag],
    sent_at: DateTime.formatIso(message.sentAt),
    expires_at: DateTime.formatIso(message.expiresAt),
    ...("task" in fate && fate.task !== null ? { task: fate.task } : {})
  }
}

/** What became of a request that was routed: its route, and what was started for it. */
export const AutoReply = Schema.Struct({
  /** The task, group or chain that does it. */
  id: Schema.String,
  route: RouteView
})
export type AutoReply = typeof AutoReply.Type

/** A page of an answer; offsets and totals are in characters. */
export const OutputReply = Schema.Struct({
  id: Schema.String,
  offset: Schema.Int,
  next_offset: Schema.optionalKey(Schema.Int),
  total: Schema.Int,
  text: Schema.String
})
export type OutputReply = typeof OutputReply.Type

/** What one branch has that its base does not have, by files. */
export const BranchChanges = Schema.Struct({
  task: Schema.String,
  branch: Schema.String,
  base: CommitId,
  head: CommitId,
  commits: Schema.Int,
  /** Of very many the first ones; `file_count` is of all. */
  files: Schema.Array(FileChange),
  file_count: Schema.Int,
  added: Schema.Int,
  removed: Schema.Int,
  /** The branch that the work was asked for beside, and where that stood. */
  target: Schema.optionalKey(Schema.Struct({ branch: Schema.String, tip: Schema.String }))
})
export type BranchChanges = typeof BranchChanges.Type

/** What work has changed on its branches. */
export const ChangesReply = Schema.Struct({ id: Schema.String, branches: Schema.Array(BranchChanges) })
export type ChangesReply = typeof ChangesReply.Type
