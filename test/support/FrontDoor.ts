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
import { dirname, matchesGlob, relative } from "node:path"
import { claudePool } from "../../src/cli/ClaudePool.ts"
import { commandLine } from "../../src/cli/CommandLine.ts"
import type { PoolMode } from "../../src/domain/PoolMode.ts"
import type { PoolStatus } from "../../src/domain/PoolView.ts"
import * as SettingsSource from "../../src/layers/SettingsSource.ts"
import { Clients } from "../../src/services/Clients.ts"
import { Doctor } from "../../src/services/Doctor.ts"
import { Host } from "../../src/services/Host.ts"
import { Machine } from "../../src/services/Machine.ts"
import { Plans } from "../../src/services/Plans.ts"
import { Pool } from "../../src/services/Pool.ts"
import { testMachine } from "./TestMachine.ts"

export interface World {
  /** What of the pool the command is expected to use; anything else dies. */
  readonly pool?: Partial<Pool["Service"]>
  readonly host?: Partial<Host["Service"]>
  readonly clients?: Clients["Service"]
  readonly doctor?: Partial<Doctor["Service"]>
  readonly plans?: Partial<Plans["Service"]>
  readonly machine?: Partial<Machine["Service"]>
  /** Path to text; the directories that they are in exist. */
  readonly files?: Readonly<Record<string, string>>
  readonly stdin?: string
  readonly serve?: Effect.Effect<void>
  /** Where keys are pressed; with none, nobody reads them. */
  readonly terminal?: Terminal.Terminal
  readonly serveHttp?: (port: number) => Effect.Effect<void>
  /** What the command starts; with none, it starts nothing. */
  readonly spawner?: ChildProcessSpawner.ChildProcessSpawner["Service"]
}

export interface Outcome {
  readonly stdout: string
  /** How often something was printed there: an empty line is a line, too. */
  readonly printed: number
  readonly stderr: string
  /** What was written to the terminal without being a line of its own. */
  readonly screen: string
  readonly exitCode: number
  /** How much of a pool the command has asked for. */
  readonly modes: ReadonlyArray<PoolMode>
  /** Path to text: what it has written. */
  readonly written: Readonly<Record<string, string>>
}

/** A pool that runs in another process: what ends here does not touch it. */
const elsewhere: PoolStatus = {
  store: "/project/.claude-pool",
  pool: "elsewhere",
  slots: [],
  tasks: { queued: 0, running: 0, review: 0, done: 0, failed: 0, cancelled: 0 },
  running: [],
  budget: { spent_usd: 0, reserved_usd: 0 }
}

const notFound = (path: string) =>
  PlatformError.systemError({ _tag: "NotFound", module: "FileSystem", method: "open", pathOrDescriptor: path })

const alreadyExists = (path: string) =>
  PlatformError.systemError({ _tag: "AlreadyExists", module: "FileSystem", method: "open", pathOrDescriptor: path })

const globIn = (
  files: Readonly<Record<string, string>>,
  pattern: string,
  exclude: ReadonlyArray<string>,
  root: string
): Array<string> => {
  const isExcluded = (file: string): boolean =>
    file !== "." && (exclude.some((one) => matchesGlob(file, one)) || isExcluded(dirname(file)))
  return Object.keys(files).map((file) => relative(root, file))
    .filter((file) => matchesGlob(file, pattern) && !isExcluded(file)).toSorted()
}

/** A file that is written is in `written`, and is never there already. */
export const filesIn = (
  files: Readonly<Record<string, string>>,
  written: Record<string, string> = {}
): Layer.Layer<FileSystem.FileSystem> => {
  const isDirectory = (path: string) =>
    path === testMachine.cwd || Object.keys(files).some((file) => file.startsWith(`${path}/`))
  const exists = (path: string) => path in files || isDirectory(path)
  return FileSystem.layerNoop({
    exists: (path) => Effect.succeed(exists(path)),
    readFileString: (path) => path in files ? Effect.succeed(files[path]!) : Effect.fail(notFound(path)),
    stat: (path) =>
      exists(path)
        ? Effect.succeed({ type: isDirectory(path) ? "Directory" : "File" } as FileSystem.File.Info)
        : Effect.fail(notFound(path)),
    glob: (pattern, options) => Effect.sync(() => globIn(files, pattern, options?.exclude ?? [], options?.root ?? "/")),
    makeDirectory: () => Effect.void,
    readDirectory: (path) =>
      Effect.sync(() =>
        Object.keys(files).filter((file) => file.startsWith(`${path}/`)).map((file) => relative(path, file))
      ),
    writeFileString: (path, text, options) =>
      options?.flag === "wx" && (exists(path) || path in written)
        ? Effect.fail(alreadyExists(path))
        : Effect.sync(() => {
          written[path] = text
        })
  })
}

const unused = Effect.die("not in this test")

const noTerminal = Terminal.make({
  columns: unused,
  rows: unused,
  size: unused,
  readInput: unused,
  readLine: unused,
  display: () => unused
})

const noSpawner = ChildProcessSpawner.make(() => unused)

export const claudePoolIn = (world: World) => (...argv: ReadonlyArray<string>): Effect.Effect<Outcome> =>
  Effect.gen(function*() {
    const machine = { ...testMachine, ...world.machine }
    const screen = yield* Ref.make("")
    const written: Record<string, string> = {}
    const modes: Array<PoolMode> = []
    const pool = (mode: PoolMode) =>
      Layer.unwrap(Effect.sync(() => {
        modes.push(mode)
        return Layer.mock(Pool, {
          status: Effect.succeed(elsewhere),
          attempts: () => Effect.succeed([]),
          ...world.pool
        })
      }))
    const command = claudePool({
      configuration: SettingsSource.layer,
      pool,
      host: Layer.merge(
        pool("host"),
        world.clients === undefined ? Layer.effect(Clients, unused) : Layer.succeed(Clients, world.clients)
      ),
      control: Layer.mock(Host, world.host ?? {}),
      doctor: Layer.mock(Doctor, world.doctor ?? {}),
      plans: Layer.mock(Plans, world.plans ?? {}),
      serve: world.serve ?? unused,
      script: "/opt/claude-pool/claude-pool.js",
      serveHttp: world.serveHttp ?? (() => unused)
    })
    const stdio = Stdio.layerTest({
      stdinIsTerminal: Effect.succeed(machine.stdinIsTerminal),
      stdin: Stream.encodeText(Stream.make(world.stdin ?? "")),
      stderr: () => Sink.forEach((chunk) => Ref.update(screen, (before) => before + String(chunk)))
    })
    const exit = yield* Effect.exit(
      commandLine(command, "1.2.3")(argv).pipe(
        Effect.provide([
          Machine.layer(machine),
          filesIn(world.files ?? {}, written),
          Path.layer,
          stdio,
          Layer.succeed(Terminal.Terminal, world.terminal ?? noTerminal),
          Layer.succeed(ChildProcessSpawner.ChildProcessSpawner, world.spawner ?? noSpawner)
        ])
      )
    )
    const lines = yield* TestConsole.logLines
    return {
      stdout: lines.join("\n"),
      printed: lines.length,
      stderr: (yield* TestConsole.errorLines).join("\n"),
      screen: yield* Ref.get(screen),
      exitCode: Exit.isSuccess(exit) ? 0 : exitCodeOf(exit.cause),
      modes,
      written
    }
  }).pipe(Effect.provide(Layer.fresh(TestConsole.layer)))

const exitCodeOf = (cause: Cause.Cause<unknown>): number =>
  Cause.hasInterruptsOnly(cause) ? 130 : Runtime.getErrorExitCode(Cause.squash(cause))
