/**
 * The name of anything that is worked at, waited for and stopped: a task, a group or a chain.
 */
import { Schema } from "effect"
import { ChainId } from "./ChainId.ts"
import { GroupId } from "./GroupId.ts"
import { TaskId } from "./TaskId.ts"

export const WorkId = Schema.Union([TaskId, GroupId, ChainId])
export type WorkId = typeof WorkId.Type

/** Whether a text is the id of a task, a group or a chain. */
export const isWorkId = Schema.is(WorkId)
/** Whether a text is the id of a task. */
export const isTaskId = Schema.is(TaskId)
/** Whether a text is the id of a group. */
export const isGroupId = Schema.is(GroupId)
/** Whether a text is the id of a chain. */
export const isChainId = Schema.is(ChainId)
