/**
 * `claude-pool auto <prompt>`: decides how a request is handed out, and runs what comes of it.
 */
import { Effect, Option } from "effect"
import { Command } from "effect/cli"
import { fail } from "../domain/Failure.ts"
import { InvalidRequest } from "../domain/RequestFailure.ts"
import type { RouteView } from "../domain/RouteView.ts"
import { Pool } from "../services/Pool.ts"
import { attend } from "./Attended.ts"
import { note, show } from "./Format.ts"
import { SettingsShown } from "./HelpText.ts"
import { exitAs, showOutcome, type Wanted } from "./Outcome.ts"
import { notePermissions } from "./PermissionsNote.ts"
import { promptArgument, readPrompt } from "./Prompt.ts"
import { readHints, routeFlags } from "./RouteFlags.ts"
import { routeLines } from "./RouteText.ts"
import { detachFlag, optionFlags } from "./TaskFlags.ts"
import { taskOptions } from "./TaskOptions.ts"
import { poolSettings } from "./TaskSettings.ts"

const wanted = ({ route }: RouteView): Wanted => route === "parallel" ? "parts" : "answer"

const tellRoute = (view: RouteView) => Effect.forEach(routeLines(view), note, { discard: true })

export const auto = Command.make(
  "auto",
  { prompt: promptArgument, ...routeFlags, ...optionFlags, detach: detachFlag },
  Effect.fn(function*({ detach, prompt, ...flags }) {
    const pool = yield* Pool
    if (detach && Option.isSome(flags.ask) && flags.ask.value !== "never") {
      return yield* fail(
        new InvalidRequest({
          issues: [`--detach and --ask ${flags.ask.value} contradict each other: no worker is there to ask a model`],
          hint: "leave --ask out: the rules decide; or leave --detach out"
        })
      )
    }
    const hints = yield* readHints(detach ? { ...flags, ask: Option.some("never") } : flags)
    const options = yield* taskOptions(flags)
    const start = pool.auto(yield* readPrompt(prompt), { hints, options })
    if (detach) {
      const reply = yield* start
      yield* show({ json: reply, text: reply.id })
      return yield* tellRoute(reply.route)
    }
    yield* notePermissions(options.cwd ?? ".")
    // To ask a model takes a while, in which the command can still be interrupted.
    const { outcome, started } = yield* attend(
      Effect.tap(Effect.interruptible(start), ({ route }) => tellRoute(route))
    )
    yield* showOutcome(outcome, wanted(started.route), { route: started.route })
    yield* exitAs(outcome)
  })
).pipe(
  Command.withDescription("Decide whether a request is one task, many or a chain, and run it; interrupting it cancels"),
  Command.annotate(SettingsShown, poolSettings),
  Command.withExamples([
    {
      command: "claude-pool auto \"summarise each of these files on its own: README.md, AGENTS.md and CHANGES.md\"",
      description: "Three tasks, side by side"
    },
    {
      command:
        "claude-pool auto \"plan the migration, then implement the plan, then run the tests and fix what fails\"",
      description: "A chain of three steps"
    }
  ])
)
