/**
 * `claude-pool init`: makes the pool known to the Claude Code sessions of a project, or writes it as a plugin. What changes
 * is shown before it is written.
 */
import { Console, Effect, FileSystem, Option, Path } from "effect"
import { Command, Flag, Prompt } from "effect/cli"
import metadata from "../../package.json" with { type: "json" }
import { fail, type Failure } from "../domain/Failure.ts"
import { InvalidRequest } from "../domain/RequestFailure.ts"
import { encodeSetting, flagOf, formatSetting, keyOf, settingNames, usersOwn } from "../domain/Settings.ts"
import { Configuration } from "../services/Configuration.ts"
import { Machine } from "../services/Machine.ts"
import { Format, note, show } from "./Format.ts"
import { SettingsShown } from "./HelpText.ts"
import { differenceOf, type FileChange, kindOf } from "./init/FileChange.ts"
import { makeOwnGround } from "./init/OwnGround.ts"
import type { ServerCommand } from "./init/SetUp.ts"
import { printable } from "./Printable.ts"
import { type Palette, Styles } from "./Styles.ts"
import { poolSettings } from "./TaskSettings.ts"

/** Loaded only to set up: there are long texts in it. */
const setUp = Effect.promise(() => import("./init/SetUp.ts"))

const serverName = /^[A-Za-z0-9_-]{1,64}$/

/** What of the command line is said once and for all: the rest is a project's to say, and stands in its settings file. */
const saidByFlags = Effect.map(Configuration, ({ origins, settings }) => {
  const said = settingNames.filter((name) => origins[name].kind === "flag")
  const own = said.filter((name) => usersOwn.has(name) || name === "store" || name === "simulate")
  return {
    args: own.flatMap((name) => [`--${flagOf(name)}=${formatSetting(name, settings[name])}`]),
    settings: Object.fromEntries(
      said.filter((name) => !own.includes(name)).map((name) => [keyOf(name), encodeSetting(name, settings[name])])
    )
  }
})

/** By its package where the project has it, else by the very program that runs here. */
const serverCommand = Effect.fnUntraced(function*(project: string, script: string, args: ReadonlyArray<string>) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const { node } = yield* Machine
  const installed = path.join(project, "node_modules", metadata.name, "package.json")
  const isInstalled = yield* Effect.orElseSucceed(fs.exists(installed), () => false)
  const server: ServerCommand = isInstalled
    ? { command: "npx", args: [metadata.name, "mcp", ...args] }
    : { command: node, args: [script, "mcp", ...args] }
  return server
})

const unreadable = (path: string, problem: string): Failure =>
  fail(new InvalidRequest({ issues: [`${path}: ${problem}`], hint: "make it a file that you may read and write" }))

const currentIn = Effect.fnUntraced(function*(directory: string) {
  const fs = yield* FileSystem.FileSystem
  const place = yield* makeOwnGround(directory)
  return (file: string): Effect.Effect<string | null, Failure> =>
    place(file).pipe(
      Effect.flatMap((target) => fs.readFileString(target)),
      Effect.catchReason("PlatformError", "NotFound", () => Effect.succeed(null)),
      Effect.catchTag("PlatformError", (error) => Effect.fail(unreadable(file, error.message)))
    )
})

const writeAll = Effect.fnUntraced(function*(directory: string, changes: ReadonlyArray<FileChange>) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const place = yield* makeOwnGround(directory)
  for (const { after, path: file } of changes) {
    const target = yield* place(file)
    yield* fs.makeDirectory(path.dirname(target), { recursive: true }).pipe(
      Effect.andThen(fs.writeFileString(target, after)),
      Effect.mapError((error) => unreadable(file, error.message))
    )
  }
})

const colourLine = ({ bad, faint, good }: Palette) => (line: string): string =>
  line.startsWith("+") ? good(line) : line.startsWith("-") ? bad(line) : faint(line)

const changeText = (change: FileChange, palette: Palette): string => {
  const kind = kindOf(change)
  const title = `${palette.strong(change.path)}: ${kind === "kept" ? "as it should be" : `is ${kind}`}`
  return kind === "kept"
    ? title
    : [title, ...differenceOf(change).map((line) => colourLine(palette)(printable(line)))].join("\n")
}

