/**
 * The contract of a pool as it crosses from one process to another: every call of `Pool`, with what goes over and what
 * comes back. Interruption crosses, too: a call that is interrupted here is interrupted there.
 */
import { Schema, Struct } from "effect"
import { Rpc, RpcGroup } from "effect/rpc"
import { AttemptView } from "../../domain/AttemptView.ts"
import { ListOrder } from "../../domain/CallOptions.ts"
import { ChainRequest } from "../../domain/ChainDefinition.ts"
import { ChainId } from "../../domain/ChainId.ts"
import { ChainForecast, ChainView } from "../../domain/ChainView.ts"
import { ContextScope } from "../../domain/ContextEntry.ts"
import { DrainReport } from "../../domain/DrainReport.ts"
import { Failure } from "../../domain/Failure.ts"
import { FanOutItem, FanOutOptions } from "../../domain/FanOut.ts"
import { GroupId } from "../../domain/GroupId.ts"
import { GroupView, ItemsReply, RetryReply } from "../../domain/GroupView.ts"
import { InboxReply } from "../../domain/Inbox.ts"
import { MergeForecast, MergeId, MergeReport, MergeRequest } from "../../domain/Merge.ts"
import { MetricsBy, MetricsReply } from "../../domain/Metrics.ts"
import { MicroUsd } from "../../domain/MicroUsd.ts"
import { PoolEvent } from "../../domain/PoolEvent.ts"
import {
  AutoReply,
  CancelReply,
  ChainsReply,
  ChangesReply,
  ContextView,
  GroupsReply,
  ListReply,
  MessageView,
  OutputReply,
  PoolStatus,
  ScaleReply,
  SlotsReply,
  SlotView,
  WaitReply
} from "../../domain/PoolView.ts"
import { PruneReport } from "../../domain/Pruning.ts"
import { Recipient } from "../../domain/Recipient.ts"
import { RouteHints } from "../../domain/Route.ts"
import { RouteView } from "../../domain/RouteView.ts"
import { SlotId } from "../../domain/SlotId.ts"
import { SlotChange } from "../../domain/SlotProfile.ts"
import { TaskId } from "../../domain/TaskId.ts"
import { TaskOptions, TaskRequest } from "../../domain/TaskRequest.ts"
import { StateName, TaskView } from "../../domain/TaskView.ts"
import { TurnsReply } from "../../domain/Turn.ts"
import { WorkId } from "../../domain/WorkId.ts"
import { WorkspaceId, WorkspaceView, WorktreesPruned, WorktreesReply } from "../../domain/Workspace.ts"

const Count = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))
const optionally = Struct.map(Schema.optionalKey)

const Paging = Schema.Struct({ cursor: Schema.optionalKey(Schema.String), limit: Count })
const Budget = { budget: Schema.optionalKey(MicroUsd) }
const Retrying = Schema.Struct(Budget)
const Resuming = Schema.Struct({ from: Schema.optionalKey(Schema.String), ...Budget })

const call = <const Tag extends string, const Payload extends Schema.Struct.Fields, Success extends Schema.Top>(
  tag: Tag,
  payload: Payload,
  success: Success
) => Rpc.make(tag, { payload, success, error: Failure })

