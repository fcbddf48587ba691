/**
 * What the conformance suite wants to be offered, in the place of a pool's offer: everything between it and the wire is what
 * is shipped.
 */
import type { Offer } from "../../src/mcp/Offer.ts"
import { makeRegistry } from "../../src/mcp/ToolRegistry.ts"
import { fixturePrompts } from "./FixturePrompts.ts"
import { fixtureQuestions } from "./FixtureQuestions.ts"
import { fixtureResources } from "./FixtureResources.ts"
import { fixtureBackground, fixtureTasks } from "./FixtureTasks.ts"
import { fixtureTools } from "./FixtureTools.ts"

export const fixture: Offer = {
  tools: makeRegistry([...fixtureTools, ...fixtureQuestions, ...fixtureTasks]),
  resources: fixtureResources,
  prompts: fixturePrompts,
  background: fixtureBackground,
  instructions: "Only for the conformance suite."
}
