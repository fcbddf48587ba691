/**
 * Finds the `claude` binary, and checks that it can be used.
 */
import { Effect, FileSystem, Option, Path, SemVer, SemVerRange } from "effect"
import { ChildProcess, ChildProcessSpawner } from "effect/process"
import { CliMissing, CliUnusable } from "../../domain/EnvironmentFailure.ts"
import { Failure } from "../../domain/Failure.ts"
import type { Installation } from "../ClaudeCli.ts"
import type { Variables } from "./Environment.ts"
import { spawnFailure, withThrown } from "./SpawnFailure.ts"

/** The versions whose protocol this project knows: it is measured on the first of them. */
export const supported = ">=2.1.329 <3.0.0"

export interface BinaryOptions {
  /** Named by the user: then nothing else is looked at. */
  readonly named: string | null
  /** A command that stands in for the CLI: the simulator. */
  readonly standIn: readonly [string, ...ReadonlyArray<string>] | null
  readonly home: string
  readonly env: Variables
}

/** Where installers put it, beside the directories of PATH. */
const usualPlaces = (home: string): ReadonlyArray<string> => [
  `${home}/.local/bin`,
  `${home}/.claude/local`,
  `${home}/.npm-global/bin`,
  "/usr/local/bin",
  "/opt/homebrew/bin"
]

const unusable = (binary: string, detail: string) => new Failure({ reason: new CliUnusable({ binary, detail }) })

export const findBinary = Effect.fn("ClaudeCli.findBinary")(function*(options: BinaryOptions) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const spawner = yield* ChildProcessSpawner.ChildProcessSpawner

  const isFile = (file: string) =>
    fs.stat(file).pipe(Effect.map((info) => info.type === "File"), Effect.orElseSucceed(() => false))

  const find = Effect.gen(function*() {
    if (options.named !== null && options.named.includes(path.sep)) {
      if (yield* isFile(options.named)) return options.named
      return yield* new Failure({ reason: new CliMissing({ searched: [options.named] }) })
    }
    const directories = [
      ...(options.env["PATH"] ?? "").split(":").filter((directory) => path.isAbsolute(directory)),
      ...(options.named === null ? usualPlaces(options.home) : [])
    ]
    const candidates = directories.map((directory) => path.join(directory, options.named ?? "claude"))
    const found = yield* Effect.findFirst(candidates, isFile)
    if (Option.isSome(found)) return found.value
    const searched = options.named === null ? ["PATH", ...usualPlaces(options.home)] : [`${options.named} in PATH`]
    return yield* new Failure({ reason: new CliMissing({ searched }) })
  })

  const [command, ...prefix] = options.standIn ?? [yield* find]
  const said = yield* withThrown(
    spawner.string(ChildProcess.make(command, [...prefix, "--version"], { env: options.env, stdin: "ignore" }))
  ).pipe(
    Effect.timeoutOrElse({
      duration: "20 seconds",
      orElse: () => unusable(command, "it did not say its version in 20 s")
    }),
    Effect.catchTag("PlatformError", (error) => spawnFailure(command, error))
  )
  const version = /\d+\.\d+\.\d+/.exec(said)?.[0]
  if (version === undefined) return yield* unusable(command, "it does not say its version: it is not the claude CLI")
  if (!SemVerRange.matches(SemVerRange.parseUnsafe(supported), SemVer.parseUnsafe(version))) {
    return yield* unusable(command, `its version is ${version}, and ${supported} is needed`)
  }
  return { command, prefix, version } satisfies Installation
})
