/**
 * `claude-pool metrics`: what the attempts of a pool have cost and taken, by model, tag or day.
 */
import { Console, DateTime, Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { parseDuration } from "../domain/DurationText.ts"
import { fail, type Failure } from "../domain/Failure.ts"
import { MetricsBy } from "../domain/Metrics.ts"
import { InvalidRequest } from "../domain/RequestFailure.ts"
import { Pool } from "../services/Pool.ts"
import { Format, note, show } from "./Format.ts"
import { SettingsShown } from "./HelpText.ts"
import { metricsLines, prometheusText } from "./MetricsText.ts"
import { storeSettings } from "./TaskSettings.ts"
import { stdoutWidth } from "./Terminal.ts"

const day = /^\d{4}-\d{2}-\d{2}([T ].*)?$/

/** A span of time back from now, or a time. */
const readSince = Effect.fnUntraced(function*(written: string): Effect.fn.Return<string, Failure> {
  const span = parseDuration(written)
  if (span !== null) return DateTime.formatIso(DateTime.subtractDuration(yield* DateTime.now, span))
  const time = day.test(written) ? DateTime.make(written) : Option.none()
  if (Option.isSome(time)) return DateTime.formatIso(time.value)
  return yield* fail(
    new InvalidRequest({
      issues: [`--since: ${JSON.stringify(written)} is neither a span of time nor a day`],
      hint: "write it as 12h, 7d or 2026-11-01"
    })
  )
})

const oneOfBoth = fail(
  new InvalidRequest({
    issues: ["--prometheus and --json: the output is one of both"],
    hint: "leave one of them out"
  })
)

export const metrics = Command.make(
  "metrics",
  {
    by: Flag.Literals("by", MetricsBy.literals).pipe(
      Flag.withDescription("What the rows are: models, tags, days in UTC, or the total alone (default: all)"),
      Flag.withDefault("all" as const)
    ),
    since: Flag.String("since").pipe(
      Flag.withMetavar("time"),
      Flag.withDescription("Only attempts that ended since: 12h, 7d or 2026-11-01 (default: ever)"),
      Flag.optional
    ),
    prometheus: Flag.Boolean("prometheus").pipe(
      Flag.withDescription("Print it as Prometheus reads it (default: false)"),
      Flag.withDefault(false)
    )
  },
  Effect.fn(function*({ by, prometheus, since }) {
    if (prometheus && (yield* Format) === "json") return yield* oneOfBoth
    const pool = yield* Pool
    const reply = yield* pool.metrics({
      by,
      ...(Option.isSome(since) ? { since: yield* readSince(since.value) } : {})
    })
    if (prometheus) return yield* Console.log(prometheusText(reply))
    yield* show({ json: reply, text: metricsLines(reply, yield* stdoutWidth).join("\n") })
    if (by === "tag" && reply.rows.length > 1) {
      yield* note("a task with several tags is in several rows, and once in the total")
    }
  })
).pipe(
  Command.withDescription("Show what attempts have cost and taken, each counted once: by model, tag or day"),
  Command.annotate(SettingsShown, storeSettings),
  Command.withExamples([
    { command: "claude-pool metrics --by model --since 7d" },
    { command: "claude-pool metrics --by day --since 2026-11-01 --json" },
    { command: "claude-pool metrics --by tag --prometheus", description: "For a textfile collector" }
  ])
)
