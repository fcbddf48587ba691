/**
 * Work that a command does: the variables of the chain reach it through its environment, and none is put into its text.
 */
import { Effect, Option, Schema } from "effect"
import { type Chain, placeOf } from "../../domain/Chain.ts"
import type { Failure } from "../../domain/Failure.ts"
import { shellCommand, shellVariablesOf } from "../../domain/ShellCommand.ts"
import { StepOutcome, type StepRecord } from "../../domain/StepRecord.ts"
import type { Template } from "../../domain/Template.ts"
import { CheckFailed } from "../../domain/WorkerFailure.ts"
import { type CheckEnd, Checks } from "../Checks.ts"
import { Tasks } from "../Tasks.ts"
import { noWorkspaces } from "../tasks/Workplaces.ts"
import { type Stay, Workspaces } from "../Workspaces.ts"
import type { Begun, Came } from "./Journal.ts"
import { failedWith, handedOut } from "./StepFailure.ts"

/** What the command of a loop has said to the question whether it is over. */
const Answer = Schema.Struct({ passed: Schema.Boolean, exit: Schema.NullOr(Schema.Int) })
const readAnswer = Schema.decodeUnknownOption(Answer)

export const answerOf = ({ outcome }: StepRecord): typeof Answer.Type & { readonly output: string } => {
  const result = outcome._tag === "Done" ? outcome.result : undefined
  const answer = Option.getOrElse(readAnswer(result?.value), () => ({ passed: false, exit: null }))
  return { ...answer, output: result?.output ?? "" }
}

const done = ({ output }: CheckEnd, answer?: typeof Answer.Type): Came => ({
  outcome: StepOutcome.cases.Done.make({
    result: { output, outputChars: output.length, ...(answer === undefined ? {} : { value: answer }) }
  }),
  task: null,
  group: null
})

export const makeCheckWork = Effect.gen(function*() {
  const checks = yield* Checks
  const tasks = yield* Tasks
  const workspaces = yield* Effect.serviceOption(Workspaces)
  const nothingToStop = Effect.succeed(null)

  /** Where the work of the chain lies. */
  const place = Effect.fnUntraced(function*(chain: Chain): Effect.fn.Return<Pick<Stay, "cwd" | "env">, Failure> {
    const { cwd, id } = chain
    const { base, isolation } = placeOf(chain)
    if (isolation !== "chain") return { cwd, env: {} }
    const asked = { id, cwd, isolation, ...(base === undefined ? {} : { base }) }
    const stay = Option.isNone(workspaces) ? null : yield* workspaces.value.ofChain(asked)
    return stay ?? (yield* noWorkspaces(cwd))
  })

  const run = (chain: Chain, command: Template) =>
    tasks.beside(
      Effect.flatMap(place(chain), ({ cwd, env }) =>
        checks.run({
          command: shellCommand(command),
          cwd,
          env: { ...env, ...shellVariablesOf(chain.vars) },
          timeout: null
        }))
    )

  /** A step that is a command: run again, so many times, until it exits with 0. */
  const begin = (chain: Chain, command: Template, retries: number): Begun => {
    const attempts = Effect.repeat(run(chain, command), { until: ({ exitCode }) => exitCode === 0, times: retries })
    const came = Effect.map(attempts, (end) =>
      end.exitCode === 0
        ? done(end)
        : failedWith(new CheckFailed({ command: command.source, code: end.exitCode, output: end.output })))
    return { came: handedOut(came), stop: nothingToStop }
  }

  /** The question of a loop: whatever the command says, it is answered. */
  const ask = (chain: Chain, command: Template): Begun => ({
    came: handedOut(
      Effect.map(run(chain, command), (end) => done(end, { passed: end.exitCode === 0, exit: end.exitCode }))
    ),
    stop: nothingToStop
  })

  return { begin, ask }
})

export type CheckWork = Effect.Success<typeof makeCheckWork>
