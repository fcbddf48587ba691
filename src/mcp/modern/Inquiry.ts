/**
 * Questions to the person at the client: how a form is put into a result, and how its answer comes back with the next
 * request.
 */
import { Effect, Schema } from "effect"
import { type Form, FormAnswer } from "../Form.ts"
import { invalidParams, type ProtocolError } from "./Protocol.ts"

/** As requests that the client answers in its next one. */
export const toInputRequests = (forms: Readonly<Record<string, Form>>): Schema.JsonObject =>
  Object.fromEntries(
    Object.entries(forms).map(([key, { fields, message, required }]) => [key, {
      method: "elicitation/create",
      params: {
        mode: "form",
        message,
        requestedSchema: { type: "object", properties: { ...fields }, required: [...required] }
      }
    }])
  )

const Value = Schema.Union([Schema.String, Schema.Finite, Schema.Boolean, Schema.Array(Schema.String)])

const InputResponse = Schema.Struct({
  action: Schema.Literals(["accept", "decline", "cancel"]),
  content: Schema.optionalKey(Schema.Record(Schema.String, Value))
})

/** Answers to other questions than ours may have any shape: who is not asked for them does not read them. */
export const InputResponses = Schema.Record(Schema.String, Schema.Record(Schema.String, Schema.Unknown))

const decode = Schema.decodeUnknownEffect(InputResponse)

const toAnswer = ({ action, content = {} }: typeof InputResponse.Type): FormAnswer => {
  switch (action) {
    case "accept":
      return FormAnswer.Accepted({ content })
    case "decline":
      return FormAnswer.Declined()
    case "cancel":
      return FormAnswer.Dismissed()
  }
}

/** Those that answer forms. */
export const readAnswers = (
  responses: typeof InputResponses.Type
): Effect.Effect<Record<string, FormAnswer>, ProtocolError> =>
  Effect.forEach(Object.entries(responses), ([key, response]) =>
    "action" in response
      ? Effect.mapBoth(decode(response), {
        onSuccess: (answer) => [[key, toAnswer(answer)] as const],
        onFailure: () => invalidParams(`the response ${key.slice(0, 100)} is no answer to a form`)
      })
      : Effect.succeed([])).pipe(Effect.map((entries) => Object.fromEntries(entries.flat())))
