/**
 * The tools of the conformance suite that a client keeps itself, as tasks: nothing runs, what has become of one is worked
 * out from the time when somebody looks.
 */
import { Clock, DateTime, Duration, Effect, Option, Stream } from "effect"
import { type Background, Standing } from "../../src/mcp/Background.ts"
import type { Form } from "../../src/mcp/Form.ts"
import { Reply, type Tool } from "../../src/mcp/Tool.ts"
import { content, fixtureTool, text } from "./FixtureTools.ts"

interface Kept {
  readonly createdAt: number
  readonly endsAt: number
  readonly end: Standing
  /** Those that nobody has answered. */
  forms: Readonly<Record<string, Form>>
  isCancelled: boolean
}

const kept = new Map<string, Kept>()

const isoOf = (millis: number): string => DateTime.formatIso(DateTime.makeUnsafe(millis))

const standingOf = (task: Kept, now: number): Standing => {
  if (task.isCancelled) return Standing.Cancelled()
  if (Object.keys(task.forms).length > 0) return Standing.Asking({ forms: task.forms })
  return now < task.endsAt ? Standing.Working() : task.end
}

/** What is there, and whether it was. */
const withTask = (id: string, change: (task: Kept, now: number) => void): Effect.Effect<boolean> =>
  Effect.map(Clock.currentTimeMillis, (now) => {
    const task = kept.get(id)
    if (task !== undefined) change(task, now)
    return task !== undefined
  })

export const fixtureBackground: Background = {
  keptFor: Duration.hours(1),
  look: (id) =>
    Effect.map(Clock.currentTimeMillis, (now) =>
      Option.map(Option.fromUndefinedOr(kept.get(id)), (task) => ({
        standing: standingOf(task, now),
        message: "",
        createdAt: isoOf(task.createdAt),
        updatedAt: isoOf(now)
      }))),
  answer: (id, answers) =>
    withTask(id, (task) => {
      task.forms = Object.fromEntries(Object.entries(task.forms).filter(([key]) => answers[key] === undefined))
    }),
  cancel: (id) =>
    withTask(id, (task, now) => {
      const standing = standingOf(task, now)
      task.isCancelled = standing._tag === "Working" || standing._tag === "Asking" || task.isCancelled
    }),
  changes: () => Stream.never
}

interface Job {
  readonly seconds?: number
  readonly end: Standing
  readonly forms?: Readonly<Record<string, Form>>
}

const keep = ({ end, forms = {}, seconds = 0 }: Job) =>
  Effect.map(Clock.currentTimeMillis, (now) => {
    const id = `fixture-${kept.size + 1}`
    kept.set(id, { createdAt: now, endsAt: now + seconds * 1000, end, forms, isCancelled: false })
    return id
  })

const ended = (value: string) => Standing.Ended({ reply: content(text(value)) })

const confirm = (message: string): Form => ({
  message,
  fields: { confirm: { type: "boolean" } },
  required: ["confirm"]
})

const secondsOf = (args: unknown): number => Number(Object(args)["seconds"] ?? 0)

const computed = "computed"
const failure = Reply.Content({ blocks: [text("the job has failed")], isError: true })

export const fixtureTasks: ReadonlyArray<Tool> = [
  fixtureTool({
    name: "greet",
    input: { type: "object", properties: { name: { type: "string" } } },
    answer: ({ name }) => Effect.succeed(content(text(`Hello, ${String(name)}!`)))
  }),
  fixtureTool({
    name: "slow_compute",
    input: { type: "object", properties: { seconds: { type: "number" }, label: { type: "string" } } },
    answer: (args) => Effect.as(Effect.sleep(Duration.seconds(secondsOf(args))), content(text(computed))),
    background: (args) => keep({ seconds: secondsOf(args), end: ended(computed) })
  }),
  fixtureTool({
    name: "failing_job",
    answer: () => Effect.succeed(failure),
    background: () => keep({ end: Standing.Ended({ reply: failure }) })
  }),
  fixtureTool({
    name: "protocol_error_job",
    answer: () => Effect.succeed(failure),
    background: () => keep({ end: Standing.Broken({ code: -32_603, message: "the job has come to nothing" }) })
  }),
  fixtureTool({
    name: "confirm_delete",
    input: { type: "object", properties: { filename: { type: "string" } } },
    answer: () => Effect.succeed(content(text("deleted"))),
    background: () => keep({ end: ended("deleted"), forms: { confirm: confirm("Delete it?") } })
  }),
  fixtureTool({
    name: "multi_input",
    answer: () => Effect.succeed(content(text("both are known"))),
    background: () =>
      keep({ end: ended("both are known"), forms: { first: confirm("The first?"), second: confirm("The second?") } })
  })
]
