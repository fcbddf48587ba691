/**
 * The tasks that a call is about.
 */
import { Schema } from "effect"
import { TaskId } from "../domain/TaskId.ts"

export const TaskIds = Schema.Array(TaskId).check(Schema.isMinLength(1), Schema.isMaxLength(50))