export const PoolRpcs = RpcGroup.make(
  call("submit", { request: TaskRequest }, TaskView),
  call("run", { request: TaskRequest }, TaskView),
  call("fanOut", { items: Schema.Array(FanOutItem), options: Schema.optionalKey(FanOutOptions) }, GroupView),
  call("runFanOut", { items: Schema.Array(FanOutItem), options: Schema.optionalKey(FanOutOptions) }, GroupView),
  call("group", { id: GroupId }, GroupView),
  call("groups", { page: Paging }, GroupsReply),
  call("items", { id: GroupId, page: Schema.Struct({ from: Count, limit: Count }) }, ItemsReply),
  call("retry", { id: WorkId, options: Schema.optionalKey(Retrying) }, RetryReply),
  call(
    "refan",
    { id: GroupId, items: Schema.Array(FanOutItem), options: Schema.optionalKey(Retrying) },
    RetryReply
  ),
  call("submitChain", { request: ChainRequest }, ChainView),
  call("runChain", { request: ChainRequest }, ChainView),
  call("chain", { id: ChainId }, ChainView),
  call("chains", { page: Paging }, ChainsReply),
  call("resumeChain", { id: ChainId, options: Schema.optionalKey(Resuming) }, ChainView),
  call("forecast", {
    chain: Schema.Union([
      Schema.Struct({ request: ChainRequest }),
      Schema.Struct({ id: ChainId, from: Schema.optionalKey(Schema.String) })
    ])
  }, ChainForecast),
  call("route", { prompt: Schema.String, hints: Schema.optionalKey(RouteHints) }, RouteView),
  call("auto", {
    prompt: Schema.String,
    options: Schema.optionalKey(Schema.Struct(optionally({ hints: RouteHints, options: TaskOptions })))
  }, AutoReply),
  call("approve", {
    id: TaskId,
    options: Schema.optionalKey(Schema.Struct(optionally({ hash: Schema.String, note: Schema.String })))
  }, TaskView),
  call("reject", { id: TaskId, feedback: Schema.String }, TaskView),
  call("setContext", { scope: ContextScope, key: Schema.String, value: Schema.String }, ContextView),
  call("getContext", { scope: ContextScope, key: Schema.String }, Schema.NullOr(ContextView)),
  call("deleteContext", { scope: ContextScope, key: Schema.String }, Schema.Boolean),
  call("listContext", { scope: ContextScope }, Schema.Array(ContextView)),
  call("sendMessage", {
    to: Recipient,
    text: Schema.String,
    options: Schema.optionalKey(Schema.Struct({ expiresAfter: Schema.optionalKey(Schema.Duration) }))
  }, Schema.Array(MessageView)),
  call(
    "readMessages",
    { options: Schema.Struct({ limit: Count, peek: Schema.optionalKey(Schema.Boolean) }) },
    Schema.Array(MessageView)
  ),
  call("listMessages", { page: Schema.Struct({ since: Count, limit: Count }) }, Schema.Array(MessageView)),
  call("wait", {
    options: Schema.Struct({
      ids: Schema.Array(WorkId),
      mode: Schema.Literals(["all", "any"]),
      timeout: Schema.Duration
    })
  }, WaitReply),
  call("result", { id: TaskId }, TaskView),
  call("output", {
    id: WorkId,
    page: Schema.Struct({
      offset: Count,
      limit: Count,
      part: Schema.optionalKey(Schema.Literals(["text", "diff"]))
    })
  }, OutputReply),
  call("changes", { id: WorkId }, ChangesReply),
  call("list", {
    options: Schema.Struct({
      limit: Count,
      ...optionally({
        states: Schema.Array(StateName),
        tag: Schema.String,
        name: Schema.String,
        cursor: Schema.String,
        order: ListOrder
      })
    })
  }, ListReply),
  call("cancel", { ids: Schema.Array(WorkId), note: Schema.String }, CancelReply),
  call("status", {}, PoolStatus),
  call("slots", {
    filter: Schema.optionalKey(
      Schema.Struct(optionally({
        role: Schema.String,
        name: Schema.String,
        states: Schema.Array(SlotView.fields.state)
      }))
    )
  }, SlotsReply),
  call("scaleUp", { slots: Count }, ScaleReply),
  call("scaleDown", { slots: Count }, ScaleReply),
  call("setTargetSlots", { target: Count }, ScaleReply),
  call("configureSlot", { slot: SlotId, change: SlotChange }, SlotView),
  call(
    "drain",
    { options: Schema.optionalKey(Schema.Struct({ grace: Schema.optionalKey(Schema.Duration) })) },
    DrainReport
  ),
  call("resume", {}, Schema.Void),
  call("prune", {
    options: Schema.Struct({
      olderThan: Schema.NullOr(Schema.Duration),
      keepBytes: Schema.NullOr(Count),
      dryRun: Schema.Boolean
    })
  }, PruneReport),
  call(
    "worktrees",
    { options: Schema.optionalKey(Schema.Struct({ all: Schema.optionalKey(Schema.Boolean) })) },
    WorktreesReply
  ),
  call("worktree", { id: WorkspaceId }, WorkspaceView),
  call("rescueWorktree", { id: WorkspaceId }, WorkspaceView),
  call("pruneWorktrees", { options: Schema.Struct({ dryRun: Schema.Boolean }) }, WorktreesPruned),
  call("mergeForecast", { request: MergeRequest }, MergeForecast),
  call("merge", { request: MergeRequest }, MergeReport),
  call("undoMerge", { id: MergeId }, MergeReport),
  call("merges", {}, Schema.Array(MergeReport)),
  call("publication", { id: Schema.Union([WorkId, MergeId]) }, Schema.Array(Schema.Array(Schema.String))),
  call("inbox", {
    options: Schema.Struct({ limit: Count, ...optionally({ since: Count, reader: Schema.String }) })
  }, InboxReply),
  call("acknowledge", { reader: Schema.String, seq: Count }, Schema.Void),
  call("attempts", { id: TaskId }, Schema.Array(AttemptView)),
  call("turns", { id: TaskId, page: Schema.Struct({ since: Count, limit: Count }) }, TurnsReply),
  call("metrics", {
    options: Schema.Struct({ by: MetricsBy, ...optionally({ since: Schema.String }) })
  }, MetricsReply),
  Rpc.make("events", { success: PoolEvent, error: Failure, stream: true })
)
