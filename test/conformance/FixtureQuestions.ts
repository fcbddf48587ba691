/**
 * The tools of the conformance suite that ask the person at the client first, as protocol 2026-07-28 does it: the call is
 * made once more, with answers.
 */
import { Effect } from "effect"
import type { Call } from "../../src/mcp/Call.ts"
import { type Form, InputNeeded } from "../../src/mcp/Form.ts"
import type { Tool } from "../../src/mcp/Tool.ts"
import { content, fixtureTool, text } from "./FixtureTools.ts"

const form = (message: string, field: string, type = "string"): Form => ({
  message,
  fields: { [field]: { type } },
  required: [field]
})

const nameForm = form("What is your name?", "name")
const confirmForm = form("Please confirm", "ok", "boolean")

/** The field of an answer; undefined where the person gave none. */
const answered = Effect.fnUntraced(function*({ ask }: Call, key: string, asked: Form) {
  if (ask === undefined) return yield* new InputNeeded({ forms: { [key]: asked } })
  const answer = yield* ask(key, asked)
  return answer._tag === "Accepted" ? Object.values(answer.content)[0] : undefined
})

const greets = (name: string): Tool =>
  fixtureTool({
    name,
    answer: (_, call) =>
      Effect.map(answered(call, "user_name", nameForm), (given) => content(text(`Hello, ${String(given)}!`)))
  })

/** What it asks comes with a state, without which it does not go on. */
const remembers = (name: string): Tool =>
  fixtureTool({
    name,
    answer: (_, call) =>
      Effect.gen(function*() {
        if (call.state === undefined) return yield* new InputNeeded({ forms: { confirm: confirmForm }, state: "asked" })
        yield* answered(call, "confirm", confirmForm)
        return content(text("state-ok"))
      })
  })

const rounds = fixtureTool({
  name: "test_input_required_result_multi_round",
  answer: (_, call) =>
    Effect.gen(function*() {
      const [name, colour] = [
        form("Step 1: What is your name?", "name"),
        form("Step 2: What is your favorite color?", "color")
      ]
      if (call.state === undefined) return yield* new InputNeeded({ forms: { step1: name }, state: "1" })
      if (call.state === "1") return yield* new InputNeeded({ forms: { step2: colour }, state: "2" })
      const given = [yield* answered(call, "step1", name), yield* answered(call, "step2", colour)]
      return content(text(given.map(String).join(" likes ")))
    })
})

export const fixtureQuestions: ReadonlyArray<Tool> = [
  greets("test_input_required_result_elicitation"),
  greets("test_streaming_elicitation"),
  greets("test_missing_capability"),
  remembers("test_input_required_result_request_state"),
  remembers("test_input_required_result_tampered_state"),
  rounds,
  fixtureTool({ name: "test_logging_tool", answer: () => Effect.succeed(content(text("nothing was logged"))) })
]
