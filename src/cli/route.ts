/**
 * `claude-pool route <prompt>`: how a request would be handed out; runs nothing of it.
 */
import { Effect } from "effect"
import { Command } from "effect/cli"
import { Pool } from "../services/Pool.ts"
import { show } from "./Format.ts"
import { SettingsShown } from "./HelpText.ts"
import { promptArgument, readPrompt } from "./Prompt.ts"
import { readHints, routeFlags } from "./RouteFlags.ts"
import { planText, routeLines } from "./RouteText.ts"
import { storeSettings } from "./TaskSettings.ts"

export const route = Command.make(
  "route",
  { prompt: promptArgument, ...routeFlags },
  Effect.fn(function*({ prompt, ...flags }) {
    const pool = yield* Pool
    const hints = yield* readHints(flags)
    const view = yield* pool.route(yield* readPrompt(prompt), hints)
    yield* show({ json: view, text: `${routeLines(view).join("\n")}\n\n${planText(view)}` })
  })
).pipe(
  Command.withDescription("Say how a request would be handed out, without running it"),
  Command.annotate(SettingsShown, { simulate: true, claude: true, ...storeSettings }),
  Command.withExamples([
    {
      command:
        "claude-pool route \"review each of these files on its own: src/a.ts, src/b.ts and src/c.ts\" --ask never",
      description: "Side by side; by the rules alone, for nothing"
    },
    { command: "claude-pool route - --json < request.txt" }
  ])
)
