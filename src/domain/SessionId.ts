/**
 * The name that the `claude` CLI gives to a conversation, by which it can be resumed.
 */
import { Schema } from "effect"

export const SessionId = Schema.NonEmptyString.pipe(Schema.brand("SessionId"))
export type SessionId = typeof SessionId.Type
