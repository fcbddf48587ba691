/**
 * The name of anything that is worked at, waited for and stopped: a task, a group or a chain.
 */
import { Schema } from "effect"
import { ChainId } from "./ChainId.ts"
import { GroupId } from "./GroupId.ts"
import { TaskId } from "./TaskId.ts"

export const WorkId = Schema.Union([TaskId, GroupId, ChainId])
export type WorkId = typeof WorkId.Type

export const isWorkId = Schema.is(WorkId)
export const isTaskId = Schema.is(TaskId)
export const isGroupId = Schema.is(GroupId)
export const isChainId = Schema.is(ChainId)
