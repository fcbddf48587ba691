/**
 * `claude-pool logs <id>`: what workers said and did, as a text to read; with --follow as it happens.
 */
import { Console, Effect, Option, Queue, Stream } from "effect"
import { Command, Flag } from "effect/cli"
import { fail, type Failure } from "../domain/Failure.ts"
import type { PoolEvent } from "../domain/PoolEvent.ts"
import { InvalidRequest } from "../domain/RequestFailure.ts"
import { isTaskId, type WorkId } from "../domain/WorkId.ts"
import { Pool } from "../services/Pool.ts"
import { Format, note, show } from "./Format.ts"
import { SettingsShown } from "./HelpText.ts"
import { gapLine, type LogEntry, logLines } from "./LogLines.ts"
import { makeLogReading, type ReadEntry } from "./LogReading.ts"
import { Styles } from "./Styles.ts"
import { storeSettings } from "./TaskSettings.ts"
import { stdoutWidth } from "./Terminal.ts"
import { readWorkId, workIdArgument } from "./WorkIds.ts"

/** So much of a group or chain is printed where nothing else is said: its tasks may be very many. */
const mostOfMany = 2000

/** How often is looked where nothing is told, or where what is told does not say it. */
const lookEvery = "500 millis"

const refuse = (issue: string, hint: string) => fail(new InvalidRequest({ issues: [issue], hint }))

const readCount = (flag: string, said: Option.Option<number>, least: number): Effect.Effect<number | null, Failure> => {
  if (Option.isNone(said)) return Effect.succeed(null)
  return said.value < least
    ? refuse(`--${flag}: ${said.value} is below ${least}`, `say a whole number from ${least} on`)
    : Effect.succeed(said.value)
}

/** As a program reads it: which task it is of is said where there may be several. */
const jsonOf = (work: WorkId) => ({ task, turn }: ReadEntry) =>
  isTaskId(work) ? turn : {
    task: task.id,
    ...(task.step === undefined ? {} : { step: task.step }),
    ...(task.index === undefined ? {} : { index: task.index }),
    ...turn
  }

/** Prints entries as they come; it remembers what it has printed last. */
const makePrinter = Effect.fnUntraced(function*(work: WorkId) {
  const { stdout: palette } = yield* Styles
  const width = yield* stdoutWidth
  const format = yield* Format
  const json = jsonOf(work)
  let before: LogEntry | null = null

  const linesOf = (entry: ReadEntry): ReadonlyArray<string> => {
    if (format === "json") return [JSON.stringify(json(entry))]
    const missing = entry.missing > 0 ? [palette.warn(gapLine(entry.missing))] : []
    const lines = [...missing, ...logLines(entry, before, { palette, width })]
    before = entry
    return lines
  }
  return (entries: ReadonlyArray<ReadEntry>) =>
    Effect.suspend(() => {
      const lines = entries.flatMap(linesOf)
      return lines.length === 0 ? Effect.void : Console.log(lines.join("\n"))
    })
})

/** Whether an event may be of something to read. */
const mayTurn = ({ _tag }: PoolEvent): boolean => _tag !== "Progressed" && _tag !== "Reported"

/** Looks until there will be nothing new any more: whenever something is told, and every now and then. */
const follow = <E, R>(look: Effect.Effect<boolean, E, R>) =>
  Effect.scoped(Effect.gen(function*() {
    const pool = yield* Pool
    const wake = yield* Queue.sliding<void>(1)
    // Beside a pool in another process there may be nothing to hear.
    yield* pool.events.pipe(
      Stream.filter(mayTurn),
      Stream.runForEach(() => Queue.offer(wake, undefined)),
      Effect.ignore,
      Effect.forkScoped({ startImmediately: true })
    )
    while (!(yield* look)) yield* Effect.timeoutOption(Queue.take(wake), lookEvery)
  }))

export const logs = Command.make(
  "logs",
  {
    id: workIdArgument,
    follow: Flag.Boolean("follow").pipe(
      Flag.withAlias("f"),
      Flag.withDescription("Go on as it happens, until the work has ended (default: what there is)"),
      Flag.withDefault(false)
    ),
    attempt: Flag.Int("attempt").pipe(
      Flag.withDescription("Only this attempt, from 1 (default: all of them)"),
      Flag.optional
    ),
    tail: Flag.Int("tail").pipe(
      Flag.withDescription(`Begin with the last so many pieces (default: all; of a group or chain ${mostOfMany})`),
      Flag.optional
    ),
    since: Flag.Int("since").pipe(
      Flag.withDescription("Of a task: only what came after this number, as --json says it (default: 0)"),
      Flag.optional
    )
  },
  Effect.fn(function*(input) {
    const id = yield* readWorkId(input.id)
    const attempt = yield* readCount("attempt", input.attempt, 1)
    const tail = yield* readCount("tail", input.tail, 0)
    const since = yield* readCount("since", input.since, 0)
    if (since !== null && !isTaskId(id)) {
      return yield* refuse("--since is a number of one task's", "name one of its tasks, or leave --since out")
    }
    const most = tail ?? (isTaskId(id) ? Infinity : mostOfMany)
    const { look } = makeLogReading(id, { since: since ?? 0, attempt })
    const print = yield* makePrinter(id)

    const first = yield* look
    const entries = first.entries.slice(Math.max(0, first.entries.length - most))
    const left = first.entries.length - entries.length
    if (tail === null && left > 0) {
      yield* note(
        `${left} earlier pieces are left out; --tail says how many to begin with, and each task has a log of its own`
      )
    }
    if (!input.follow && (yield* Format) === "json") {
      const last = entries.at(-1)
      return yield* show({
        json: {
          id,
          turns: entries.map(jsonOf(id)),
          ...(isTaskId(id) ? { seq: last?.turn.seq ?? since ?? 0 } : {})
        },
        text: null
      })
    }
    yield* print(entries)
    if (!input.follow) return entries.length === 0 ? yield* note(`nothing is kept of ${id} yet`) : undefined
    if (first.isOver) return
    yield* follow(Effect.flatMap(look, (more) => Effect.as(print(more.entries), more.isOver)))
  })
).pipe(
  Command.withDescription("Print what workers were asked, said and did, in order of time; -f as it happens"),
  Command.annotate(SettingsShown, storeSettings),
  Command.withExamples([
    { command: "claude-pool logs t_0123456789abcdef" },
    { command: "claude-pool logs -f t_0123456789abcdef", description: "As it happens; Ctrl-C only stops looking" },
    {
      command: "claude-pool logs c_0123456789abcdef --tail 50",
      description: "Of a chain: each line says of which step"
    },
    { command: "claude-pool logs t_0123456789abcdef --attempt 2 --json", description: "As one JSON value" },
    { command: "claude-pool logs -f g_0123456789abcdef --json", description: "A line of JSON for each piece" }
  ])
)
