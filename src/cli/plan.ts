/**
 * `claude-pool plan <name>`: runs a plan that has a name, be it a chain or a fan-out.
 */
import { Effect, Option } from "effect"
import { Argument, Command } from "effect/cli"
import { fail } from "../domain/Failure.ts"
import { InvalidRequest } from "../domain/RequestFailure.ts"
import { Plans } from "../services/Plans.ts"
import { runChain } from "./ChainRun.ts"
import { resultsFlag } from "./fan-out.ts"
import { SettingsShown } from "./HelpText.ts"
import { askedByChain, notePermissions } from "./PermissionsNote.ts"
import { readPlanFile } from "./PlanFile.ts"
import { planFlags, planRun } from "./PlanFlags.ts"
import { runFanOutPlan } from "./PlanRun.ts"
import { poolSettings } from "./TaskSettings.ts"

/** No name of a plan has a dot or a slash. */
const isFile = (said: string): boolean => said === "-" || /[./]/.test(said)

const findPlan = (said: string) =>
  isFile(said)
    ? readPlanFile(said)
    : Effect.flatMap(Plans, ({ find }) => Effect.map(find(said), ({ plan }) => plan))

export const plan = Command.make(
  "plan",
  {
    plan: Argument.String("plan").pipe(
      Argument.withDescription("Name of a plan, as `claude-pool plans` lists them; or its file, or - for stdin")
    ),
    ...planFlags,
    results: resultsFlag
  },
  Effect.fn(function*({ plan: said, ...flags }) {
    const { definition, kind } = yield* findPlan(said)
    const run = yield* planRun(flags)
    if (kind === "fan-out") return yield* runFanOutPlan(definition, said, run, flags)
    if (Option.isSome(flags.results)) {
      return yield* fail(
        new InvalidRequest({
          issues: [`--results is for the items of a fan-out, and ${said} is a chain`],
          hint: "leave it out; `claude-pool output` prints the answer of each step"
        })
      )
    }
    if (!flags.dryRun && !flags.detach) yield* notePermissions(run.cwd, askedByChain(definition))
    yield* runChain({ definition, ...run }, flags)
  })
).pipe(
  Command.withDescription("Run a plan that has a name, and wait for its answer; interrupting it cancels the work"),
  Command.annotate(SettingsShown, poolSettings),
  Command.withExamples([
    { command: "claude-pool plan implement --var \"task=let the export take a date\" --permissions full" },
    { command: "claude-pool plan audit --var files='src/**/*.ts' --dry-run", description: "What it would look at" },
    { command: "claude-pool plans", description: "Which plans there are" }
  ])
)
