/**
 * The prompts that the conformance suite asks for, by the names that it expects.
 */
import { Effect, type Schema } from "effect"
import type { Prompt } from "../../src/mcp/Prompt.ts"
import { image, text } from "./FixtureTools.ts"

type Blocks = (args: Readonly<Record<string, string>>) => ReadonlyArray<Schema.JsonObject>

const fixturePrompt = (name: string, names: ReadonlyArray<string>, blocks: Blocks): Prompt => ({
  name,
  title: name,
  description: `What the conformance suite asks for as ${name}.`,
  arguments: names.map((one) => ({ name: one, description: `The argument ${one}`, required: true })),
  get: (args) => Effect.succeed(blocks(args).map((content) => ({ role: "user", content }))),
  complete: (_, begin) => Effect.succeed(["paris", "park", "party"].filter((word) => word.startsWith(begin)))
})

export const fixturePrompts: ReadonlyArray<Prompt> = [
  fixturePrompt("test_simple_prompt", [], () => [text("This is a simple prompt for testing.")]),
  fixturePrompt("test_prompt_with_arguments", ["arg1", "arg2"], ({ arg1, arg2 }) => [
    text(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`)
  ]),
  fixturePrompt("test_prompt_with_embedded_resource", ["resourceUri"], ({ resourceUri = "" }) => [
    {
      type: "resource",
      resource: { uri: resourceUri, mimeType: "text/plain", text: "Embedded resource content for testing." }
    },
    text("Please process the embedded resource above.")
  ]),
  fixturePrompt("test_prompt_with_image", [], () => [image, text("Please analyze the image above.")])
]
