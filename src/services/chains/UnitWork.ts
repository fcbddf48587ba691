/**
 * The work of a step, once: as a prompt, a list of prompts, or a command; and the prompt that mends it where it failed.
 */
import { Effect, Option, Result, Schema, Struct } from "effect"
import { type Chain, defaultsWithin } from "../../domain/Chain.ts"
import type { PlannedStep, StepWork } from "../../domain/ChainPlan.ts"
import { Failure } from "../../domain/Failure.ts"
import { Parent } from "../../domain/Parent.ts"
import { StepOutcome } from "../../domain/StepRecord.ts"
import type { TaskOptions, TaskRequest } from "../../domain/TaskRequest.ts"
import type { Template } from "../../domain/Template.ts"
import { SessionLost } from "../../domain/WorkerFailure.ts"
import type { CheckWork } from "./CheckWork.ts"
import type { EarlierGroup, GroupRequest, GroupWork } from "./GroupWork.ts"
import type { Begun, Journal, Unit } from "./Journal.ts"
import type { Rendering } from "./Rendering.ts"
import { unusable } from "./StepFailure.ts"
import type { TaskWork } from "./TaskWork.ts"
import { listOf, type Values } from "./Values.ts"

type Work<Kind extends StepWork["kind"]> = Extract<StepWork, { readonly kind: Kind }>

export interface UnitWorkOptions {
  readonly chain: Chain
  readonly journal: Journal
  readonly rendering: Rendering
  readonly tasks: TaskWork
  readonly groups: GroupWork
  readonly checks: CheckWork
  /** What is told to work that is stopped. */
  readonly note: string
}

const GroupNote = Schema.Struct({ retries: Schema.Int, resumes: Schema.Int })
const readNote = Schema.decodeUnknownOption(GroupNote)

/** The key of the note that says which group does the work of a unit. */
const groupKey = (unit: string): string => `${unit}/group`

/** By this a task or group is found again after a crash; a chain that was taken up again has new ones. */
const keyOf = ({ id, resumes }: Chain, unit: Unit): string => `${id}/${unit.key}/${unit.hash.slice(0, 32)}/${resumes}`

export const makeUnitWork = ({ chain, checks, groups, journal, note, rendering, tasks }: UnitWorkOptions) => {
  const optionsOf = (step: PlannedStep, own: TaskOptions): TaskOptions => ({
    name: step.name,
    ...defaultsWithin(chain.defaults, chain.budget),
    ...own,
    cwd: chain.cwd,
    context: chain.context
  })

  const ask = (step: PlannedStep, unit: Unit, request: Effect.Effect<TaskRequest, Failure>) =>
    tasks.begin(request, Parent.cases.Step.make({ id: chain.id, step: step.name, round: unit.round }), note)

  const request = Effect.fnUntraced(function*(
    unit: Unit,
    prompt: Template,
    values: Values,
    options: TaskOptions
  ): Effect.fn.Return<TaskRequest, Failure> {
    return { prompt: yield* rendering.render(chain, unit, prompt, values), key: keyOf(chain, unit), ...options }
  })

  const session = Effect.fnUntraced(function*({ ends }: Values, continues: string | null) {
    if (continues === null) return {}
    const task = ends.get(continues)?.record.task ?? null
    if (task === null) return yield* new Failure({ reason: new SessionLost({ session: `of step ${continues}` }) })
    return { continueFrom: task }
  })

  const promptWork = (step: PlannedStep, { continues, options, prompt }: Work<"prompt">, unit: Unit, values: Values) =>
    ask(
      step,
      unit,
      Effect.flatMap(
        session(values, continues),
        (from) => request(unit, prompt, values, { ...optionsOf(step, options), ...from })
      )
    )

  const groupRequest = Effect.fnUntraced(function*(
    step: PlannedStep,
    work: Work<"items">,
    unit: Unit,
    values: Values
  ): Effect.fn.Return<GroupRequest, Failure> {
    const list = listOf(values, work.over)
    if (Result.isFailure(list)) return yield* new Failure({ reason: unusable(list.failure) })
    const { elements, origin } = list.success
    // Items are named after what they are made from.
    const { name: _name, ...options } = optionsOf(step, work.options)
    const items = yield* Effect.forEach(elements, (value, index) =>
      Effect.map(
        rendering.render(chain, unit, work.prompt, {
          ...values,
          place: { ...values.place, item: { value, index, origin } }
        }),
        (prompt) => ({ prompt, input: value })
      ))
    const reduce = work.reduce === null
      ? {}
      : { reduce: { name: step.name, prompt: yield* rendering.renderReducer(chain, unit, work.reduce, values) } }
    return {
      items,
      options: {
        name: step.name,
        key: keyOf(chain, unit),
        onFailure: work.onItemFailure,
        ...(work.concurrency === null ? {} : { concurrency: work.concurrency }),
        ...reduce,
        defaults: options,
        within: chain.id
      }
    }
  })

  const earlierGroup = (unit: Unit): EarlierGroup | null => {
    const record = journal.find(groupKey(unit.key), unit.hash)
    if (record === undefined || record.group === null || record.outcome._tag !== "Done") return null
    const { group } = record
    return Option.match(readNote(record.outcome.result.value), {
      onNone: () => null,
      onSome: (noted) => ({ id: group, ...noted })
    })
  }

  const noteGroup = (unit: Unit) => ({ id, resumes, retries }: EarlierGroup) => {
    const result = { output: "", outputChars: 0, value: { retries, resumes } }
    return Effect.asVoid(
      journal.note({
        unit: { ...unit, key: groupKey(unit.key) },
        outcome: StepOutcome.cases.Done.make({ result }),
        group: id
      })
    )
  }

  const itemsWork = (step: PlannedStep, work: Work<"items">, unit: Unit, values: Values) =>
    groups({
      chain,
      asked: groupRequest(step, work, unit, values),
      earlier: earlierGroup(unit),
      noteGroup: noteGroup(unit),
      note
    })

  const begin = (step: PlannedStep, unit: Unit, values: Values): Effect.Effect<Begun> => {
    const { work } = step
    switch (work.kind) {
      case "prompt":
        return promptWork(step, work, unit, values)
      case "items":
        return itemsWork(step, work, unit, values)
      case "check":
        return Effect.succeed(checks.begin(chain, work.command, work.retry.other ?? 0))
    }
  }

  /** A recovery answers as the step itself would have, but for a list: its answer is a text. */
  const recover = (step: PlannedStep, prompt: Template, unit: Unit, values: Values): Effect.Effect<Begun> => {
    const { options: own }: { readonly options: TaskOptions } = step.work.kind === "check" ? { options: {} } : step.work
    const options = step.work.kind === "prompt" ? own : Struct.omit(own, ["schema", "expect"])
    return ask(step, unit, request(unit, prompt, values, optionsOf(step, options)))
  }

  /** Asks a command whether the rounds of a loop are over. */
  const question = (command: Template): Effect.Effect<Begun> => Effect.succeed(checks.ask(chain, command))

  return { begin, recover, question }
}

export type UnitWork = ReturnType<typeof makeUnitWork>
