/**
 * What a chain must be before it is accepted. Nothing is spent here, and all that can be known to be wrong is said now.
 */
import { DateTime, Effect, Option, Schema } from "effect"
import { SecureRandom } from "effect/crypto"
import { Chain, ChainState, defaultsWithin } from "../../domain/Chain.ts"
import { compileChain } from "../../domain/ChainCompiler.ts"
import { ChainRequest } from "../../domain/ChainDefinition.ts"
import { chainIdFrom } from "../../domain/ChainId.ts"
import { type ChainIssue, type Checked, invalidPlan } from "../../domain/ChainIssue.ts"
import type { ChainPlan, PlannedStep } from "../../domain/ChainPlan.ts"
import { Failure } from "../../domain/Failure.ts"
import type { Isolation } from "../../domain/Isolation.ts"
import { issueLines } from "../../domain/Issues.ts"
import { formatUsd, type MicroUsd } from "../../domain/MicroUsd.ts"
import type { Permissions } from "../../domain/Permissions.ts"
import { checkVars } from "../../domain/PlanVariables.ts"
import { idBytes } from "../../domain/RandomId.ts"
import { InvalidRequest, PermissionRefused } from "../../domain/RequestFailure.ts"
import { shellName } from "../../domain/ShellCommand.ts"
import { isolationOf, type TaskDefaults, type TaskOptions } from "../../domain/TaskRequest.ts"
import { SharedContext } from "../SharedContext.ts"
import { Tasks } from "../Tasks.ts"

export interface SubmissionOptions {
  /** The most that a chain may ask for; one with commands asks for `full`. */
  readonly maxPermissions: Permissions
  /** What holds for all steps, where neither they nor their chain say anything else. */
  readonly defaults: TaskDefaults
}

const decode = Schema.decodeUnknownEffect(Schema.toType(ChainRequest), { errors: "all", onExcessProperty: "error" })

const invalid = (issues: ReadonlyArray<string>, hint: string) =>
  new Failure({ reason: new InvalidRequest({ issues, hint }) })

const valid = <A>(checked: Checked<A>): Effect.Effect<A, Failure> =>
  Effect.mapError(
    Effect.fromResult(checked),
    (issues: ReadonlyArray<ChainIssue>) => new Failure({ reason: invalidPlan("the chain", issues) })
  )

const hasCommand = ({ loop, work }: PlannedStep): boolean =>
  work.kind === "check" || (loop !== null && "check" in loop.until)

const stepOptions = ({ work }: PlannedStep): TaskOptions | null => work.kind === "check" ? null : work.options

/** Names of variables that a command could not tell apart. */
const findAlike = (names: ReadonlyArray<string>): ReadonlyArray<string> =>
  names.flatMap((name, at) =>
    names.slice(0, at).filter((other) => shellName(other) === shellName(name)).map((other) =>
      `variables: ${other} and ${name} are both ${shellName(name)} for a command`
    )
  )

const checkMoney = (step: PlannedStep, asked: MicroUsd, budget: MicroUsd | null) =>
  budget === null || asked <= budget ? Effect.void : invalid(
    [`steps.${step.name}: one of its tasks may cost ${formatUsd(asked)}, and the whole chain ${formatUsd(budget)}`],
    "give the step a smaller budget_usd, or the chain a larger one"
  )

/** What is worked in by several steps is one place, and begins at one. Steps before this one are in `places`. */
const placeIssues = (
  { name, work }: PlannedStep,
  { base, options, places }: {
    readonly options: TaskOptions
    readonly places: ReadonlyMap<string, Isolation>
    readonly base: string | undefined
  }
): ReadonlyArray<string> => {
  const isolation = isolationOf(options)
  const continued = work.kind === "prompt" ? work.continues : null
  const isElsewhere = continued !== null &&
    (places.get(continued) !== isolation || isolation === "task" || isolation === "slot")
  return [
    ...(isolation === "chain" && options.base !== base
      ? [`steps.${name}.base: the workspace of the chain begins where the chain says, and not where a step does`]
      : []),
    ...(isElsewhere
      ? [`steps.${name}.continues: the session of step ${continued} goes on only in the place where it was begun`]
      : [])
  ]
}

export const makeSubmission = Effect.fnUntraced(function*({ defaults, maxPermissions }: SubmissionOptions) {
  const tasks = yield* Tasks
  const random = yield* SecureRandom.SecureRandom
  const context = yield* Effect.serviceOption(SharedContext)

  const checkCommands = Effect.fnUntraced(function*({ steps }: ChainPlan, variables: ReadonlyArray<string>) {
    if (!steps.some(hasCommand)) return
    if (maxPermissions !== "full") {
      return yield* new Failure({ reason: new PermissionRefused({ asked: "full", ceiling: maxPermissions }) })
    }
    const alike = findAlike(variables)
    if (alike.length > 0) return yield* invalid(alike, "give one of them another name")
  })

  /** Whether tasks of these options would be accepted; the prompt itself is not known yet. */
  const checkOptions = (options: TaskOptions, where: string) =>
    Effect.mapError(
      tasks.prepare({ ...options, prompt: "…" }, null),
      (failure) =>
        failure.reason._tag === "InvalidRequest" && where !== ""
          ? invalid(failure.reason.issues.map((issue) => `steps.${where}: ${issue}`), failure.reason.hint)
          : failure
    )

  const checkSteps = Effect.fnUntraced(function*(
    { steps }: ChainPlan,
    common: TaskOptions,
    budget: MicroUsd | null,
    base: string | undefined
  ) {
    yield* checkOptions(common, "")
    const places = new Map<string, Isolation>()
    for (const step of steps) {
      const own = stepOptions(step)
      if (own === null) continue
      const { options } = yield* checkOptions({ ...common, ...own }, step.name)
      yield* checkMoney(step, options.budget, budget)
      places.set(step.name, isolationOf(options))
      const issues = placeIssues(step, { options, places, base })
      if (issues.length > 0) return yield* invalid(issues, "say isolation and base once, in the defaults of the chain")
    }
  })

  /** Makes a chain of a request, or says what is wrong with it. */
  return Effect.fn("Chains.prepare")(function*(input: ChainRequest): Effect.fn.Return<Chain, Failure> {
    const request = yield* Effect.mapError(
      decode(input),
      (error) => invalid(issueLines(error), "correct the fields named and submit again")
    )
    const { definition } = request
    const plan = yield* valid(compileChain(definition))
    const vars = yield* valid(checkVars(definition, request.vars ?? {}))
    const { cwd: usual, ...common } = defaults
    const cwd = request.cwd ?? usual
    const budget = request.budget ?? definition.budget ?? null
    yield* checkCommands(plan, Object.keys(vars))
    yield* checkSteps(plan, { ...defaultsWithin(common, budget), cwd }, budget, definition.defaults?.base)
    return new Chain({
      id: chainIdFrom(yield* random.randomBytes(idBytes)),
      key: request.key ?? null,
      name: request.name ?? definition.name ?? null,
      definition,
      vars,
      cwd,
      defaults: common,
      context: Option.isSome(context) ? yield* context.value.snapshot : {},
      budget,
      submittedAt: yield* DateTime.now,
      state: ChainState.cases.Running.make({}),
      resumes: 0,
      version: 1
    })
  })
})
