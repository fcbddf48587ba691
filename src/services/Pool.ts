/**
 * The façade, and the public contract: everything that can be asked of a pool. Both surfaces stand on it, and so do
 * services that compose it as a layer.
 */
import { Context, Effect, Layer, type Stream } from "effect"
import type { RpcClient } from "effect/rpc"
import type { AttemptView } from "../domain/AttemptView.ts"
import type {
  ApprovalOptions,
  AutoOptions,
  DrainOptions,
  ListOptions,
  OutputOptions,
  PageOptions,
  ResumeOptions,
  RetryOptions,
  SlotFilter,
  WaitOptions,
  WorktreesOptions
} from "../domain/CallOptions.ts"
import type { ChainRequest } from "../domain/ChainDefinition.ts"
import type { ChainId } from "../domain/ChainId.ts"
import type { ChainForecast, ChainView } from "../domain/ChainView.ts"
import type { DrainReport } from "../domain/DrainReport.ts"
import type { Failure } from "../domain/Failure.ts"
import type { FanOutItem, FanOutOptions } from "../domain/FanOut.ts"
import type { GroupId } from "../domain/GroupId.ts"
import type { GroupView, ItemsReply, RetryReply } from "../domain/GroupView.ts"
import type { InboxOptions, InboxReply } from "../domain/Inbox.ts"
import type { MergeForecast, MergeId, MergeReport, MergeRequest } from "../domain/Merge.ts"
import type { MetricsOptions, MetricsReply } from "../domain/Metrics.ts"
import type { PoolEvent } from "../domain/PoolEvent.ts"
import type {
  AutoReply,
  CancelReply,
  ChainsReply,
  ChangesReply,
  GroupsReply,
  ListReply,
  OutputReply,
  PoolStatus,
  ScaleReply,
  SlotsReply,
  SlotView,
  WaitReply
} from "../domain/PoolView.ts"
import type { PruneOptions, PruneReport } from "../domain/Pruning.ts"
import type { RouteHints } from "../domain/Route.ts"
import type { RouteView } from "../domain/RouteView.ts"
import type { SlotId } from "../domain/SlotId.ts"
import type { SlotChange } from "../domain/SlotProfile.ts"
import type { TaskId } from "../domain/TaskId.ts"
import type { TaskRequest } from "../domain/TaskRequest.ts"
import type { TaskView } from "../domain/TaskView.ts"
import type { TurnsOptions, TurnsReply } from "../domain/Turn.ts"
import type { WorkId } from "../domain/WorkId.ts"
import type { WorkspaceId, WorkspaceView, WorktreesPruned, WorktreesReply } from "../domain/Workspace.ts"
import type { Foreseen } from "./chains/Forecasting.ts"
import type { MessageCalls } from "./Messages.ts"
import { makeReader, type ReaderOptions } from "./pool/Reader.ts"
import type { RemoteOptions } from "./pool/Remote.ts"
import type { SharedContextCalls } from "./SharedContext.ts"

