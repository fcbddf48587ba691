/**
 * The durable record: tasks, groups, chains, money, events, context, messages. Dumb on purpose: the rules are the domain's, the store
 * keeps what it is given, whole or not at all.
 */
import { Context, type DateTime, Effect, Layer, Option, Result } from "effect"
import type { Attempt } from "../domain/Attempt.ts"
import type { ListOrder } from "../domain/CallOptions.ts"
import type { ChainId } from "../domain/ChainId.ts"
import type { Failure } from "../domain/Failure.ts"
import type { GroupId } from "../domain/GroupId.ts"
import type { ModelCost } from "../domain/ModelUsage.ts"
import type { LoggedEvent, PoolEvent } from "../domain/PoolEvent.ts"
import type { PruneOptions, PruneReport } from "../domain/Pruning.ts"
import type { SessionId } from "../domain/SessionId.ts"
import type { Spend } from "../domain/Spend.ts"
import type { IllegalTransition, Task, TaskStateTag } from "../domain/Task.ts"
import type { TaskId } from "../domain/TaskId.ts"
import type { NewTurn } from "../domain/Turn.ts"
import type { ChainStore } from "./store/ChainStore.ts"
import { makeChainTable } from "./store/ChainTable.ts"
import type { ContextStore } from "./store/ContextStore.ts"
import { makeContextTable } from "./store/ContextTable.ts"
import { makeEventLog } from "./store/EventLog.ts"
import { makeGroupCommit } from "./store/GroupCommit.ts"
import type { GroupStore } from "./store/GroupStore.ts"
import { makeGroupTable } from "./store/GroupTable.ts"
import { makeLedger } from "./store/Ledger.ts"
import type { MergeStore } from "./store/MergeStore.ts"
import { makeMergeTable } from "./store/MergeTable.ts"
import type { MessageStore } from "./store/MessageStore.ts"
import { makeMessageTable } from "./store/MessageTable.ts"
import { makeMetricsQueries, type MetricsStore } from "./store/MetricsQueries.ts"
import { migrate } from "./store/Migrations.ts"
import { makeNewTasks } from "./store/NewTasks.ts"
import { pageOf } from "./store/OutputPage.ts"
import { makePrune } from "./store/Prune.ts"
import type { ReaderStore } from "./store/ReaderStore.ts"
import { makeReaderTable } from "./store/ReaderTable.ts"
import { type WithFailures, withFailures } from "./store/StorageError.ts"
import { noFolder, type StoreFolder } from "./store/StoreFolder.ts"
import { makeTaskList } from "./store/TaskList.ts"
import { makeTaskReads } from "./store/TaskReads.ts"
import { makeTaskWrites } from "./store/TaskWrites.ts"
import { makeTraceFeed, type TraceStore } from "./store/TraceFeed.ts"
import type { TurnStore } from "./store/TurnStore.ts"
import { makeTurnTable, makeTurnWrites } from "./store/TurnTable.ts"
import type { WorkspaceStore } from "./store/WorkspaceStore.ts"
import { makeWorkspaceTable } from "./store/WorkspaceTable.ts"
import { makeWriteHealth, type WriteHealth } from "./store/WriteHealth.ts"

/** One step of one task: everything that it changes, in one transaction. */
export interface Change {
  /** The task after the step. It is refused unless the store holds the version just before it. */
  readonly task: Task
  /** The attempt that begins or ends with it. When it ends, what it has cost goes into the ledger, once and for all. */
  readonly attempt?: Attempt
  /** The whole text of the answer. */
  readonly output?: string
  /** What it changed, as a patch. */
  readonly patch?: string
  /** What is to be read of it with its worker's turns. */
  readonly turns?: ReadonlyArray<NewTurn>
  /** For the log, which keeps what `isLogged` says. */
  readonly event: PoolEvent
}

/** What becomes known of a running attempt before it ends. */
export interface AttemptNote {
  readonly task: TaskId
  readonly attempt: number
  readonly session: SessionId
  /** The session that it goes on from; null: none. */
  readonly resumes: SessionId | null
}

