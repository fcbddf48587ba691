/**
 * A fan-out plan from its variables to its outcome; or, dry, to what it would run.
 */
import { Effect, type Option, Result, type Stdio } from "effect"
import { invalidPlan } from "../domain/ChainIssue.ts"
import { fail, type Failure } from "../domain/Failure.ts"
import type { FanOutOptions } from "../domain/FanOut.ts"
import type { FanOutPlan } from "../domain/FanOutPlan.ts"
import { forecastFanOut, type Inputs, prepareFanOut } from "../domain/FanOutRequest.ts"
import { InvalidRequest } from "../domain/RequestFailure.ts"
import { Configuration } from "../services/Configuration.ts"
import type { Pool } from "../services/Pool.ts"
import { forecastText } from "./ForecastText.ts"
import { show } from "./Format.ts"
import { runGroup } from "./GroupRun.ts"
import { readList, readPattern } from "./ItemInputs.ts"
import { notePermissions } from "./PermissionsNote.ts"
import type { PlanRun } from "./PlanFlags.ts"
import type { Reported } from "./Reported.ts"
import { stdoutWidth } from "./Terminal.ts"
import type { Files } from "./TextFile.ts"

const readPlanned = (inputs: Inputs) => {
  switch (inputs.kind) {
    case "values":
      return Effect.succeed(inputs.values)
    case "glob":
      return readPattern("over", inputs.place)
    case "lines":
      return readList("over", inputs.place, "lines")
  }
}

/** What the command line says goes over what the plan says. */
const withRun = (options: FanOutOptions, { budget, cwd, key, name }: PlanRun): FanOutOptions => ({
  ...options,
  ...(budget === undefined ? {} : { budget }),
  ...(key === undefined ? {} : { key }),
  ...(name === undefined ? {} : { name }),
  ...(options.reduce === undefined ? {} : { reduce: { cwd, ...options.reduce } }),
  defaults: { cwd, ...options.defaults }
})

export const runFanOutPlan = (
  definition: FanOutPlan,
  origin: string,
  run: PlanRun,
  flags: { readonly detach: boolean; readonly dryRun: boolean; readonly results: Option.Option<string> }
): Effect.Effect<void, Failure | Reported, Configuration | Files | Pool | Stdio.Stdio> =>
  Effect.gen(function*() {
    const { inputs, request } = yield* Effect.mapError(
      Effect.fromResult(prepareFanOut(definition, run.vars)),
      (issues) => fail(invalidPlan(origin, issues))
    )
    const { items, options } = yield* Result.match(request(yield* readPlanned(inputs)), {
      onFailure: (issues) => fail(new InvalidRequest({ issues, hint: "look at what it fans out over" })),
      onSuccess: Effect.succeed
    })
    const asked = { items, options: withRun(options, run) }
    if (flags.dryRun) {
      const { settings } = yield* Configuration
      const forecast = forecastFanOut(asked, settings.taskBudgetUsd)
      return yield* show({ json: forecast, text: forecastText(forecast, Math.min(yield* stdoutWidth, 200)) })
    }
    if (!flags.detach) yield* notePermissions(run.cwd, { by: "items", permissions: [definition.permissions] })
    yield* runGroup(asked.items, asked.options, flags)
  })
