/**
 * A question to the person at the client, as a form that the client shows. What comes back is that person's word: no model
 * and no worker has written it.
 */
import { Data, type Schema } from "effect"

/** A field of a form, as clients can show one: a flat JSON Schema of a text, a number, a yes or no, or a choice. */
export type FormField = Schema.JsonObject

export interface Form {
  readonly message: string
  readonly fields: Readonly<Record<string, FormField>>
  readonly required: ReadonlyArray<string>
}

export type FormAnswer = Data.TaggedEnum<{
  Accepted: { readonly content: Schema.JsonObject }
  /** The person said no. */
  Declined: {}
  /** The person said nothing. */
  Dismissed: {}
}>
export const FormAnswer = Data.taggedEnum<FormAnswer>()

/** The call has to be made again, with answers to these: how the newer protocol asks. `state` comes back with them. */
export class InputNeeded extends Data.TaggedError("InputNeeded")<{
  readonly forms: Readonly<Record<string, Form>>
  readonly state?: string
}> {}