/** Which part of a text, in characters (UTF-16 units, as JavaScript counts). */
export interface PageRequest {
  readonly offset: number
  readonly limit: number
}

/** A page of a task's answer; the next one begins at `offset + text.length`. A page does not end inside a character. */
export interface OutputPage {
  readonly text: string
  readonly offset: number
  readonly total: number
}

export interface TaskFilter {
  /** Any of them; all states where there are none. */
  readonly states?: ReadonlyArray<TaskStateTag>
  readonly tag?: string
  readonly name?: string
  /** Only tasks that come after this one in the order of the list, as the last page said. */
  readonly cursor?: string
  readonly limit: number
  readonly order?: ListOrder
}

/** Newest first, or as it was asked for. */
export interface TaskPage {
  readonly tasks: ReadonlyArray<Task>
  readonly nextCursor: string | null
  /** Of all pages. */
  readonly total: number
}

/** A queued task, as far as the queue has to know it. */
export interface QueuedTask {
  readonly id: TaskId
  /** The group or chain that it is a part of. */
  readonly parent: GroupId | ChainId | null
  readonly role: string | null
  readonly notBefore: DateTime.Utc | null
}

/** What the store is opened on. */
export interface StoreOptions {
  readonly directory: string
  readonly folder?: StoreFolder
  /** Fails once the database has been found damaged: from then on, so does every call. */
  readonly sound?: Effect.Effect<void, Failure>
}

