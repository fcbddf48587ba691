/**
 * What a worker's events tell of it while it works: its phase, its cost so far, its last words. Pure: one step for each
 * event.
 */
import { Data, DateTime } from "effect"
import {
  type AssistantEvent,
  type ClaudeEvent,
  isApiRetry,
  isAssistant,
  isCommandLifecycle,
  isInit,
  isRateLimit,
  isResult,
  isUser,
  type ResultEvent
} from "../../domain/ClaudeEvent.ts"
import { fromUsd, type MicroUsd, toUsd, zeroUsd } from "../../domain/MicroUsd.ts"
import type { ModelCost } from "../../domain/ModelUsage.ts"
import { beginningOf, boundOutput } from "../../domain/OutputBound.ts"
import type { Progress } from "../../domain/Progress.ts"
import { SessionId } from "../../domain/SessionId.ts"
import { Spend } from "../../domain/Spend.ts"
import type { Denial } from "../../domain/TaskResult.ts"
import { cleanLine } from "../../domain/UntrustedText.ts"
import type { Vitals } from "../../domain/Vitals.ts"
import { denialsOf } from "./Judgement.ts"
import {
  afterAnswers,
  afterCalls,
  type CommandLimits,
  commandLimits,
  longestOf,
  type RunningTools
} from "./RunningTools.ts"
import { countCalls } from "./ToolCalls.ts"

/** How much of its last words is told while it works, in characters. */
const mostSaid = 160

/** How much of a text is cleaned for that: a long one would hold everybody up. */
const mostRead = 16 * mostSaid

export class Tracker extends Data.Class<{
  readonly progress: Progress
  readonly session: SessionId | null
  readonly model: string | null
  /** The class of the last failed call, in the CLI's own words. */
  readonly lastError: string | null
  /** The last text of the model, within the bound of answers. */
  readonly said: string
  /** When a limit that was met is lifted, as far as the CLI has said. */
  readonly liftedAt: DateTime.Utc | null
  /** What the turns that have ended came to; null before the first end. */
  readonly spend: Spend | null
  /** The same by model, where the CLI has said so. */
  readonly costs: ReadonlyArray<ModelCost>
  /** When it came into its phase. */
  readonly phaseSince: DateTime.Utc
  readonly tools: RunningTools
  readonly limits: CommandLimits
  /** When the CLI tries again, by its own announcement. */
  readonly retryAt: DateTime.Utc | null
  /** After the end of the task's turn the CLI is at one that it has begun itself: it has not said yet what that costs. */
  readonly isUnasked: boolean
  /** Calls of tools that are work, subagents' included. */
  readonly toolCalls: number
  /** What it was not allowed to do, in the turns that have ended. */
  readonly denials: ReadonlyArray<Denial>
}> {
  static readonly start = (now: DateTime.Utc, limits: CommandLimits = commandLimits()): Tracker =>
    new Tracker({
      progress: { phase: "starting", tool: null, turns: 0, outputTokens: 0, cost: zeroUsd, lastEventAt: now },
      session: null,
      model: null,
      lastError: null,
      said: "",
      liftedAt: null,
      spend: null,
      costs: [],
      phaseSince: now,
      tools: [],
      limits,
      retryAt: null,
      isUnasked: false,
      toolCalls: 0,
      denials: []
    })

  /** It is taken for a task. Until then it had nothing to say. */
  taken(now: DateTime.Utc): Tracker {
    return this.with({ lastEventAt: now }, { phaseSince: now })
  }

  /** The prompt has been sent: from here on there may be cost. */
  asked(now: DateTime.Utc): Tracker {
    return this.with({ phase: "waiting-model", lastEventAt: now })
  }

  get vitals(): Vitals {
    const { lastEventAt, phase } = this.progress
    return {
      phase,
      phaseSince: this.phaseSince,
      lastEventAt,
      tool: phase === "running-tool" ? longestOf(this.tools) : null,
      retryAt: phase === "backing-off" ? this.retryAt : null,
      session: this.session
    }
  }

  /** What is known of the cost. Until the worker has said so itself, it is the tokens of the answers that came. */
  get spent(): Spend {
    if (this.spend !== null) {
      const isWhole = this.progress.phase === "finishing" && !this.isUnasked
      return isWhole ? this.spend : new Spend({ ...this.spend, exact: false })
    }
    return new Spend({
      ...Spend.zero,
      outputTokens: this.progress.outputTokens,
      turns: this.progress.turns,
      exact: this.progress.phase === "starting"
    })
  }

  after(event: ClaudeEvent, now: DateTime.Utc): Tracker {
    const seen = this.with({ lastEventAt: now })
    if (isResult(event) && event.origin !== undefined) return seen.afterUnasked(event)
    // After the end of a turn comes what the CLI does of its own accord, unless it takes up what it was told meanwhile.
    if (this.progress.phase === "finishing") {
      if (isCommandLifecycle(event) && event.state === "started") return seen.with({ phase: "waiting-model" })
      return isInit(event) || isApiRetry(event) || isAssistant(event) ? seen.with({}, { isUnasked: true }) : seen
    }
    if (isInit(event)) {
      return seen.with({ phase: "waiting-model" }, {
        session: SessionId.make(event.session_id),
        model: event.model ?? null
      })
    }
    if (isApiRetry(event)) {
      const retryAt = event.retry_delay_ms == null ? null : DateTime.add(now, { milliseconds: event.retry_delay_ms })
      const liftedAt = event.error_status === 429 && retryAt !== null ? retryAt : this.liftedAt
      return seen.with({ phase: "backing-off" }, { liftedAt, retryAt, phaseSince: now })
    }
    if (isRateLimit(event)) {
      const { resetsAt, status } = event.rate_limit_info
      return status === "rejected" && resetsAt != null
        ? seen.with({}, { liftedAt: DateTime.makeUnsafe(resetsAt * 1000) })
        : seen
    }
    if (isAssistant(event)) return seen.afterAnswer(event)
    if (isUser(event)) return seen.afterTools(afterAnswers(this.tools, event))
    if (isResult(event)) return seen.afterResult(event)
    return seen
  }

  private afterAnswer(event: AssistantEvent): Tracker {
    if (event.error != null) return this.with({}, { lastError: event.error })
    const { content, usage } = event.message
    const tool = content.find((block) => block.type === "tool_use")
    const tools = afterCalls(this.tools, event, this.limits)
    const text = content.flatMap((block) => "text" in block ? [block.text] : []).join("\n")
    // A subagent's words are not the worker's.
    const isOwn = text !== "" && event.parent_tool_use_id == null
    return this.afterTools(tools).with(
      {
        ...(isOwn ? { said: cleanLine(beginningOf(text, mostRead), mostSaid) } : {}),
        turns: this.progress.turns + (text !== "" || tool !== undefined ? 1 : 0),
        outputTokens: this.progress.outputTokens + (usage?.output_tokens ?? 0)
      },
      { toolCalls: this.toolCalls + countCalls(content), ...(isOwn ? { said: boundOutput(text) } : {}) }
    )
  }

  /** A tool that is called, or answers, begins the phase anew: of several, the CLI may run one after the other. */
  private afterTools(tools: RunningTools): Tracker {
    const latest = tools.at(-1)
    return this.with(
      { phase: latest === undefined ? "waiting-model" : "running-tool", tool: latest?.name ?? null },
      tools === this.tools ? {} : { tools, phaseSince: this.progress.lastEventAt }
    )
  }

  private afterResult(result: ResultEvent): Tracker {
    const before = this.spend ?? Spend.zero
    const spend = before.plus(spendOf(result, before))
    return this.with({ phase: "finishing", tool: null, turns: spend.turns, cost: spend.cost }, {
      spend,
      costs: [...this.costs, ...costsOf(result)],
      tools: [],
      session: SessionId.make(result.session_id),
      isUnasked: false,
      denials: [...this.denials, ...denialsOf(result)]
    })
  }

  /** A turn that the CLI has begun itself is none of the task's, but for its price. */
  private afterUnasked(result: ResultEvent): Tracker {
    const before = this.spend ?? Spend.zero
    const spend = before.plus(new Spend({ ...spendOf(result, before), turns: 0 }))
    return this.with({ cost: spend.cost }, {
      spend,
      costs: [...this.costs, ...costsOf(result)],
      isUnasked: false
    })
  }

  private with(progress: Partial<Progress>, rest: Partial<Omit<Tracker, "progress">> = {}): Tracker {
    const next = { ...this.progress, ...progress }
    const phaseSince = next.phase === this.progress.phase ? this.phaseSince : next.lastEventAt
    return new Tracker({ ...this, phaseSince, ...rest, progress: next })
  }
}

