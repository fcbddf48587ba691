/**
 * The name of a group of tasks: `g_…`.
 */
import { Schema } from "effect"
import { idOf, randomId } from "./RandomId.ts"

export const GroupId = idOf("g", "group").pipe(Schema.brand("GroupId"))
export type GroupId = typeof GroupId.Type

/** An id made of random bytes. */
export const groupIdFrom = (bytes: Uint8Array): GroupId => GroupId.make(randomId("g", bytes))
