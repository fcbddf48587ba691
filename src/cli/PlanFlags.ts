/**
 * The values that a plan is run with, as flags.
 */
import { Effect, Record } from "effect"
import { type Command, Flag } from "effect/cli"
import { fail, type Failure } from "../domain/Failure.ts"
import type { MicroUsd } from "../domain/MicroUsd.ts"
import { InvalidRequest } from "../domain/RequestFailure.ts"
import { readUsd } from "./Amount.ts"
import { cwdFlag, detachFlag, namingFlags } from "./TaskFlags.ts"
import { readCwd, readIfSaid } from "./TaskOptions.ts"
import type { Files } from "./TextFile.ts"

export const dryRunFlag = Flag.Boolean("dry-run").pipe(
  Flag.withDescription("Show what would be run and what it may cost at most, and start nothing (default: no)"),
  Flag.withDefault(false)
)

export const planFlags = {
  vars: Flag.String("var").pipe(
    Flag.withMetavar("name=value"),
    Flag.withDescription("Value of a variable; may be repeated (default: what the plan says)"),
    Flag.atLeast(0)
  ),
  dryRun: dryRunFlag,
  cwd: cwdFlag,
  budgetUsd: Flag.String("budget-usd").pipe(
    Flag.withMetavar("usd"),
    Flag.withDescription("What all of it together may spend (default: what the plan says)"),
    Flag.optional
  ),
  ...namingFlags,
  detach: detachFlag
}

export type PlanFlags = Command.Command.Config.Infer<typeof planFlags>

const refuse = (issue: string, hint: string): Failure => fail(new InvalidRequest({ issues: [issue], hint }))

/** As texts: what they mean is up to the plan's declarations. */
const readVars = Effect.fnUntraced(function*(said: ReadonlyArray<string>) {
  const vars = new Map<string, string>()
  for (const one of said) {
    const [, name, value] = /^([^=]+)=([^]*)$/.exec(one) ?? []
    if (name === undefined || value === undefined) {
      return yield* refuse(
        `--var: ${JSON.stringify(one)} is not NAME=VALUE`,
        "write it as --var \"task=fix the build\""
      )
    }
    if (vars.has(name)) return yield* refuse(`--var: ${name} is given twice`, "leave one of the two out")
    vars.set(name, value)
  }
  return Object.fromEntries(vars)
})

export interface PlanRun {
  readonly vars: { readonly [name: string]: string }
  readonly cwd: string
  readonly budget?: MicroUsd
  readonly name?: string
  readonly key?: string
}

/** What the flags say of the whole run. */
export const planRun = (flags: PlanFlags): Effect.Effect<PlanRun, Failure, Files> =>
  Effect.gen(function*() {
    const budget = yield* readIfSaid(flags.budgetUsd, readUsd("--budget-usd"))
    return {
      vars: yield* readVars(flags.vars),
      cwd: yield* readCwd(flags.cwd),
      ...(budget === undefined ? {} : { budget }),
      ...Record.getSomes({ name: flags.name, key: flags.key })
    }
  })
