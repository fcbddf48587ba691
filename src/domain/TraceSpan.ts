/**
 * Works as spans of a trace: when they began and ended, how, and at what cost. Nothing that anybody has written is in them,
 * no prompt, answer or name. The attributes are those of OpenTelemetry for generative AI where it has some.
 */
import { DateTime } from "effect"
import type { Attempt } from "./Attempt.ts"
import type { Chain } from "./Chain.ts"
import type { Group } from "./Group.ts"
import { toUsd } from "./MicroUsd.ts"
import type { Spend } from "./Spend.ts"
import type { StepRecord } from "./StepRecord.ts"
import type { Task } from "./Task.ts"
import { placeOfAttempt, placeOfChain, placeOfGroup, placeOfStep, placeOfTask, type SpanPlace } from "./Trace.ts"

export type Attributes = Readonly<Record<string, string | number | boolean>>

export interface TraceSpan extends SpanPlace {
  readonly name: string
  /** Whether what it tells of was done by a process of its own. */
  readonly isCall: boolean
  /** In milliseconds. */
  readonly startedAt: number
  readonly endedAt: number
  readonly attributes: Attributes
  /** Which failure it ended with. */
  readonly error: string | null
}

const millis = (time: DateTime.Utc): number => DateTime.toEpochMillis(time)

const present = (all: Readonly<Record<string, string | number | boolean | null | undefined>>): Attributes =>
  Object.fromEntries(
    Object.entries(all).flatMap(([name, value]) => value === null || value === undefined ? [] : [[name, value]])
  )

const spendOf = (spend: Spend) => ({
  "claude_pool.cost_usd": toUsd(spend.cost),
  "claude_pool.cost_exact": spend.exact,
  "claude_pool.turns": spend.turns,
  // By the convention the cache's are among them.
  "gen_ai.usage.input_tokens": spend.inputTokens + spend.cacheReadTokens + spend.cacheWriteTokens,
  "gen_ai.usage.output_tokens": spend.outputTokens,
  "gen_ai.usage.cache_read.input_tokens": spend.cacheReadTokens,
  "gen_ai.usage.cache_creation.input_tokens": spend.cacheWriteTokens
})

/** How an attempt ended, as a code. */
export const outcomeOf = ({ outcome }: Attempt): { readonly outcome: string; readonly error: string | null } => {
  switch (outcome._tag) {
    case "Running":
      return { outcome: "running", error: null }
    case "Completed":
      return { outcome: "completed", error: null }
    case "Failed":
      return { outcome: outcome.postponed === true ? "postponed" : "failed", error: outcome.reason._tag }
    case "Interrupted":
      return { outcome: `interrupted by ${outcome.by}`, error: outcome.by === "crash" ? "Crash" : null }
  }
}

/** The model that answered, or that was asked for. */
export const modelOf = ({ costs = [], model }: Attempt): string | null =>
  costs.toSorted((a, b) => b.usd - a.usd)[0]?.model ?? model

export const attemptSpan = (task: Task, group: Group | null, attempt: Attempt): TraceSpan => {
  const { error, outcome } = outcomeOf(attempt)
  const startedAt = millis(attempt.startedAt)
  return {
    ...placeOfAttempt(placeOfTask(task, group), task.id, attempt.number),
    name: "invoke_agent claude",
    isCall: true,
    startedAt,
    endedAt: attempt.finishedAt === null ? startedAt : millis(attempt.finishedAt),
    attributes: present({
      "gen_ai.operation.name": "invoke_agent",
      "gen_ai.provider.name": "anthropic",
      "gen_ai.agent.name": "claude",
      "gen_ai.request.model": task.options.model,
      "gen_ai.response.model": modelOf(attempt),
      "gen_ai.conversation.id": attempt.session,
      ...spendOf(attempt.spend),
      "claude_pool.task.id": task.id,
      "claude_pool.attempt.number": attempt.number,
      "claude_pool.slot": attempt.slot,
      "claude_pool.permissions": task.options.permissions,
      "claude_pool.outcome": outcome,
      "claude_pool.resumes": attempt.resumes,
      "claude_pool.recovered": attempt.recovered
    }),
    error
  }
}

