/**
 * What a chain would do and cost: told from its definition, and from its journal where it has one. Nothing is started.
 */
import { Effect, Option, Result, type Schema } from "effect"
import type { Chain } from "../../domain/Chain.ts"
import { compileChain } from "../../domain/ChainCompiler.ts"
import type { ChainRequest } from "../../domain/ChainDefinition.ts"
import { forecastChain } from "../../domain/ChainForecasting.ts"
import type { ChainId } from "../../domain/ChainId.ts"
import { type Checked, invalidPlan } from "../../domain/ChainIssue.ts"
import type { ChainPlan, PlannedStep } from "../../domain/ChainPlan.ts"
import type { ChainForecast } from "../../domain/ChainView.ts"
import { Failure } from "../../domain/Failure.ts"
import type { MicroUsd } from "../../domain/MicroUsd.ts"
import { checkVars } from "../../domain/PlanVariables.ts"
import type { Reference } from "../../domain/Reference.ts"
import { NotFound } from "../../domain/RequestFailure.ts"
import type { StepRecord } from "../../domain/StepRecord.ts"
import { isJsonArray, valueAt } from "../../domain/ValuePath.ts"
import { Store } from "../Store.ts"
import { andAfter, mustHave, planOf } from "./Resumption.ts"

/** A chain that is asked for, or one that is there and might be taken up again. */
export type Foreseen = { readonly request: ChainRequest } | { readonly id: ChainId; readonly from?: string }

type Vars = Readonly<Record<string, Schema.Json>>

interface Past {
  readonly vars: Vars
  /** What is on record and stays, by the names of its steps. */
  readonly kept: ReadonlyMap<string, StepRecord>
}

const valid = <A>(origin: string, checked: Checked<A>): Effect.Effect<A, Failure> =>
  Effect.mapError(Effect.fromResult(checked), (issues) => new Failure({ reason: invalidPlan(origin, issues) }))

/** How long a list is; null while it is not there. */
const lengthOf = ({ kept, vars }: Past, over: Reference): number | null => {
  const value = over.root === "vars"
    ? vars[over.name]
    : over.root === "steps"
    ? valueIn(kept.get(over.step))
    : undefined
  if (value === undefined || !("path" in over)) return null
  const found = Result.getOrElse(valueAt(value, over.path, over.source), () => null)
  return found !== null && isJsonArray(found) ? found.length : null
}

const valueIn = (record: StepRecord | undefined): Schema.Json | undefined =>
  record?.outcome._tag === "Done" ? record.outcome.result.value : undefined

const itemsIn = (plan: ChainPlan, past: Past) => {
  const works = new Map(plan.steps.map(({ name, work }): [string, PlannedStep["work"]] => [name, work]))
  return (step: string): number | null => {
    const work = works.get(step)
    return work?.kind === "items" ? lengthOf(past, work.over) : null
  }
}

/** Steps that have ended well, or were skipped, after nothing but such: another end of one before would change what goes into them. */
const reusedIn = ({ steps }: ChainPlan, kept: Past["kept"]): ReadonlySet<string> => {
  const reused = new Set<string>()
  for (const { after, name } of steps) if (kept.has(name) && after.every((one) => reused.has(one))) reused.add(name)
  return reused
}

/** `taskBudget` is what a task may cost where nothing else is said. */
export const makeForecast = Effect.fnUntraced(function*(taskBudget: MicroUsd) {
  const store = yield* Store

  const ofRequest = Effect.fnUntraced(function*({ budget, definition, name, vars }: ChainRequest) {
    const plan = yield* valid("the chain", compileChain(definition))
    const past = {
      vars: yield* valid("the chain", checkVars(definition, vars ?? {})),
      kept: new Map<string, StepRecord>()
    }
    return forecastChain(plan, {
      name: name ?? definition.name ?? null,
      taskBudget,
      budget: budget ?? definition.budget ?? null,
      isReused: () => false,
      itemsOf: itemsIn(plan, past)
    })
  })

  const ofChain = Effect.fnUntraced(function*(chain: Chain, from: string | null) {
    const { budget, id, name, vars } = chain
    const plan = yield* planOf(chain)
    yield* mustHave(id, plan, from)
    const again = from === null ? new Set<string>() : andAfter(plan, from)
    const kept = new Map<string, StepRecord>()
    for (const record of yield* store.chains.journal(id)) {
      const isStep = record.key === record.step && !again.has(record.step)
      if (isStep && record.outcome._tag !== "Failed") kept.set(record.step, record)
    }
    const reused = reusedIn(plan, kept)
    return forecastChain(plan, {
      name,
      taskBudget,
      budget,
      isReused: (step) => reused.has(step),
      itemsOf: itemsIn(plan, { vars, kept })
    })
  })

  return Effect.fn("Chains.forecast")(function*(foreseen: Foreseen): Effect.fn.Return<ChainForecast, Failure> {
    if ("request" in foreseen) return yield* ofRequest(foreseen.request)
    const found = yield* store.chains.find(foreseen.id)
    if (Option.isNone(found)) return yield* new Failure({ reason: new NotFound({ id: foreseen.id }) })
    return yield* ofChain(found.value, foreseen.from ?? null)
  })
})
