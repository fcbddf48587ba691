/**
 * `claude-pool watch`: the pool on the whole terminal, as it goes on, with keys to act on it.
 */
import { Effect, type Layer } from "effect"
import { Command, Flag } from "effect/cli"
import type { Failure } from "../domain/Failure.ts"
import { Machine } from "../services/Machine.ts"
import type { Pool } from "../services/Pool.ts"
import { Format, note, show } from "./Format.ts"
import { SettingsShown } from "./HelpText.ts"
import { storeSettings } from "./TaskSettings.ts"
import { stdoutWidth } from "./Terminal.ts"

/** Loaded only to watch: no other command has to start with it. */
const dashboards = Effect.promise(() =>
  Promise.all([import("./watch/Looking.ts"), import("./watch/Overview.ts"), import("./watch/Watching.ts")])
)

/** Why it cannot be shown on the whole terminal; null where it can. */
const obstacle = ({ env, stdinIsTerminal, stdoutIsTerminal }: Machine["Service"]): string | null => {
  if (!stdoutIsTerminal) return "stdout is no terminal"
  if (!stdinIsTerminal) return "stdin is no terminal, so that there are no keys"
  return env["TERM"] === "dumb" ? "this terminal cannot be drawn on (TERM=dumb)" : null
}

const once = <R>(pool: Layer.Layer<Pool, Failure, R>) =>
  Effect.gen(function*() {
    const [{ look }, { overview }] = yield* dashboards
    const dashboard = yield* Effect.provide(look, pool, { local: true })
    yield* show({ json: dashboard, text: overview(dashboard, yield* stdoutWidth) })
  })

/** `pool` is found anew whenever the one before has gone. */
export const watch = <R>(pool: Layer.Layer<Pool, Failure, R>) =>
  Command.make(
    "watch",
    {
      once: Flag.Boolean("once").pipe(
        Flag.withDescription("Print it once, and end; with --json as one JSON value (default: until q is pressed)"),
        Flag.withDefault(false)
      )
    },
    Effect.fn(function*(input) {
      const why = obstacle(yield* Machine)
      const isJson = (yield* Format) === "json"
      if (input.once || isJson) return yield* once(pool)
      if (why === null) {
        const [, , { watching }] = yield* dashboards
        return yield* watching(pool)
      }
      yield* note(`${why}: this is \`claude-pool watch --once\``)
      return yield* once(pool)
    })
  ).pipe(
    Command.withDescription(
      "Watch the pool on the terminal, with keys to open, cancel, approve, reject and scale"
    ),
    Command.annotate(SettingsShown, storeSettings),
    Command.withExamples([
      { command: "claude-pool watch", description: "In a terminal of its own, beside the session that hands out work" },
      { command: "claude-pool watch --once --json", description: "The same for programs, once" }
    ])
  )
