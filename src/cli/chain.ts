/**
 * `claude-pool chain <file>`: steps that feed each other.
 */
import { Effect } from "effect"
import { Argument, Command } from "effect/cli"
import { runChain } from "./ChainRun.ts"
import { SettingsShown } from "./HelpText.ts"
import { askedByChain, notePermissions } from "./PermissionsNote.ts"
import { readChainFile } from "./PlanFile.ts"
import { planFlags, planRun } from "./PlanFlags.ts"
import { poolSettings } from "./TaskSettings.ts"

export const chain = Command.make(
  "chain",
  {
    file: Argument.String("file").pipe(
      Argument.withDescription("The plan, in YAML or JSON, that has the steps; - reads it from stdin")
    ),
    ...planFlags
  },
  Effect.fn(function*({ file, ...flags }) {
    const definition = yield* readChainFile(file)
    const run = yield* planRun(flags)
    if (!flags.dryRun && !flags.detach) yield* notePermissions(run.cwd, askedByChain(definition))
    yield* runChain({ definition, ...run }, flags)
  })
).pipe(
  Command.withDescription(
    "Run steps that feed each other, and wait for the last one's answer; interrupting it cancels"
  ),
  Command.annotate(SettingsShown, poolSettings),
  Command.withExamples([
    { command: "claude-pool chain release.yaml --var version=2.1", description: "Run a plan" },
    { command: "claude-pool chain release.yaml --var version=2.1 --dry-run", description: "What it would do and cost" },
    { command: "claude-pool chain resume c_0123456789abcdef", description: "Go on with one that has ended" },
    { command: "claude-pool chain schema > plan.schema.json", description: "What editors check plans with" }
  ])
)