export class Pool extends Context.Service<Pool, {
  /** Accepts a task, durably, and returns at once. The same idempotency key returns the same task. */
  readonly submit: (request: TaskRequest) => Effect.Effect<TaskView, Failure>
  /** Accepts a task and waits for its end, good or bad, or for its review. Interrupting the wait cancels the task. */
  readonly run: (request: TaskRequest) => Effect.Effect<TaskView, Failure>
  /** Accepts a group of independent tasks, durably, all or none, and returns at once. */
  readonly fanOut: (items: ReadonlyArray<FanOutItem>, options?: FanOutOptions) => Effect.Effect<GroupView, Failure>
  /** The same, and waits for the end of the group. Interrupting the wait cancels it. */
  readonly runFanOut: (items: ReadonlyArray<FanOutItem>, options?: FanOutOptions) => Effect.Effect<GroupView, Failure>
  /** A group as it stands. */
  readonly group: (id: GroupId) => Effect.Effect<GroupView, Failure>
  readonly groups: (page: PageOptions) => Effect.Effect<GroupsReply, Failure>
  /** The outcomes of a group's items, in their order. */
  readonly items: (
    id: GroupId,
    page: { readonly from: number; readonly limit: number }
  ) => Effect.Effect<ItemsReply, Failure>
  /** Runs again what failed or was cancelled: a task by itself, of a group only its items, a chain from where it ended. */
  readonly retry: (id: WorkId, options?: RetryOptions) => Effect.Effect<RetryReply, Failure>
  /** Gives a group other items. Those that it has finished already, by their content, are not run again. */
  readonly refan: (
    id: GroupId,
    items: ReadonlyArray<FanOutItem>,
    options?: RetryOptions
  ) => Effect.Effect<RetryReply, Failure>
  /** Accepts a chain, durably, and returns at once. */
  readonly submitChain: (request: ChainRequest) => Effect.Effect<ChainView, Failure>
  /** The same, and waits for its end. Interrupting the wait cancels the chain. */
  readonly runChain: (request: ChainRequest) => Effect.Effect<ChainView, Failure>
  /** A chain as it stands, with each of its steps. */
  readonly chain: (id: ChainId) => Effect.Effect<ChainView, Failure>
  readonly chains: (page: PageOptions) => Effect.Effect<ChainsReply, Failure>
  /** Takes up a chain again that has ended: what is done is not run again. */
  readonly resumeChain: (id: ChainId, options?: ResumeOptions) => Effect.Effect<ChainView, Failure>
  /** What a chain would do and cost, or a resumed one: nothing is started. */
  readonly forecast: (chain: Foreseen) => Effect.Effect<ChainForecast, Failure>
  /** How a request would be handed out. Costs money only where the rules are unsure and a model may be asked. */
  readonly route: (prompt: string, hints?: RouteHints) => Effect.Effect<RouteView, Failure>
  /** Routes a request and starts what comes of it. */
  readonly auto: (prompt: string, options?: AutoOptions) => Effect.Effect<AutoReply, Failure>
  /** Lets a result that waits for its review pass. To approve it again is no mistake. */
  readonly approve: (id: TaskId, options?: ApprovalOptions) => Effect.Effect<TaskView, Failure>
  /** Sends a result back to its author, with what is wrong with it; once too often, and the task fails. */
  readonly reject: (id: TaskId, feedback: string) => Effect.Effect<TaskView, Failure>
  /** Sets what the workers of the pool, of a group or chain, or of a task are told beside their prompts. */
  readonly setContext: SharedContextCalls["set"]
  readonly getContext: SharedContextCalls["get"]
  readonly deleteContext: SharedContextCalls["delete"]
  readonly listContext: SharedContextCalls["list"]
  /** Texts to workers, and from them. */
  readonly sendMessage: MessageCalls["send"]
  readonly readMessages: MessageCalls["read"]
  readonly listMessages: MessageCalls["list"]
  /** Waits for work, within bounds. A task in review is waited for no longer. Interrupting it ends the wait only. */
  readonly wait: (options: WaitOptions) => Effect.Effect<WaitReply, Failure>
  /** A task as it stands. */
  readonly result: (id: TaskId) => Effect.Effect<TaskView, Failure>
  /**
   * The text of a finished task, by pages of characters; of a group its reducer's, of a chain its last step's. Or what it
   * has changed on its branch, as a patch; of a group or chain the patches of its tasks, each after a line that names it.
   */
  readonly output: (id: WorkId, page: OutputOptions) => Effect.Effect<OutputReply, Failure>
  /** What work has changed on its branches, by files. */
  readonly changes: (id: WorkId) => Effect.Effect<ChangesReply, Failure>
  /** Tasks, newest first. */
  readonly list: (options: ListOptions) => Effect.Effect<ListReply, Failure>
  /** Stops work for good; whole process trees are gone when this returns. */
  readonly cancel: (ids: ReadonlyArray<WorkId>, note: string) => Effect.Effect<CancelReply, Failure>
  readonly status: Effect.Effect<PoolStatus, Failure>
  /** The slots as they are: those of the filter, in the order of their numbers. */
  readonly slots: (filter?: SlotFilter) => Effect.Effect<SlotsReply, Failure>
  /** As many slots more, or less, within the bounds of the settings; it says what became of it. */
  readonly scaleUp: (slots: number) => Effect.Effect<ScaleReply, Failure>
  readonly scaleDown: (slots: number) => Effect.Effect<ScaleReply, Failure>
  readonly setTargetSlots: (target: number) => Effect.Effect<ScaleReply, Failure>
  /** Changes who a slot is, and what tasks are given there, from its next task on, until the pool ends. */
  readonly configureSlot: (slot: SlotId, change: SlotChange) => Effect.Effect<SlotView, Failure>
  /**
   * Starts nothing more, takes nothing more in, and lets what runs finish for a while; what has not finished then is cut
   * off and waits again, and is not charged for it. The pool still answers.
   */
  readonly drain: (options?: DrainOptions) => Effect.Effect<DrainReport, Failure>
  /** Takes work in again, and starts it, after a drain. */
  readonly resume: Effect.Effect<void, Failure>
  /** Throws away what is old of what is finished. What it has cost stays counted. */
  readonly prune: (options: PruneOptions) => Effect.Effect<PruneReport, Failure>
  /** The worktrees that tasks work in, or that are kept for what lies in them. */
  readonly worktrees: (options?: WorktreesOptions) => Effect.Effect<WorktreesReply, Failure>
  /** One of them, with what lies in it. */
  readonly worktree: (id: WorkspaceId) => Effect.Effect<WorkspaceView, Failure>
  /** Puts what lies in a worktree into a reference of the repository, and changes nothing in it. */
  readonly rescueWorktree: (id: WorkspaceId) => Effect.Effect<WorkspaceView, Failure>
  /** Puts away worktrees that nobody works in; what would be lost with them goes into references first. */
  readonly pruneWorktrees: (options: { readonly dryRun: boolean }) => Effect.Effect<WorktreesPruned, Failure>
  /** What would conflict if these branches landed, with their target and with each other. No checkout is touched. */
  readonly mergeForecast: (request: MergeRequest) => Effect.Effect<MergeForecast, Failure>
  /** Lands branches one after the other, each with its checks. What conflicts, or is red, is left and reported. */
  readonly merge: (request: MergeRequest) => Effect.Effect<MergeReport, Failure>
  /** Takes a landing back. It is refused where something has come since. */
  readonly undoMerge: (id: MergeId) => Effect.Effect<MergeReport, Failure>
  /** What has landed so far, the newest first. */
  readonly merges: Effect.Effect<ReadonlyArray<MergeReport>, Failure>
  /** The commands, as words, that push a branch and ask for its review. None is run. */
  readonly publication: (id: WorkId | MergeId) => Effect.Effect<ReadonlyArray<ReadonlyArray<string>>, Failure>
  /** What happens from now on, progress of running tasks included. */
  readonly events: Stream.Stream<PoolEvent, Failure>
  /** What has come to its end or to its review, after a number of the log, the oldest first. */
  readonly inbox: (options: InboxOptions) => Effect.Effect<InboxReply, Failure>
  /** A reader has been shown everything up to this number, and goes on from there next time, whichever process it is then. */
  readonly acknowledge: (reader: string, seq: number) => Effect.Effect<void, Failure>
  /** The attempts of a task, the first one first. */
  readonly attempts: (id: TaskId) => Effect.Effect<ReadonlyArray<AttemptView>, Failure>
  /** What a task's workers said and did. */
  readonly turns: (id: TaskId, page: TurnsOptions) => Effect.Effect<TurnsReply, Failure>
  /** The numbers: costs, tokens, times. */
  readonly metrics: (options: MetricsOptions) => Effect.Effect<MetricsReply, Failure>
}>()("claude-pool/services/Pool") {
  /** The pool in this process. Without `Slots` and `ClaudeCli` it accepts work and runs none. */
  static readonly layer = Layer.unwrap(Effect.map(
    Effect.promise(() => import("./pool/Working.ts")),
    ({ makeWorking }) => Layer.effect(this, makeWorking)
  ))

  /** The pool of another process, over an `RpcClient.Protocol` that leads there; what that takes is loaded where it is used. */
  static readonly layerRemote = (options: RemoteOptions): Layer.Layer<Pool, never, RpcClient.Protocol> =>
    Layer.unwrap(Effect.map(
      Effect.promise(() => import("./pool/Remote.ts")),
      ({ makeRemote }) => Layer.effect(this, makeRemote(options))
    ))

  /** A pool that only reads the store, and decides what needs no more than that. */
  static readonly layerReader = (options: ReaderOptions) => Layer.effect(this, makeReader(options))
}
