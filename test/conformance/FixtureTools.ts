/**
 * The tools that the conformance suite calls, by the names that it expects. They stand on what every tool stands on.
 */
import { Effect, type Schema } from "effect"
import type { Call } from "../../src/mcp/Call.ts"
import { type Form, type FormAnswer } from "../../src/mcp/Form.ts"
import { readsOnly, Reply, type Tool } from "../../src/mcp/Tool.ts"
import { png, wav } from "./Media.ts"

type Args = Readonly<Record<string, unknown>>

type Block = Schema.JsonObject

export const text = (value: string): Block => ({ type: "text", text: value })
export const image: Block = { type: "image", data: png, mimeType: "image/png" }

export const content = (...blocks: ReadonlyArray<Block>): Reply => Reply.Content({ blocks })

const noInput: Tool["input"] = { type: "object", properties: {}, additionalProperties: false }

interface FixtureTool {
  readonly name: string
  readonly input?: Tool["input"]
  readonly answer: (args: Args, call: Call) => ReturnType<Tool["answer"]>
  readonly background?: NonNullable<Tool["background"]>
}

export const fixtureTool = ({ answer, background, input = noInput, name }: FixtureTool): Tool => ({
  name,
  title: name,
  description: `What the conformance suite calls as ${name}.`,
  hints: readsOnly,
  input,
  output: undefined,
  background,
  answer: (args, call) => answer(args as Args, call)
})

const says = (name: string, ...blocks: ReadonlyArray<Block>): Tool =>
  fixtureTool({ name, answer: () => Effect.succeed(content(...blocks)) })

const embedded = (uri: string, mimeType: string, value: string): Block => ({
  type: "resource",
  resource: { uri, mimeType, text: value }
})

const refused = (value: string): Reply => Reply.Content({ blocks: [text(value)], isError: true })

const step = Effect.sleep("50 millis")

/** As soon after each other as the suite wants them. */
const stepByStep = (steps: ReadonlyArray<Effect.Effect<void>>) =>
  Effect.forEach(steps, (one, at) => at === 0 ? one : Effect.andThen(step, one), { discard: true })

const logging = fixtureTool({
  name: "test_tool_with_logging",
  answer: (_, { channel }) =>
    Effect.gen(function*() {
      if (channel === undefined) return refused("there is no way back to this client")
      yield* stepByStep(
        ["Tool execution started", "Tool processing data", "Tool execution completed"].map((data) =>
          channel.notify("notifications/message", { level: "info", logger: "fixture", data })
        )
      )
      return content(text("three messages were logged"))
    })
})

const progress = fixtureTool({
  name: "test_tool_with_progress",
  answer: (_, call) =>
    Effect.as(
      stepByStep(["begun", "half", "done"].map((line) => call.progress?.(line) ?? Effect.void)),
      content(text("three steps were told"))
    )
})

const sampling = fixtureTool({
  name: "test_sampling",
  input: { type: "object", properties: { prompt: { type: "string" } }, required: ["prompt"] },
  answer: ({ prompt }, { channel }) =>
    Effect.gen(function*() {
      if (channel === undefined) return refused("there is no way back to this client")
      const { content: said } = yield* channel.request("sampling/createMessage", {
        messages: [{ role: "user", content: { type: "text", text: String(prompt) } }],
        maxTokens: 100
      })
      return content(text(`LLM response: ${(said as { readonly text?: string }).text ?? ""}`))
    })
})

const actions: Readonly<Record<FormAnswer["_tag"], string>> = {
  Accepted: "accept",
  Declined: "decline",
  Dismissed: "cancel"
}

/** Puts a form before the person, and says what came back. */
const asks = (
  name: string,
  form: (args: Args) => Form,
  { input, key = "answer", said }: {
    readonly input?: Tool["input"]
    readonly key?: string
    readonly said: (action: string, given: Readonly<Record<string, unknown>>) => string
  }
): Tool =>
  fixtureTool({
    name,
    ...(input === undefined ? {} : { input }),
    answer: (args, { ask }) =>
      Effect.gen(function*() {
        if (ask === undefined) return refused("this client shows no forms")
        const answer = yield* ask(key, form(args))
        return content(text(said(actions[answer._tag], answer._tag === "Accepted" ? answer.content : {})))
      })
  })

