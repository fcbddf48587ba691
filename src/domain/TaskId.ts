/**
 * The name of a task: `t_…`.
 */
import { Schema } from "effect"
import { idOf, randomId } from "./RandomId.ts"

export const TaskId = idOf("t", "task").pipe(Schema.brand("TaskId"))
export type TaskId = typeof TaskId.Type

/** An id made of random bytes. */
export const taskIdFrom = (bytes: Uint8Array): TaskId => TaskId.make(randomId("t", bytes))
