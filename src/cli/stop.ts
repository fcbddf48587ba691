/**
 * `claude-pool stop`: drains and ends the process that has the pool.
 */
import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { Host, type HostEnd } from "../services/Host.ts"
import { drainText } from "./DrainText.ts"
import { note, show } from "./Format.ts"
import { SettingsShown } from "./HelpText.ts"
import { readSpan } from "./Span.ts"
import { storeSettings } from "./TaskSettings.ts"

const endText = ({ pid, report, version }: HostEnd): string => {
  const who = `process ${pid}`
  if (report === null) return `ended: ${who}, claude-pool ${version}; what it had accepted is kept`
  return `ended: ${who}; ${drainText(report) ?? "nothing ran, and nothing waits"}`
}

export const stop = Command.make(
  "stop",
  {
    grace: Flag.String("grace").pipe(
      Flag.withMetavar("duration"),
      Flag.withDescription("How long running tasks may go on, such as 30s or 5m (default: drain_grace of the pool)"),
      Flag.optional
    )
  },
  Effect.fn(function*({ grace }) {
    const host = yield* Host
    const end = yield* host.stop(Option.isNone(grace) ? {} : { grace: yield* readSpan("--grace")(grace.value) })
    if (end === null) return yield* show({ json: { ended: null }, text: "no pool runs for this store" })
    const { pid, report, version } = end
    yield* show({ json: { ended: { pid, version }, ...(report === null ? {} : { report }) }, text: endText(end) })
    if (report !== null && report.queued > 0) yield* note("`claude-pool wait` goes on with what waits")
  })
).pipe(
  Command.withDescription("Drain the pool of this store and end its process; what is cut off waits, uncharged"),
  Command.annotate(SettingsShown, storeSettings),
  Command.withExamples([
    { command: "claude-pool stop" },
    { command: "claude-pool stop --grace 10m", description: "With ten minutes for what runs" }
  ])
)
