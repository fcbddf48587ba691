/**
 * The name of a task: `t_` and 16 letters of Crockford's base 32, which is 80 random bits. An id is a name and no
 * authority, yet it cannot be guessed.
 */
import { Schema } from "effect"

const alphabet = "0123456789abcdefghjkmnpqrstvwxyz"

/** How many random bytes an id is made of. */
export const taskIdBytes = 16

export const TaskId = Schema.String.check(
  Schema.isPattern(/^t_[0-9a-hjkmnp-tv-z]{16}$/, { expected: "a task id such as t_0123456789abcdef" })
).pipe(Schema.brand("TaskId"))
export type TaskId = typeof TaskId.Type

/** The id that `taskIdBytes` random bytes make: five bits of each. */
export const taskIdFrom = (bytes: Uint8Array): TaskId =>
  TaskId.make(`t_${Array.from(bytes, (byte) => alphabet[byte % 32]).join("")}`)
