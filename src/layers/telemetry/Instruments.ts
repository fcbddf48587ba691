/**
 * What is counted of a pool while it runs: attempts and tasks that have ended, their money, tokens and times, and how the
 * queue and the slots stand.
 */
import { Effect, Metric, String } from "effect"
import type { Attributes, TraceSpan } from "../../domain/TraceSpan.ts"
import type { TaskCounts } from "../../services/telemetry/Exporter.ts"

/** In seconds. */
const boundaries = [0.1, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600]

const number = (attributes: Attributes, name: string): number => Number(attributes[name] ?? 0)

const labels = (attributes: Attributes, names: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(names).flatMap(([label, name]) => {
      const value = attributes[name]
      return value === undefined ? [] : [[label, `${value}`]]
    })
  )

const counter = (name: string, description: string) => Metric.counter(name, { description, incremental: true })

const add = (metric: Metric.Counter<number>, amount: number, by: Record<string, string>): Effect.Effect<void> =>
  amount === 0 ? Effect.void : Metric.update(Metric.withAttributes(metric, by), amount)

export const makeInstruments = () => {
  const attempts = counter("claude_pool.attempts", "Attempts that have ended")
  const cost = counter("claude_pool.cost", "What attempts have cost")
  const tokens = counter("claude_pool.tokens", "Tokens that attempts have used")
  const duration = Metric.histogram("gen_ai.client.operation.duration", {
    description: "How long attempts took",
    boundaries
  })
  const tasks = counter("claude_pool.tasks.ended", "Tasks that have ended")
  const taskDuration = Metric.histogram("claude_pool.task.duration", {
    description: "How long tasks took, from their submission to their end",
    boundaries
  })
  const states = Metric.gauge("claude_pool.tasks", { description: "Tasks that there are, by state" })
  const queue = Metric.gauge("claude_pool.queue.length", { description: "Tasks that wait for a slot" })
  const busy = Metric.gauge("claude_pool.slots.busy", { description: "Slots that a task is run on" })

  const countAttempt = ({ attributes, endedAt, startedAt }: TraceSpan) => {
    const model = labels(attributes, { "gen_ai.response.model": "gen_ai.response.model" })
    const outcome = labels(attributes, { outcome: "claude_pool.outcome" })
    const read = number(attributes, "gen_ai.usage.cache_read.input_tokens")
    const written = number(attributes, "gen_ai.usage.cache_creation.input_tokens")
    const used = {
      input: number(attributes, "gen_ai.usage.input_tokens") - read - written,
      output: number(attributes, "gen_ai.usage.output_tokens"),
      cache_read: read,
      cache_write: written
    }
    return Effect.all([
      add(attempts, 1, { ...model, ...outcome }),
      add(cost, number(attributes, "claude_pool.cost_usd"), { ...model, unit: "{USD}" }),
      ...Object.entries(used).map(([type, amount]) =>
        add(tokens, amount, { ...model, "gen_ai.token.type": type, unit: "{token}" })
      ),
      Metric.update(
        Metric.withAttributes(duration, { ...model, "gen_ai.operation.name": "invoke_agent", unit: "s" }),
        (endedAt - startedAt) / 1000
      )
    ], { discard: true })
  }

  const countTask = ({ attributes, endedAt, startedAt }: TraceSpan) => {
    const state = labels(attributes, { state: "claude_pool.state" })
    return Effect.all([
      add(tasks, 1, state),
      Metric.update(Metric.withAttributes(taskDuration, { ...state, unit: "s" }), (endedAt - startedAt) / 1000)
    ], { discard: true })
  }

  return {
    count: (spans: ReadonlyArray<TraceSpan>): Effect.Effect<void> =>
      Effect.forEach(
        spans,
        (span) => span.isCall ? countAttempt(span) : span.name === "task" ? countTask(span) : Effect.void,
        { discard: true }
      ),
    measure: (counts: TaskCounts): Effect.Effect<void> =>
      Effect.all([
        Metric.update(queue, counts.Queued),
        Metric.update(busy, counts.Running),
        ...Object.entries(counts).map(([state, count]) =>
          Metric.update(Metric.withAttributes(states, { state: String.camelToSnake(state).replace(/^_/, "") }), count)
        )
      ], { discard: true })
  }
}