export class Store extends Context.Service<Store, {
  readonly directory: string
  /**
   * Keeps a new task, durably, before it returns, and logs it as `Submitted`. If its key is known already, nothing is
   * kept, and the task that has the key is returned; that fails with `KeyConflict` if it asks for something else.
   *
   * Like `commit`, it is not interrupted half-way: once begun, it ends as it would have, and only then gives way.
   */
  readonly accept: (task: Task) => Effect.Effect<Task, Failure>
  /**
   * Applies one step of a task, durably if it ends an attempt or finishes the task. Fails with `IllegalTransition` if
   * the store does not hold the version before.
   */
  readonly commit: (change: Change) => Effect.Effect<void, Failure | IllegalTransition>
  /** Adds to the record of a running attempt. It survives a crash of the process; one that has ended stays as it is. */
  readonly note: (note: AttemptNote) => Effect.Effect<void, Failure>
  readonly find: (id: TaskId) => Effect.Effect<Option.Option<Task>, Failure>
  readonly attempts: (id: TaskId) => Effect.Effect<ReadonlyArray<Attempt>, Failure>
  /** The session of a task's last attempt that had one, and what that session has cost in all. */
  readonly sessionOf: (
    id: TaskId
  ) => Effect.Effect<Option.Option<{ readonly session: SessionId; readonly spend: Spend }>, Failure>
  readonly output: (id: TaskId, page: PageRequest) => Effect.Effect<Option.Option<OutputPage>, Failure>
  /** What a task changed, as a patch, by pages. */
  readonly patch: (id: TaskId, page: PageRequest) => Effect.Effect<Option.Option<OutputPage>, Failure>
  readonly list: (filter: TaskFilter) => Effect.Effect<TaskPage, Failure>
  readonly counts: Effect.Effect<{ readonly [K in TaskStateTag]: number }, Failure>
  /** Every queued task, oldest first. */
  readonly queued: Effect.Effect<ReadonlyArray<QueuedTask>, Failure>
  /** Every task that is recorded as running, with its running attempt. After a crash these are the interrupted ones. */
  readonly running: Effect.Effect<ReadonlyArray<readonly [Task, Attempt]>, Failure>
  /** What all attempts ever made have cost, from the ledger. */
  readonly spent: Effect.Effect<Spend, Failure>
  /** What the last attempts' models have cost, where the CLI has said so, the newest first. */
  readonly costs: Effect.Effect<ReadonlyArray<ModelCost>, Failure>
  /** The log after `since`, oldest first. */
  readonly events: (since: number, limit: number) => Effect.Effect<ReadonlyArray<LoggedEvent>, Failure>
  /** Logs an event that tells of nothing else that is kept. */
  readonly log: (event: PoolEvent) => Effect.Effect<void, Failure>
  readonly groups: GroupStore
  readonly chains: ChainStore
  readonly context: ContextStore
  readonly messages: MessageStore
  readonly workspaces: WorkspaceStore
  readonly merges: MergeStore
  readonly turns: TurnStore
  /** The ledger, added up. */
  readonly metrics: MetricsStore
  /** What has ended, for who traces it. */
  readonly traces: TraceStore
  readonly readers: ReaderStore
  /**
   * Throws away what is old of what is finished, by small transactions: it may be interrupted between any two of them. The
   * keys of what has gone are free again, and what it has cost stays counted.
   */
  readonly prune: (options: PruneOptions) => Effect.Effect<PruneReport, Failure>
  /** Whether writes are taken. While they are not, all that is there can be read. */
  readonly health: WriteHealth
}>()("claude-pool/services/Store") {
  /** Over a `SqlClient` for SQLite, in whose tables it trusts nobody else to write. */
  static readonly layerNoDeps = (options: StoreOptions) =>
    Layer.effect(
      this,
      Effect.gen(function*() {
        const { directory, folder = noFolder, sound } = options
        const named = withFailures(directory)
        const failing: WithFailures = (effect) =>
          sound === undefined ? named(effect) : Effect.andThen(sound, named(effect))
        yield* failing(migrate(directory))
        const { commits, health } = yield* makeWriteHealth({ directory, commits: yield* makeGroupCommit })
        const log = yield* makeEventLog
        const newTasks = yield* makeNewTasks
        const reads = yield* makeTaskReads
        const turns = yield* makeTurnWrites
        const writes = yield* makeTaskWrites({ commits, log, newTasks, turns })
        const tasks = yield* makeTaskList
        const ledger = yield* makeLedger

        return {
          directory,
          accept: Effect.fn("Store.accept")((task: Task) => writes.accept(task), failing),
          commit: Effect.fn("Store.commit")((change: Change) => writes.commit(change), failing),
          note: Effect.fn("Store.note")((note: AttemptNote) => writes.note(note), failing),
          find: Effect.fn("Store.find")((id: TaskId) => reads.find(id), failing),
          attempts: Effect.fn("Store.attempts")((id: TaskId) => reads.attempts(id), failing),
          sessionOf: Effect.fn("Store.sessionOf")((id: TaskId) => ledger.sessionOf(id), failing),
          output: Effect.fn("Store.output")(
            (id: TaskId, page: PageRequest) => Effect.map(reads.output(id), Option.map(pageOf(page))),
            failing
          ),
          patch: Effect.fn("Store.patch")(
            (id: TaskId, page: PageRequest) => Effect.map(reads.patch(id), Option.map(pageOf(page))),
            failing
          ),
          list: Effect.fn("Store.list")((filter: TaskFilter) => tasks.list(filter), failing),
          log: Effect.fn("Store.log")(
            (event: PoolEvent) =>
              Effect.flatMap(
                log.entry(event),
                (entry) => commits.submit({ durable: false, apply: Effect.as(entry, Result.void) })
              ),
            failing
          ),
          counts: failing(tasks.counts),
          queued: failing(reads.queued),
          running: failing(reads.running),
          spent: failing(ledger.spent),
          costs: failing(ledger.costs),
          events: Effect.fn("Store.events")((since: number, limit: number) => log.since(since, limit), failing),
          groups: yield* makeGroupTable({ commits, failing, ledger, log, newTasks }),
          chains: yield* makeChainTable({ commits, failing, ledger, log }),
          context: yield* makeContextTable({ commits, failing }),
          messages: yield* makeMessageTable({ commits, failing }),
          workspaces: yield* makeWorkspaceTable({ commits, failing }),
          merges: yield* makeMergeTable({ commits, failing }),
          turns: yield* makeTurnTable({ commits, failing, turns }),
          metrics: yield* makeMetricsQueries(failing),
          traces: yield* makeTraceFeed({ commits, failing }),
          readers: yield* makeReaderTable({ commits, failing, log }),
          prune: yield* makePrune({ commits, failing, folder }),
          health
        }
      })
    )
}
