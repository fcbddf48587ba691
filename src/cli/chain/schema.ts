/**
 * `claude-pool chain schema`: what editors check plan files with.
 */
import { Console, Effect } from "effect"
import { Command } from "effect/cli"

const plans = Effect.promise(() => import("../../domain/PlanSchema.ts"))

export const chainSchema = Command.make(
  "schema",
  {},
  () => Effect.flatMap(plans, ({ planSchema }) => Console.log(JSON.stringify(planSchema(), null, 2)))
).pipe(
  Command.withDescription("Print the JSON Schema of plan files, for editors and programs that write them"),
  Command.withExamples([{ command: "claude-pool chain schema > plan.schema.json" }])
)
