/**
 * The options of the calls of a pool.
 */
import { type Duration, Schema } from "effect"
import type { MicroUsd } from "./MicroUsd.ts"
import type { SlotView } from "./PoolView.ts"
import type { RouteHints } from "./Route.ts"
import type { TaskOptions } from "./TaskRequest.ts"
import type { StateName } from "./TaskView.ts"
import type { WorkId } from "./WorkId.ts"

/** What is waited for, and for how long. */
export interface WaitOptions {
  /** Which tasks, groups and chains; without any, all that have not finished now. */
  readonly ids: ReadonlyArray<WorkId>
  readonly mode: "all" | "any"
  /** The wait ends here at the latest, and says so; the work goes on. */
  readonly timeout: Duration.Duration
}

/**
 * In which order tasks are listed: by when they were handed in, the newest or the oldest first; or by when they ended, the
 * last one first, and only those that have ended.
 */
export const ListOrder = Schema.Literals(["newest", "oldest", "ended"])
export type ListOrder = typeof ListOrder.Type

/** Which tasks, and which page of them. */
export interface ListOptions {
  readonly states?: ReadonlyArray<StateName>
  /** A tag; the id of a group or chain lists the tasks that are part of it. */
  readonly tag?: string
  readonly name?: string
  /** Where the last page ended, in the same order. */
  readonly cursor?: string
  readonly limit: number
  /** The newest first, where nothing is said. */
  readonly order?: ListOrder
}

/** Newest first. */
export interface PageOptions {
  /** Where the last page ended. */
  readonly cursor?: string
  readonly limit: number
}

/** What is changed of work that is run again. */
export interface RetryOptions {
  /** The new cap of the group, or of the task. */
  readonly budget?: MicroUsd
}

/** From where a chain goes on, and with how much money. */
export interface ResumeOptions {
  /** This step and all that come after it are run again, even if they were done. */
  readonly from?: string
  /** The new cap of the whole chain. */
  readonly budget?: MicroUsd
}

/** What was seen, and what there is to say to it. */
export interface ApprovalOptions {
  /** What was seen. Without it, whatever is there is approved. */
  readonly hash?: string
  readonly note?: string
}

/** A part of a long text, in characters. */
export interface OutputOptions {
  readonly offset: number
  readonly limit: number
  /** Of which text: the answer, or what was changed, as a patch. The answer, where nothing is said. */
  readonly part?: "text" | "diff"
}

/** Which workspaces are listed. */
export interface WorktreesOptions {
  /** Also those whose directories have been put away. */
  readonly all?: boolean
}

/** Slots that are such; all of them where nothing is said. */
export interface SlotFilter {
  readonly role?: string
  readonly name?: string
  readonly states?: ReadonlyArray<SlotView["state"]>
}

/** How a drain lets running tasks finish. */
export interface DrainOptions {
  /** How long running tasks may go on; the setting's, where nothing is said. */
  readonly grace?: Duration.Duration
}

/** How a request is routed, and what its tasks are given. */
export interface AutoOptions {
  readonly hints?: RouteHints
  /** Options of every task that comes of it. */
  readonly options?: TaskOptions
}
