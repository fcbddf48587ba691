/**
 * `claude-pool merge <ids…>`: lands the branches of finished work.
 */
import { Effect, Record } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { fail, type Failure } from "../domain/Failure.ts"
import { isMergeId, type MergeRequest, MergeStrategy } from "../domain/Merge.ts"
import { InvalidRequest } from "../domain/RequestFailure.ts"
import { shellWords } from "../domain/ShellWords.ts"
import { Pool } from "../services/Pool.ts"
import { Format, note, show } from "./Format.ts"
import { SettingsShown } from "./HelpText.ts"
import { isComplete, isSmooth, mergeForecastText, mergeSteps, mergeText } from "./MergeText.ts"
import { publicationOf, publish, runPublication } from "./Publication.ts"
import { Reported } from "./Reported.ts"
import { storeSettings } from "./TaskSettings.ts"
import { stdoutWidth } from "./Terminal.ts"
import { readWorkId } from "./WorkIds.ts"

const yes = (name: string, description: string) =>
  Flag.Boolean(name).pipe(Flag.withDescription(`${description} (default: no)`), Flag.withDefault(false))

const flags = {
  into: Flag.String("into").pipe(
    Flag.withMetavar("branch"),
    Flag.withDescription("The branch to land on (default: the one that is checked out where the work was asked for)"),
    Flag.optional
  ),
  strategy: Flag.Literals("strategy", MergeStrategy.literals).pipe(
    Flag.withDescription("How each branch lands (default: merge)"),
    Flag.optional
  ),
  checks: Flag.String("check").pipe(
    Flag.withMetavar("command"),
    Flag.withDescription("Has to exit with 0 after each landing, as in 'npm test'; may be repeated (default: none)"),
    Flag.atLeast(0)
  ),
  update: yes(
    "update",
    "Move the target on to what has landed, only forward, and a checkout of it only when it is clean"
  ),
  dryRun: yes("dry-run", "Only say what would conflict"),
  onConflict: Flag.Literals("on-conflict", ["report", "task"]).pipe(
    Flag.withDescription("What becomes of a branch that conflicts: a report, or a task for a worker (default: report)"),
    Flag.optional
  ),
  pullRequest: yes("pull-request", "Say with which commands it is pushed, and its review is asked for"),
  run: yes("run", "With --pull-request: run these commands, with your own git and gh")
}

type Flags = Command.Command.Config.Infer<typeof flags>

const refuse = (issue: string, hint: string): Failure => fail(new InvalidRequest({ issues: [issue], hint }))

const checkFlags = (
  ids: ReadonlyArray<string>,
  { dryRun, pullRequest, run }: Flags,
  format: Format
): Effect.Effect<void, Failure> => {
  if (ids.length === 0) {
    return refuse("there are no ids", "name tasks, groups or chains, in the order in which they land")
  }
  if (run && !pullRequest) return refuse("--run is about a pull request", "say --pull-request too")
  if (run && format === "json") return refuse("--run shows what its commands say", "leave --json out")
  if (dryRun && pullRequest) {
    return refuse("--dry-run and --pull-request contradict each other", "leave one of the two out")
  }
  return Effect.void
}

const readRequest = Effect.fnUntraced(function*(ids: ReadonlyArray<string>, said: Flags) {
  const request: MergeRequest = {
    ids: yield* Effect.forEach(ids, readWorkId),
    ...Record.getSomes({ into: said.into, strategy: said.strategy, onConflict: said.onConflict }),
    ...(said.checks.length === 0 ? {} : { checks: said.checks }),
    ...(said.update ? { update: true } : {})
  }
  return request
})

export const merge = Command.make(
  "merge",
  {
    ids: Argument.String("ids").pipe(
      Argument.withDescription("Tasks, groups or chains, in the order in which they land; or a landing to publish"),
      Argument.variadic()
    ),
    ...flags
  },
  Effect.fn(function*({ ids, ...said }) {
    const pool = yield* Pool
    yield* checkFlags(ids, said, yield* Format)
    const [first = "", ...others] = ids
    // What has landed already is only published.
    if (said.pullRequest && others.length === 0 && isMergeId(first)) return yield* publish(first, said)

    const request = yield* readRequest(ids, said)
    if (said.dryRun) {
      const forecast = yield* pool.mergeForecast(request)
      yield* show({ json: forecast, text: mergeForecastText(forecast, yield* stdoutWidth) })
      return isSmooth(forecast) ? undefined : yield* new Reported({ exitCode: 1 })
    }
    const report = yield* pool.merge(request)
    const lines = said.pullRequest && report.branch !== undefined && isMergeId(report.id)
      ? yield* publicationOf(report.id)
      : []
    yield* show({
      json: said.pullRequest ? { ...report, commands: lines.map(shellWords) } : report,
      text: [mergeText(report), ...(said.run ? [] : lines.map(shellWords))].join("\n")
    })
    yield* Effect.forEach(mergeSteps(report, request), note)
    if (said.run) yield* runPublication(lines)
    return isComplete(report) ? undefined : yield* new Reported({ exitCode: 1 })
  })
).pipe(
  Command.withDescription("Land the branches of finished work, one after the other, each with its checks"),
  Command.annotate(SettingsShown, storeSettings),
  Command.withExamples([
    { command: "claude-pool merge g_0123456789abcdef --dry-run", description: "What would conflict" },
    {
      command: "claude-pool merge g_0123456789abcdef --check \"npm test\" --update",
      description: "Land what is green, and move the branch that is checked out on to it"
    },
    {
      command: "claude-pool merge t_0123456789abcdef --strategy squash --pull-request",
      description: "Land it on a branch of its own, and say how to push that"
    }
  ])
)
