/**
 * The groups of the store: each with its tasks, in the order of its items.
 */
import type { Effect, Option } from "effect"
import type { ChainId } from "../../domain/ChainId.ts"
import type { Failure } from "../../domain/Failure.ts"
import type { Group } from "../../domain/Group.ts"
import type { GroupId } from "../../domain/GroupId.ts"
import type { PoolEvent } from "../../domain/PoolEvent.ts"
import type { Spend } from "../../domain/Spend.ts"
import type { IllegalTransition, Task, TaskStateTag } from "../../domain/Task.ts"

/** The task that stands for an item now: a retry puts another one in its place. */
export interface Member {
  readonly index: number
  readonly task: Task
}

/** One step of a group, in one transaction. */
export interface GroupChange {
  /** The group after the step. It is refused unless the store holds the version just before it. */
  readonly group: Group
  /** New tasks, each in the place of an item; tasks that stood there before stay in the store. */
  readonly tasks?: ReadonlyArray<Member>
  /** Tasks that are in the store already and take a place. */
  readonly kept?: ReadonlyArray<Member>
  readonly event: PoolEvent
}

export interface GroupStore {
  /**
   * Keeps a group with all of its tasks, durably, or nothing. If its key is known already, nothing is kept and the group
   * that has the key is returned.
   */
  readonly accept: (group: Group, tasks: ReadonlyArray<Member>) => Effect.Effect<Group, Failure>
  /** Applies one step, durably. Fails with `IllegalTransition` if the store does not hold the version before. */
  readonly commit: (change: GroupChange) => Effect.Effect<void, Failure | IllegalTransition>
  readonly find: (id: GroupId) => Effect.Effect<Option.Option<Group>, Failure>
  /** Every group that has not ended, oldest first. */
  readonly open: Effect.Effect<ReadonlyArray<Group>, Failure>
  /** The groups that were ever steps of a chain, oldest first. */
  readonly within: (chain: ChainId) => Effect.Effect<ReadonlyArray<Group>, Failure>
  /** Newest first; before a cursor, as the last page gave it. */
  readonly list: (page: { readonly cursor?: string; readonly limit: number }) => Effect.Effect<
    { readonly groups: ReadonlyArray<Group>; readonly nextCursor: string | null },
    Failure
  >
  /** The tasks of its items, in order, from an item's index on. */
  readonly members: (
    id: GroupId,
    page: { readonly from: number; readonly limit: number }
  ) => Effect.Effect<ReadonlyArray<Member>, Failure>
  /** How many of its items stand where. */
  readonly counts: (id: GroupId) => Effect.Effect<{ readonly [K in TaskStateTag]: number }, Failure>
  /** The tasks that ever stood for an item with this content, newest first. */
  readonly byContent: (id: GroupId, content: string) => Effect.Effect<ReadonlyArray<Task>, Failure>
  /** What all tasks that were ever part of it have cost, replaced ones and the reducer's too. */
  readonly spent: (id: GroupId) => Effect.Effect<Spend, Failure>
}
