/**
 * Everything that goes into a step: the values of what it refers to, and the hash by which its work is found again.
 */
import { Effect, Result, Schema } from "effect"
import { Digest } from "effect/crypto"
import { canonicalJson } from "../../domain/CanonicalJson.ts"
import type { Chain } from "../../domain/Chain.ts"
import type { PlannedStep } from "../../domain/ChainPlan.ts"
import { conditionReferences } from "../../domain/Condition.ts"
import type { Reference } from "../../domain/Reference.ts"
import type { TaskOptions } from "../../domain/TaskRequest.ts"
import { references } from "../../domain/Template.ts"
import type { Ends } from "./StepEnd.ts"
import type { TaskWork } from "./TaskWork.ts"
import { templateLookup, type Values, wholeOutputOf } from "./Values.ts"

export interface StepInputs {
  readonly values: Values
  readonly hash: string
}

/** What a step refers to anywhere but in its own condition: without these it has nothing to work with. */
export const neededBy = (step: PlannedStep): ReadonlyArray<Reference> => {
  const { work } = step
  const recovery = typeof step.onFailure === "object" ? references(step.onFailure.recover) : []
  switch (work.kind) {
    case "prompt":
      return [...references(work.prompt), ...recovery]
    case "items":
      return [
        work.over,
        ...references(work.prompt),
        ...work.reduce === null ? [] : references(work.reduce),
        ...recovery
      ]
    case "check":
      return recovery
  }
}

const untilOf = ({ loop }: PlannedStep): ReadonlyArray<Reference> =>
  loop !== null && "condition" in loop.until ? conditionReferences(loop.until.condition) : []

/** The steps of whose whole text is spoken. */
export const textsOf = (
  references: ReadonlyArray<Reference>,
  previous: string | null
): ReadonlyArray<string> => references.flatMap((reference) => wholeOutputOf({ previous }, reference) ?? [])

/** What a worker is told to be: how much it may spend, and how long it may take, change nothing in what it does. */
const substance = ({ budget: _budget, timeout: _timeout, ...rest }: TaskOptions) => rest

const describeWork = ({ work }: PlannedStep) => {
  switch (work.kind) {
    case "prompt":
      return { prompt: work.prompt.source, options: substance(work.options) }
    case "items":
      return {
        over: work.over.source,
        prompt: work.prompt.source,
        options: substance(work.options),
        onItemFailure: work.onItemFailure,
        reduce: work.reduce?.source ?? null
      }
    case "check":
      return { command: work.command.source }
  }
}

const describeLoop = ({ loop }: PlannedStep) => {
  if (loop === null) return null
  return { max: loop.max, until: "check" in loop.until ? loop.until.check.source : loop.until.condition }
}

/** As JSON: what the options hold has a form in it. */
const toJson = Schema.decodeUnknownSync(Schema.Json)
const plain = (value: unknown): Schema.Json => toJson(JSON.parse(JSON.stringify(value)))

export const makeStepInputs = Effect.fnUntraced(function*({ textOf }: TaskWork) {
  const digest = yield* Digest.Digest
  const encoder = new TextEncoder()

  const hashOf = (value: unknown): Effect.Effect<string> =>
    digest.digestHex(Digest.sha256, encoder.encode(canonicalJson(plain(value))))

  /** What there is for the conditions and prompts of a step; texts are read only where they are spoken of. */
  const valuesFor = Effect.fnUntraced(function*(
    chain: Chain,
    step: PlannedStep,
    ends: Ends,
    referred: ReadonlyArray<Reference>
  ) {
    const previous = step.after.at(-1) ?? null
    const texts = new Map<string, string>()
    for (const name of new Set(textsOf(referred, previous))) {
      const end = ends.get(name)
      if (end !== undefined) texts.set(name, yield* textOf(end.record))
    }
    return { vars: chain.vars, ends, texts, previous, place: {} } satisfies Values as Values
  })

  const inputsOf = Effect.fnUntraced(function*(chain: Chain, step: PlannedStep, ends: Ends) {
    const referred = [...neededBy(step), ...untilOf(step)]
    const values = yield* valuesFor(chain, step, ends, referred)
    const lookup = templateLookup(values)
    const { loop, onFailure, work } = step
    const hash = yield* hashOf({
      step: step.name,
      work: describeWork(step),
      loop: describeLoop(step),
      recover: typeof onFailure === "object" ? onFailure.recover.source : null,
      defaults: substance(chain.defaults),
      cwd: chain.cwd,
      context: chain.context,
      vars: work.kind === "check" || (loop !== null && "check" in loop.until) ? chain.vars : {},
      session: work.kind === "prompt" && work.continues !== null ? ends.get(work.continues)?.record.task ?? null : null,
      after: step.after.map((name) => {
        const record = ends.get(name)?.record
        return [name, record?.hash, record?.outcome._tag]
      }),
      values: Object.fromEntries(
        referred.map((reference) => [
          reference.source,
          Result.match(lookup(reference), { onSuccess: (value) => value, onFailure: (missing) => ({ missing }) })
        ])
      )
    })
    return { values, hash } satisfies StepInputs as StepInputs
  })

  return { hashOf, inputsOf, valuesFor }
})

export type Inputs = Effect.Success<ReturnType<typeof makeStepInputs>>
