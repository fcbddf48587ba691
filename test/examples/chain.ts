/**
 * Steps that feed each other: the first answers in a shape, the next ones reach into it. Whatever is wrong with a chain is
 * said before anything is spent, and a step that is done is not run again.
 */
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import { type ChainDefinition, LocalPool, Pool } from "claude-pool"
import { Console, Effect } from "effect"

// In the square brackets stands what the simulator is to play; a real worker does the work.
const definition: ChainDefinition = {
  variables: { issue: { type: "number", description: "Number of the issue" } },
  defaults: { permissions: "read-only" },
  steps: [
    {
      name: "plan",
      prompt: `Plan the fix of issue {vars.issue} [[value:{"files":["cart.ts","tax.ts"],"risk":"low"}]]`,
      schema: {
        type: "object",
        properties: { files: { type: "array", items: { type: "string" } }, risk: { enum: ["low", "high"] } },
        required: ["files", "risk"]
      }
    },
    {
      name: "warn",
      when: { value: "{steps.plan.risk}", is: "high" },
      prompt: "Say what may go wrong with {steps.plan.files[0]}"
    },
    { name: "look", forEach: "{steps.plan.files}", prompt: "Say what {item} does [[say:it adds things up]]" },
    { name: "test", check: "test {vars.issue} -gt 0" },
    { name: "report", prompt: "Write a report:\n{steps.look.output}\n[[say:Two files, low risk]]" }
  ]
}

const program = Effect.gen(function*() {
  const pool = yield* Pool
  const chain = yield* pool.runChain({ definition, vars: { issue: 42 } })
  for (const { name, state } of chain.steps) yield* Console.log(`${name}: ${state}`)
  yield* Console.log(`${chain.state}: ${chain.summary}`)
})

program.pipe(Effect.provide(LocalPool.layer({ simulate: true, slots: 2 })), NodeRuntime.runMain)
