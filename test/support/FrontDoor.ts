/**
 * The command line through its front door: arguments in; stdout, stderr and an exit code out. Behind it is a script of
 * the pool, in memory.
 */
import {
  Cause,
  Effect,
  Exit,
  FileSystem,
  Layer,
  Path,
  PlatformError,
  Ref,
  Runtime,
  Sink,
  Stdio,
  Stream,
  Terminal
} from "effect"
import { ChildProcessSpawner } from "effect/process"
import { TestConsole } from "effect/testing"
import { claudePool } from "../../src/cli/ClaudePool.ts"
import { commandLine } from "../../src/cli/CommandLine.ts"
import * as SettingsSource from "../../src/layers/SettingsSource.ts"
import { Doctor } from "../../src/services/Doctor.ts"
import { Machine } from "../../src/services/Machine.ts"
import { Pool } from "../../src/services/Pool.ts"
import { testMachine } from "./TestMachine.ts"

export interface World {
  /** What of the pool the command is expected to use; anything else dies. */
  readonly pool?: Partial<Pool["Service"]>
  readonly doctor?: Partial<Doctor["Service"]>
  readonly machine?: Partial<Machine["Service"]>
  /** Path to text; the directories that they are in exist. */
  readonly files?: Readonly<Record<string, string>>
  readonly stdin?: string
  readonly serve?: Effect.Effect<void>
}

export interface Outcome {
  readonly stdout: string
  readonly stderr: string
  /** What was written to the terminal without being a line of its own. */
  readonly screen: string
  readonly exitCode: number
}

const notFound = (path: string) =>
  PlatformError.systemError({ _tag: "NotFound", module: "FileSystem", method: "open", pathOrDescriptor: path })

export const filesIn = (files: Readonly<Record<string, string>>): Layer.Layer<FileSystem.FileSystem> => {
  const isDirectory = (path: string) =>
    path === testMachine.cwd || Object.keys(files).some((file) => file.startsWith(`${path}/`))
  return FileSystem.layerNoop({
    exists: (path) => Effect.succeed(path in files || isDirectory(path)),
    readFileString: (path) => path in files ? Effect.succeed(files[path]!) : Effect.fail(notFound(path)),
    stat: (path) =>
      path in files || isDirectory(path)
        ? Effect.succeed({ type: isDirectory(path) ? "Directory" : "File" } as FileSystem.File.Info)
        : Effect.fail(notFound(path))
  })
}

const unused = Effect.die("not in this test")

const terminal = Layer.succeed(
  Terminal.Terminal,
  Terminal.make({
    columns: unused,
    rows: unused,
    size: unused,
    readInput: unused,
    readLine: unused,
    display: () => unused
  })
)

const spawner = Layer.succeed(ChildProcessSpawner.ChildProcessSpawner, ChildProcessSpawner.make(() => unused))

export const claudePoolIn = (world: World) => (...argv: ReadonlyArray<string>): Effect.Effect<Outcome> =>
  Effect.gen(function*() {
    const machine = { ...testMachine, ...world.machine }
    const screen = yield* Ref.make("")
    const pool = Layer.mock(Pool, world.pool ?? {})
    const command = claudePool({
      configuration: SettingsSource.layer,
      pool: () => pool,
      doctor: Layer.mock(Doctor, world.doctor ?? {}),
      serve: world.serve ?? unused
    })
    const stdio = Stdio.layerTest({
      stdinIsTerminal: Effect.succeed(machine.stdinIsTerminal),
      stdin: Stream.encodeText(Stream.make(world.stdin ?? "")),
      stderr: () => Sink.forEach((chunk) => Ref.update(screen, (before) => before + String(chunk)))
    })
    const exit = yield* Effect.exit(
      commandLine(command, "1.2.3")(argv).pipe(
        Effect.provide([Machine.layer(machine), filesIn(world.files ?? {}), Path.layer, stdio, terminal, spawner])
      )
    )
    return {
      stdout: (yield* TestConsole.logLines).join("\n"),
      stderr: (yield* TestConsole.errorLines).join("\n"),
      screen: yield* Ref.get(screen),
      exitCode: Exit.isSuccess(exit) ? 0 : exitCodeOf(exit.cause)
    }
  }).pipe(Effect.provide(Layer.fresh(TestConsole.layer)))

const exitCodeOf = (cause: Cause.Cause<unknown>): number =>
  Cause.hasInterruptsOnly(cause) ? 130 : Runtime.getErrorExitCode(Cause.squash(cause))
