/**
 * `claude-pool plans`: the plans that there are by name.
 */
import { Effect, Option, Result } from "effect"
import { Argument, Command } from "effect/cli"
import { type PlanEntry, Plans } from "../services/Plans.ts"
import { note, show } from "./Format.ts"
import { SettingsShown } from "./HelpText.ts"
import { forStdout } from "./Outcome.ts"
import { oneLine } from "./Printable.ts"
import { table } from "./Table.ts"
import { storeSettings } from "./TaskSettings.ts"
import { stdoutWidth } from "./Terminal.ts"

const viewPlan = ({ name, origin, path, plan }: PlanEntry) => ({
  name,
  origin,
  ...(path === null ? {} : { path }),
  ...Result.match(plan, {
    onFailure: ({ message }) => ({ error: message }),
    onSuccess: ({ definition: { description, variables }, kind }) => ({
      kind,
      ...(description === undefined ? {} : { description }),
      variables: variables ?? {}
    })
  })
})

type PlanView = ReturnType<typeof viewPlan>

/** Those that have to be given are without brackets. */
const variablesOf = (view: PlanView): string =>
  "variables" in view
    ? Object.entries(view.variables).map(([name, { default: initial }]) => initial === undefined ? name : `[${name}]`)
      .join(" ")
    : ""

const row = (view: PlanView): ReadonlyArray<string> => [
  view.name,
  view.origin,
  "kind" in view ? view.kind : "broken",
  variablesOf(view),
  oneLine("error" in view ? view.error : "description" in view ? view.description : "")
]

export const plans = Command.make(
  "plans",
  {
    name: Argument.String("name").pipe(
      Argument.withDescription("A plan, to print its text (default: a list of all of them)"),
      Argument.optional
    )
  },
  Effect.fn(function*({ name }) {
    const { find, list } = yield* Plans
    if (Option.isSome(name)) {
      const { name: found, origin, path, text } = yield* find(name.value)
      const json = { name: found, origin, ...(path === null ? {} : { path }), text }
      return yield* show({ json, text: yield* forStdout(text) })
    }
    const views = (yield* list).map(viewPlan)
    const lines = table([["NAME", "FROM", "KIND", "VARIABLES", "ABOUT"], ...views.map(row)], yield* stdoutWidth)
    yield* show({ json: views, text: lines.join("\n") })
    yield* note("`claude-pool plan NAME --var …` runs one; variables in brackets have a default")
  })
).pipe(
  Command.withDescription("List the plans that can be run by name: the project's, yours, and those that are built in"),
  Command.annotate(SettingsShown, storeSettings),
  Command.withExamples([
    { command: "claude-pool plans" },
    {
      command: "mkdir -p .claude-pool/plans && claude-pool plans implement > .claude-pool/plans/implement.yaml",
      description: "Take one over, to change it"
    }
  ])
)