const whole = (count: number | null | undefined): number => Math.max(0, Math.round(count ?? 0))

/** What this turn has cost, by model. */
const costsOf = (result: ResultEvent): ReadonlyArray<ModelCost> =>
  Object.entries(result.model_usage_since_last_result ?? {}).map(([model, use]) => {
    const hour = whole(use.cacheCreationEphemeral1hInputTokens)
    return {
      model,
      inputTokens: whole(use.inputTokens),
      outputTokens: whole(use.outputTokens),
      cacheReadTokens: whole(use.cacheReadInputTokens),
      cacheWriteTokens: Math.max(0, whole(use.cacheCreationInputTokens) - hour),
      cacheWriteHourTokens: hour,
      usd: use.costUSD ?? 0
    }
  })

/**
 * The figures of this turn alone; `before` are those of the process's earlier turns. The CLI's totals also count what a
 * resumed session had cost, or do not, depending on how that one ended (measured on 2.1.329); the usage since the last
 * result is right in every case.
 */
export const spendOf = (result: ResultEvent, before: Spend): Spend => {
  const models = Object.values(result.model_usage_since_last_result ?? {})
  const sum = (count: (model: (typeof models)[number]) => number | null | undefined): number =>
    models.reduce((total, model) => total + (count(model) ?? 0), 0)
  const tokens = (count: Parameters<typeof sum>[0]): number => Math.max(0, Math.round(sum(count)))
  const cost: MicroUsd = fromUsd(
    result.model_usage_since_last_result == null
      ? Math.max(0, (result.total_cost_usd ?? 0) - toUsd(before.cost))
      : sum((model) => model.costUSD)
  )
  return new Spend({
    cost,
    inputTokens: tokens((model) => model.inputTokens),
    outputTokens: tokens((model) => model.outputTokens),
    cacheReadTokens: tokens((model) => model.cacheReadInputTokens),
    cacheWriteTokens: tokens((model) => model.cacheCreationInputTokens),
    turns: Math.max(0, Math.round(result.num_turns ?? 0)),
    exact: true
  })
}
