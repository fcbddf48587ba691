/**
 * `claude-pool prune`: throws away what is old of what is finished.
 */
import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { roughBytes } from "../domain/ByteSize.ts"
import type { PruneReport } from "../domain/Pruning.ts"
import { Configuration } from "../services/Configuration.ts"
import { Pool } from "../services/Pool.ts"
import { counted } from "./Count.ts"
import { note, show } from "./Format.ts"
import { SettingsShown } from "./HelpText.ts"
import { readSpan } from "./Span.ts"
import { storeSettings } from "./TaskSettings.ts"

const pruneText = (report: PruneReport): string => {
  const { bytes_after, bytes_before, chains, dry_run, events, files, groups, messages, tasks } = report
  const gone = [
    [chains, "chain"],
    [groups, "group"],
    [tasks, "task"],
    [events, "event"],
    [messages, "message"],
    [files, "file"]
  ] as const
  const parts = gone.flatMap(([count, thing]) => count === 0 ? [] : [counted(count, thing)])
  if (parts.length === 0) return `nothing is old enough: ${roughBytes(bytes_before)} on disk`
  return `${dry_run ? "would go" : "gone"}: ${parts.join(", ")}; ${roughBytes(bytes_before)} on disk${
    dry_run ? "" : ` before, ${roughBytes(bytes_after)} now`
  }`
}

export const prune = Command.make(
  "prune",
  {
    olderThan: Flag.String("older-than").pipe(
      Flag.withMetavar("duration"),
      Flag.withDescription("Work that finished longer ago goes, such as 30d (default: the setting keep_for)"),
      Flag.optional
    ),
    dryRun: Flag.Boolean("dry-run").pipe(
      Flag.withDescription("Only say what would go (default: false)"),
      Flag.withDefault(false)
    )
  },
  Effect.fn(function*({ dryRun, olderThan }) {
    const pool = yield* Pool
    const { settings } = yield* Configuration
    const report = yield* pool.prune({
      olderThan: Option.isSome(olderThan) ? yield* readSpan("--older-than")(olderThan.value) : settings.keepFor,
      // The flag is the setting's.
      keepBytes: settings.keepBytes,
      dryRun
    })
    yield* show({ json: report, text: pruneText(report) })
    if (!dryRun && report.tasks + report.groups + report.chains > 0) {
      yield* note("what all of it has cost stays counted")
    }
  })
).pipe(
  Command.withDescription("Throw away the oldest of what is finished: tasks, groups, chains, messages, transcripts"),
  Command.annotate(SettingsShown, {
    keepBytes: "The oldest goes until the store is no larger (default: the setting keep_bytes)",
    ...storeSettings
  }),
  Command.withExamples([
    { command: "claude-pool prune --dry-run", description: "What would go by the settings" },
    { command: "claude-pool prune --older-than 7d --keep-bytes 500MiB" }
  ])
)
