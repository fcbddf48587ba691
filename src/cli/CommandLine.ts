/**
 * The front door: arguments in, results on stdout, everything else on stderr, and an exit code out.
 */
import { Effect } from "effect"
import { CliConfig, CliError, CliOutput, Command, GlobalFlag } from "effect/cli"
import type { Failure } from "../domain/Failure.ts"
import { Machine } from "../services/Machine.ts"
import { Format, formatOf } from "./Format.ts"
import { presenter } from "./HelpText.ts"
import { reportDefect, Reported, reportFailure } from "./Reported.ts"
import { Starter } from "./Starter.ts"
import { Styles, stylesOf } from "./Styles.ts"

/** Everything that may end a command, and has something to tell its caller. */
const isUsage = (error: Failure | Reported | CliError.CliError): error is CliError.CliError =>
  CliError.isCliError(error)

const isFailure = (error: Failure | Reported): error is Failure => error._tag === "Failure"

/** The presenter has told of the mistake. Without one, help was asked for, and given. */
const endUsage = (error: CliError.CliError): Effect.Effect<void, Reported> =>
  error._tag === "ShowHelp" && error.errors.length === 0 ? Effect.void : new Reported({ exitCode: 2 })

export const commandLine = <const Name extends string, Input, ContextInput, R>(
  command: Command.Command<Name, Input, ContextInput, Failure | Reported | CliError.CliError, R>,
  version: string
) =>
  Effect.fnUntraced(function*(argv: ReadonlyArray<string>) {
    const machine = yield* Machine
    const starter = yield* Starter
    return yield* Command.runWith(command, { version })(argv).pipe(
      Effect.catchIf(isUsage, endUsage),
      Effect.catchIf(isFailure, (failure) => Effect.andThen(starter.failed(failure), reportFailure(failure))),
      Effect.catchDefect((defect) => reportDefect(defect, version)),
      Effect.provideService(Format, formatOf(argv)),
      Effect.provideService(Styles, stylesOf(machine)),
      Effect.provideService(CliOutput.Presenter, presenter),
      Effect.provideService(
        CliConfig.CliConfig,
        CliConfig.make({ builtIns: [GlobalFlag.Help, GlobalFlag.Version, GlobalFlag.Completions, GlobalFlag.LogLevel] })
      )
    )
  })
