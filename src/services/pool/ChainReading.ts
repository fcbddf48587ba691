/**
 * What can be asked of chains through the store alone: each step as its journal, its tasks and its groups have it.
 */
import { DateTime, Effect, Option } from "effect"
import type { PageOptions } from "../../domain/CallOptions.ts"
import type { Chain } from "../../domain/Chain.ts"
import type { ChainStep } from "../../domain/ChainDefinition.ts"
import type { ChainId } from "../../domain/ChainId.ts"
import { orderSteps } from "../../domain/ChainOrder.ts"
import type { ChainStateName, ChainView, StepStateName, StepView } from "../../domain/ChainView.ts"
import { Failure } from "../../domain/Failure.ts"
import type { Group } from "../../domain/Group.ts"
import { addUsd, toUsd, zeroUsd } from "../../domain/MicroUsd.ts"
import type { ChainsReply } from "../../domain/PoolView.ts"
import { NotFound } from "../../domain/RequestFailure.ts"
import { stepKind } from "../../domain/StepKind.ts"
import type { StepRecord } from "../../domain/StepRecord.ts"
import type { Task } from "../../domain/Task.ts"
import type { TaskId } from "../../domain/TaskId.ts"
import { summarize } from "../../domain/TaskResult.ts"
import { type Live, seconds, viewFailure, viewTask } from "../../domain/TaskView.ts"
import { Store } from "../Store.ts"

const chainStates: { readonly [K in Chain["state"]["_tag"]]: ChainStateName } = {
  Running: "running",
  Done: "done",
  Failed: "failed",
  Cancelled: "cancelled"
}

const stepStates: { readonly [K in StepRecord["outcome"]["_tag"]]: StepStateName } = {
  Done: "done",
  Failed: "failed",
  Skipped: "skipped"
}

/** Where a text is: here, or in the store, as the answer of a task. */
export type KeptText = { readonly text: string } | { readonly task: TaskId }

/** What there is of one step. */
interface StepFacts {
  readonly chain: Chain
  readonly step: ChainStep
  readonly after: ReadonlyArray<string>
  /** What it came to; undefined while it has come to nothing. */
  readonly record: StepRecord | undefined
  /** The records of its rounds, and of the groups that do them. */
  readonly parts: ReadonlyArray<StepRecord>
  /** Both oldest first. */
  readonly tasks: ReadonlyArray<Task>
  readonly groups: ReadonlyArray<Group>
  /** Whether all steps before it have ended. */
  readonly isReady: boolean
}

const stateOf = ({ chain, isReady, parts, record, step, tasks }: StepFacts): StepStateName => {
  if (record !== undefined) return stepStates[record.outcome._tag]
  const hasBegun = tasks.length > 0 || parts.length > 0
  if (chain.isFinished) return hasBegun ? "cancelled" : "waiting"
  if (tasks.at(-1)?.state._tag === "InReview") return "review"
  // A command leaves no trace before it has ended.
  return hasBegun || (isReady && stepKind(step) === "check") ? "running" : "waiting"
}

const resultOf = ({ outcome }: StepRecord): Partial<StepView> => {
  switch (outcome._tag) {
    case "Done": {
      const { outputChars, value } = outcome.result
      return { output_chars: outputChars, ...(value === undefined ? {} : { structured: value }) }
    }
    case "Failed":
      return { error: viewFailure(outcome.reason) }
    case "Skipped":
      return { why: outcome.why }
  }
}

/** How its answer begins. */
const summaryOf = ({ record, tasks }: StepFacts): string => {
  if (record?.outcome._tag !== "Done") return ""
  const { output } = record.outcome.result
  if (output !== null) return summarize(output)
  const state = tasks.find(({ id }) => id === record.task)?.state
  return state?._tag === "Done" ? state.result.summary : ""
}

const roundsOf = ({ record, step, tasks }: StepFacts): Partial<StepView> => {
  if (step.loop === undefined) return {}
  const rounds = record?.rounds ?? Math.max(0, ...tasks.map(({ parent }) => parent?._tag === "Step" ? parent.round : 0))
  return rounds === 0 ? {} : { rounds }
}

const endOf = ({ state }: Chain): Partial<ChainView> => {
  switch (state._tag) {
    case "Running":
    case "Done":
      return {}
    case "Failed":
      return { ...(state.step === null ? {} : { failed_step: state.step }), error: viewFailure(state.reason) }
    case "Cancelled":
      return state.note === "" ? {} : { summary: state.note }
  }
}