const errorOf = (state: { readonly _tag: string; readonly reason?: { readonly _tag: string } }): string | null =>
  state._tag === "Failed" ? state.reason?._tag ?? "Failed" : null

export const taskSpan = (task: Task, group: Group | null): TraceSpan => ({
  ...placeOfTask(task, group),
  name: "task",
  isCall: false,
  startedAt: millis(task.submittedAt),
  endedAt: millis(task.finishedAt ?? task.submittedAt),
  attributes: present({
    ...spendOf(task.spend),
    "claude_pool.task.id": task.id,
    "claude_pool.state": task.state._tag.toLowerCase(),
    "claude_pool.attempts": task.attempts,
    "claude_pool.crashes": task.crashes,
    "claude_pool.rejections": task.rejections.length,
    "claude_pool.permissions": task.options.permissions,
    "claude_pool.parent.id": task.parent?.id,
    "claude_pool.item.index": task.parent?._tag === "Item" ? task.parent.index : null,
    "claude_pool.step.round": task.parent?._tag === "Step" ? task.parent.round : null
  }),
  error: errorOf(task.state)
})

/** One run of a work, as the log tells of its end: it may have been taken up again since, and be of another state now. */
export interface EndedRun {
  /** 0: the first one. */
  readonly run: number
  /** When it was begun, where that is known. */
  readonly since: number | null
  readonly at: number
  readonly state: string
  /** What the work had cost when it ended; null: it has gone on since. */
  readonly spend: Spend | null
}

const runSpan = (
  work: Pick<Group | Chain, "submittedAt" | "finishedAt" | "state">,
  { at, run, since, spend, state }: EndedRun
) => {
  const isLast = spend !== null
  return {
    isCall: false,
    startedAt: run === 0 ? millis(work.submittedAt) : since ?? millis(work.submittedAt),
    endedAt: isLast && work.finishedAt !== null ? millis(work.finishedAt) : at,
    error: isLast ? errorOf(work.state) : state === "Failed" ? state : null,
    attributes: { ...(isLast ? spendOf(spend) : {}), "claude_pool.state": state.toLowerCase() }
  }
}

export const groupSpan = (group: Group, ended: EndedRun): TraceSpan => {
  const { attributes, ...span } = runSpan(group, ended)
  const { id, key, size, within } = group
  return {
    ...placeOfGroup({ id, key, within, retries: ended.run }),
    name: "group",
    ...span,
    attributes: present({
      ...attributes,
      "claude_pool.group.id": id,
      "claude_pool.group.size": size,
      "claude_pool.group.retries": ended.run
    })
  }
}

export const chainSpan = (chain: Chain, ended: EndedRun): TraceSpan => {
  const { attributes, ...span } = runSpan(chain, ended)
  const { id } = chain
  return {
    ...placeOfChain({ id, resumes: ended.run }),
    name: "chain",
    ...span,
    attributes: present({ ...attributes, "claude_pool.chain.id": id, "claude_pool.chain.resumes": ended.run })
  }
}

/** Of a step whose record was written anew by a later run: how it ended, and when. */
export const pastStepSpan = (
  chain: Pick<Chain, "id" | "resumes">,
  { at, key, state }: { readonly key: string; readonly at: number; readonly state: string }
): TraceSpan => ({
  ...placeOfStep(chain, key),
  name: key.includes("/") ? "round" : "step",
  isCall: false,
  startedAt: at,
  endedAt: at,
  attributes: { "claude_pool.chain.id": chain.id, "claude_pool.step": key, "claude_pool.state": state.toLowerCase() },
  error: state === "Failed" ? state : null
})

export const stepSpan = (chain: Pick<Chain, "id" | "resumes">, record: StepRecord): TraceSpan => ({
  ...placeOfStep(chain, record.key),
  name: record.key === record.step ? "step" : "round",
  isCall: false,
  startedAt: millis(record.startedAt),
  endedAt: millis(record.finishedAt),
  attributes: present({
    "claude_pool.chain.id": chain.id,
    "claude_pool.step": record.key,
    "claude_pool.state": record.outcome._tag.toLowerCase(),
    "claude_pool.step.rounds": record.rounds,
    "claude_pool.step.recovered": record.recovered
  }),
  error: record.outcome._tag === "Failed" ? record.outcome.reason._tag : null
})