const completed = (action: string, given: unknown): string =>
  `Elicitation completed: action=${action}, content=${JSON.stringify(given)}`

const elicitation = asks("test_elicitation", ({ message }) => ({
  message: String(message),
  fields: {
    username: { type: "string", description: "User's response" },
    email: { type: "string", description: "User's email address" }
  },
  required: ["username", "email"]
}), {
  input: { type: "object", properties: { message: { type: "string" } }, required: ["message"] },
  said: (action, given) => `User response: action=${action}, content=${JSON.stringify(given)}`
})

const defaults = asks("test_elicitation_sep1034_defaults", () => ({
  message: "Correct what is not so",
  fields: {
    name: { type: "string", default: "John Doe" },
    age: { type: "integer", default: 30 },
    score: { type: "number", default: 95.5 },
    status: { type: "string", enum: ["active", "inactive", "pending"], default: "active" },
    verified: { type: "boolean", default: true }
  },
  required: []
}), { said: completed })

const titled = (...titles: ReadonlyArray<string>) => titles.map((title, at) => ({ const: `value${at + 1}`, title }))

const enums = asks("test_elicitation_sep1330_enums", () => ({
  message: "Choose",
  fields: {
    untitledSingle: { type: "string", enum: ["option1", "option2", "option3"] },
    titledSingle: { type: "string", oneOf: titled("First Option", "Second Option", "Third Option") },
    legacyEnum: {
      type: "string",
      enum: ["opt1", "opt2", "opt3"],
      enumNames: ["Option One", "Option Two", "Option Three"]
    },
    untitledMulti: { type: "array", items: { type: "string", enum: ["option1", "option2", "option3"] } },
    titledMulti: { type: "array", items: { anyOf: titled("First Choice", "Second Choice", "Third Choice") } }
  },
  required: []
}), { said: completed })

/** As the suite has it, to the letter: every keyword of it has to arrive. */
const dialect = fixtureTool({
  name: "json_schema_2020_12_tool",
  input: {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    type: "object",
    $defs: {
      address: {
        $anchor: "addressDef",
        type: "object",
        properties: { street: { type: "string" }, city: { type: "string" } }
      }
    },
    properties: {
      name: { type: "string" },
      address: { $ref: "#/$defs/address" },
      contactMethod: { type: "string", enum: ["phone", "email"] },
      phone: { type: "string" },
      email: { type: "string" }
    },
    allOf: [{ anyOf: [{ required: ["phone"] }, { required: ["email"] }] }],
    if: { properties: { contactMethod: { const: "phone" } }, required: ["contactMethod"] },
    // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema
    then: { required: ["phone"] },
    else: { required: ["email"] },
    additionalProperties: false
  },
  answer: (args) => Effect.succeed(content(text(JSON.stringify(args))))
})

export const fixtureTools: ReadonlyArray<Tool> = [
  says("test_simple_text", text("This is a simple text response for testing.")),
  says("test_image_content", image),
  says("test_audio_content", { type: "audio", data: wav, mimeType: "audio/wav" }),
  says(
    "test_embedded_resource",
    embedded("test://embedded-resource", "text/plain", "This is an embedded resource content.")
  ),
  says(
    "test_multiple_content_types",
    text("Multiple content types test:"),
    image,
    embedded("test://mixed-content-resource", "application/json", JSON.stringify({ test: "data", value: 123 }))
  ),
  fixtureTool({
    name: "test_error_handling",
    answer: () => Effect.succeed(refused("This tool intentionally returns an error for testing"))
  }),
  logging,
  progress,
  sampling,
  elicitation,
  defaults,
  enums,
  dialect
]