const notWritten = fail(
  new InvalidRequest({
    issues: ["nothing was written: there is nobody to ask"],
    hint: "say --yes to write it, or --dry-run to see it only"
  })
)

/** Whether it may be written. */
const agreed = Effect.fnUntraced(function*(yes: boolean) {
  if (yes) return true
  const { stdinIsTerminal, stdoutIsTerminal } = yield* Machine
  if (!stdinIsTerminal || !stdoutIsTerminal || (yield* Format) === "json") return yield* notWritten
  return yield* Prompt.run(Prompt.Confirm({ message: "Write this?", initial: true })).pipe(
    Effect.orElseSucceed(() => false)
  )
})

const nextSteps = (plugin: string | null, name: string): string =>
  plugin === null
    ? `start a Claude Code session here: it asks once whether the server ${name} may run; \`claude-pool doctor\` looks whether all else is well`
    : `try it with \`claude --plugin-dir ${plugin}\`, or put it into a marketplace of yours`

/** `script` is the file that is run as this program. */
export const init = (script: string) =>
  Command.make(
    "init",
    {
      name: Flag.String("name").pipe(
        Flag.withMetavar("name"),
        Flag.withDescription(
          "What sessions call the server: their tools are mcp__<name>__pool_run and so on (default: pool)"
        ),
        Flag.withDefault("pool")
      ),
      plugin: Flag.String("plugin").pipe(
        Flag.withMetavar("directory"),
        Flag.withDescription("Write a Claude Code plugin there, and change nothing in the project"),
        Flag.optional
      ),
      yes: Flag.Boolean("yes").pipe(
        Flag.withDescription("Write without asking (default: false)"),
        Flag.withDefault(false)
      ),
      dryRun: Flag.Boolean("dry-run").pipe(
        Flag.withDescription("Only show what would change (default: false)"),
        Flag.withDefault(false)
      )
    },
    Effect.fn(function*({ dryRun, name, plugin, yes }) {
      if (!serverName.test(name)) {
        return yield* fail(
          new InvalidRequest({ issues: [`--name ${name}: letters, digits, - and _ only`], hint: "such as --name pool" })
        )
      }
      const { project } = yield* Configuration
      const path = yield* Path.Path
      const { cwd } = yield* Machine
      const { stdout } = yield* Styles
      const { args, settings } = yield* saidByFlags
      const server = yield* serverCommand(project, script, args)
      const target = Option.getOrNull(plugin)
      const directory = target === null ? project : path.resolve(cwd, target)
      const current = yield* currentIn(directory)
      const { setUpPlugin, setUpProject } = yield* setUp
      const all = target === null
        ? yield* setUpProject(current, { name, server, settings })
        : yield* setUpPlugin(current, { name, server, version: metadata.version })
      const files = all.map((change) => ({ path: change.path, change: kindOf(change) }))
      const changes = all.filter((change) => kindOf(change) !== "kept")

      const isText = (yield* Format) === "text"
      if (isText) yield* Console.log(all.map((change) => changeText(change, stdout)).join("\n\n"))
      const write = changes.length > 0 && !dryRun && (yield* agreed(yes))
      if (write) yield* writeAll(directory, changes)
      yield* show({ json: { directory, files, written: write }, text: null })
      if (changes.length === 0) return yield* note("\nnothing to do")
      yield* note(write ? `\nwritten in ${directory}; ${nextSteps(target, name)}` : "\nnothing was written")
    })
  ).pipe(
    Command.withDescription(
      "Set up a project for Claude Code sessions: the MCP server, a skill, leave to look, settings"
    ),
    Command.annotate(SettingsShown, poolSettings),
    Command.withExamples([
      { command: "claude-pool init", description: "Shows what changes, and asks" },
      {
        command: "claude-pool init --slots 8 --isolation task --yes",
        description: "With settings for the project's file"
      },
      { command: "claude-pool init --plugin ./claude-pool-plugin", description: "As a plugin, for many projects" }
    ])
  )
