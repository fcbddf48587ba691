/**
 * `claude-pool wait [ids…]`: until work has finished, or waits for a review.
 */
import { Duration, Effect } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import type { Failure } from "../domain/Failure.ts"
import type { WaitReply } from "../domain/PoolView.ts"
import { Configuration } from "../services/Configuration.ts"
import { Pool } from "../services/Pool.ts"
import { chainHeader, chainRow } from "./ChainLines.ts"
import { someOf } from "./Count.ts"
import { type ExitCode, exitCodeOf } from "./ExitCode.ts"
import { withFarewell } from "./Farewell.ts"
import { note, show } from "./Format.ts"
import { groupHeader, groupRow } from "./GroupLines.ts"
import { exitCodeOfGroup } from "./GroupOutcome.ts"
import { SettingsShown } from "./HelpText.ts"
import { holdLines } from "./HoldLines.ts"
import { withLiveLine } from "./LiveLine.ts"
import { waitLine } from "./ProgressLine.ts"
import { Reported } from "./Reported.ts"
import { table } from "./Table.ts"
import { reviewLines, taskHeader, taskRow } from "./TaskLines.ts"
import { storeSettings } from "./TaskSettings.ts"
import { stdoutWidth } from "./Terminal.ts"
import { readWorkId, workIdArgument } from "./WorkIds.ts"

interface End {
  readonly id: string
  readonly code: Effect.Effect<ExitCode, Failure, Pool>
}

const endsOf = ({ chains = [], done, groups = [] }: WaitReply): ReadonlyArray<End> => [
  ...done.map((task) => ({ id: task.id, code: Effect.succeed<ExitCode>(exitCodeOf(task)) })),
  ...groups.map((group) => ({ id: group.id, code: exitCodeOfGroup(group) })),
  ...chains.map((chain) => ({ id: chain.id, code: Effect.succeed<ExitCode>(exitCodeOf(chain)) }))
]

/** What came of the first that is not done; then whether there was time enough. */
const exitCodeOfWait = (reply: WaitReply, ids: ReadonlyArray<string>): Effect.Effect<ExitCode, Failure, Pool> =>
  Effect.gen(function*(): Effect.fn.Return<ExitCode, Failure, Pool> {
    const ends = endsOf(reply)
    const order = ids.length === 0 ? ends : ids.flatMap((id) => ends.filter((end) => end.id === id))
    for (const { code } of order) {
      const exitCode = yield* code
      if (exitCode !== 0) return exitCode
    }
    return reply.timed_out ? 5 : 0
  })

const sectionsOf = ({ chains = [], done, groups = [], review = [] }: WaitReply) =>
  [
    [taskHeader, ...done.map(taskRow), ...review.map(taskRow)],
    [groupHeader, ...groups.map(groupRow)],
    [chainHeader, ...chains.map(chainRow)]
  ].filter((rows, index) => rows.length > 1 || (index === 0 && groups.length + chains.length === 0))

export const wait = Command.make(
  "wait",
  {
    ids: workIdArgument.pipe(Argument.variadic()),
    any: Flag.Boolean("any").pipe(
      Flag.withDescription("Until one of them has finished (default: until all have)"),
      Flag.withDefault(false)
    )
  },
  Effect.fn(function*(input) {
    const pool = yield* Pool
    const { origins, settings } = yield* Configuration
    const ids = yield* Effect.forEach(input.ids, readWorkId)
    const reply = yield* withLiveLine(
      pool.wait({
        ids,
        mode: input.any ? "any" : "all",
        // The flag is the setting's: said here, it can only mean the wait.
        timeout: origins.timeout.kind === "flag" ? settings.timeout : Duration.hours(24)
      }),
      (heard, elapsed) => waitLine(heard, ids, elapsed)
    )
    const width = yield* stdoutWidth
    yield* show({
      json: reply,
      text: sectionsOf(reply).map((rows) => table(rows, width).join("\n")).join("\n\n")
    })
    yield* Effect.forEach(reply.review ?? [], (task) => Effect.forEach(reviewLines(task), note))
    if (reply.timed_out) {
      yield* note(`not finished in time: ${someOf(reply.running)}; they go on where a pool runs them`)
      yield* Effect.forEach(holdLines((yield* pool.status).holds), note)
    }
    const [first] = endsOf(reply)
    if (first !== undefined) yield* note(`\`claude-pool result ${first.id}\` prints a whole answer`)
    else if (!reply.timed_out && reply.review === undefined) yield* note("nothing was unfinished")
    const exitCode = yield* exitCodeOfWait(reply, ids)
    if (exitCode !== 0) return yield* new Reported({ exitCode })
  }, withFarewell)
).pipe(
  Command.withDescription("Wait for work, or for all that is unfinished"),
  Command.annotate(SettingsShown, {
    timeout: "How long to wait at most (default: 24h)",
    slots: true,
    ...storeSettings
  }),
  Command.withExamples([
    { command: "claude-pool wait", description: "For everything" },
    { command: "claude-pool wait t_0123456789abcdef g_0123456789abcdef --any --timeout 10m" }
  ])
)