/** `live` adds what is known of an unfinished task beside its record. */
export const makeChainReading = Effect.fnUntraced(function*(live: (task: Task) => Live) {
  const store = yield* Store

  /** All groups that were ever made for a step: those of earlier rounds have cost something too. */
  const groupFacts = Effect.fnUntraced(function*(groups: ReadonlyArray<Group>) {
    const last = groups.at(-1)
    if (last === undefined) return { cost: zeroUsd, summary: "", view: {} }
    const costs = yield* Effect.forEach(groups, ({ id }) => store.groups.spent(id))
    const counts = yield* store.groups.counts(last.id)
    const reducer = last.reducer === null ? Option.none() : yield* store.find(last.reducer)
    const state = Option.isSome(reducer) ? reducer.value.state : null
    return {
      cost: costs.reduce((sum, { cost }) => addUsd(sum, cost), zeroUsd),
      summary: state?._tag === "Done" ? state.result.summary : "",
      view: { group: last.id, items: last.size, items_done: counts.Done } satisfies Partial<StepView>
    }
  })

  const viewStep = Effect.fnUntraced(
    function*(facts: StepFacts, now: DateTime.Utc): Effect.fn.Return<StepView, Failure> {
      const { after, record, step, tasks } = facts
      const groups = yield* groupFacts(facts.groups)
      const last = tasks.at(-1)
      const task = record?.task ?? last?.id
      const progress = last === undefined || last.isFinished ? undefined : viewTask(last, now, live(last)).progress
      const begun = record?.startedAt ?? tasks[0]?.submittedAt
      const summary = summaryOf(facts) || groups.summary
      const attempts = tasks.reduce((sum, one) => sum + one.attempts, 0)
      return {
        name: step.name,
        kind: stepKind(step),
        state: stateOf(facts),
        after,
        ...(task === undefined ? {} : { task }),
        ...groups.view,
        ...roundsOf(facts),
        ...(attempts === 0 ? {} : { attempts }),
        ...(record?.recovered === true ? { recovered: true as const } : {}),
        ...(summary === "" ? {} : { summary }),
        ...(record === undefined ? {} : resultOf(record)),
        cost_usd: toUsd(tasks.reduce((sum, { spend }) => addUsd(sum, spend.cost), groups.cost)),
        ...(begun === undefined ? {} : { s: seconds(begun, record?.finishedAt ?? facts.chain.finishedAt ?? now) }),
        ...(progress === undefined ? {} : { progress })
      }
    }
  )

  const stepsOf = Effect.fnUntraced(function*(chain: Chain, now: DateTime.Utc) {
    const journal = yield* store.chains.journal(chain.id)
    const all = yield* store.chains.tasks(chain.id)
    const groups = yield* store.groups.within(chain.id)
    const ended = new Set(journal.map(({ key }) => key))
    return yield* Effect.forEach(orderSteps(chain.definition.steps).written, ({ after, step }) =>
      viewStep({
        chain,
        step,
        after,
        record: journal.find(({ key }) => key === step.name),
        parts: journal.filter((record) => record.step === step.name && record.key !== step.name),
        tasks: all.filter(({ parent }) => parent?._tag === "Step" && parent.step === step.name),
        groups: groups.filter(({ name }) => name === step.name),
        isReady: after.every((one) => ended.has(one))
      }, now))
  })

  const view = Effect.fn("Pool.viewChain")(function*(chain: Chain): Effect.fn.Return<ChainView, Failure> {
    const now = yield* DateTime.now
    const steps = yield* stepsOf(chain, now)
    const { cost, exact } = yield* store.chains.spent(chain.id)
    const last = steps.findLast(({ state }) => state === "done")
    return {
      id: chain.id,
      state: chainStates[chain.state._tag],
      ...(chain.name === null ? {} : { name: chain.name }),
      steps,
      cost_usd: toUsd(cost),
      ...(exact ? {} : { cost_exact: false as const }),
      ...(chain.budget === null ? {} : { budget_usd: toUsd(chain.budget) }),
      s: seconds(chain.submittedAt, chain.finishedAt ?? now),
      submitted_at: DateTime.formatIso(chain.submittedAt),
      ...(chain.finishedAt === null ? {} : { finished_at: DateTime.formatIso(chain.finishedAt) }),
      ...(last?.summary === undefined ? {} : { summary: last.summary }),
      ...(last?.output_chars === undefined ? {} : { output_chars: last.output_chars }),
      ...(chain.resumes === 0 ? {} : { resumes: chain.resumes }),
      ...endOf(chain)
    }
  })

  const find = Effect.fnUntraced(function*(id: ChainId) {
    const found = yield* store.chains.find(id)
    if (Option.isNone(found)) return yield* new Failure({ reason: new NotFound({ id }) })
    return found.value
  })

  const chain = Effect.fn("Pool.chain")((id: ChainId) => Effect.flatMap(find(id), view))

  /** The answer of its last step that is done; null while none is. */
  const answer = Effect.fnUntraced(function*(id: ChainId): Effect.fn.Return<KeptText | null, Failure> {
    const { definition } = yield* find(id)
    const journal = yield* store.chains.journal(id)
    const records = definition.steps.map(({ name }) => journal.find(({ key }) => key === name))
    const last = records.findLast((record) => record?.outcome._tag === "Done")
    if (last?.outcome._tag !== "Done") return null
    const { output } = last.outcome.result
    if (output !== null) return { text: output }
    return last.task === null ? null : { task: last.task }
  })

  const chains = Effect.fn("Pool.chains")(function*(page: PageOptions): Effect.fn.Return<ChainsReply, Failure> {
    const { chains, nextCursor } = yield* store.chains.list(page)
    return {
      chains: yield* Effect.forEach(chains, view),
      ...(nextCursor === null ? {} : { next_cursor: nextCursor })
    }
  })

  return { view, chain, chains, answer }
})
