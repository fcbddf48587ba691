/**
 * The user's own rules, for a worker that was asked to take them over. The user's configuration directory itself is not
 * given to it, for the login and the sessions are there too: the worker gets a directory with nothing but the rules.
 */
import { Effect, FileSystem, Path } from "effect"
import { Failure } from "../../domain/Failure.ts"
import type { Launch } from "../../domain/Launch.ts"
import { StartFailed } from "../../domain/WorkerFailure.ts"
import type { SlotHome } from "../ClaudeCli.ts"
import type { Variables } from "./Environment.ts"

/** Copied, for the CLI may write to them. */
const files = ["CLAUDE.md", "settings.json"]
const folders = ["agents", "commands", "output-styles", "rules", "skills"]

/** Where the user's own CLI keeps its configuration. */
export const userConfig = (path: Path.Path, env: Variables, home: string): string =>
  env["CLAUDE_CONFIG_DIR"] || path.join(home, ".claude")

/** The `CLAUDE_CONFIG_DIR` of a process: its slot's, or one with the user's rules that goes away with the scope. */
export const configFor = Effect.fnUntraced(function*(launch: Launch, home: SlotHome, user: string) {
  if (launch.inherit !== "all") return home.config
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const make = Effect.gen(function*() {
    const directory = yield* fs.makeTempDirectoryScoped({ directory: path.dirname(home.config), prefix: "config-" })
    const take = (name: string, how: typeof fs.symlink) => {
      const from = path.join(user, name)
      return Effect.flatMap(fs.exists(from), (there) => there ? how(from, path.join(directory, name)) : Effect.void)
    }
    yield* fs.symlink(path.join(home.config, "projects"), path.join(directory, "projects"))
    yield* Effect.forEach(files, (name) => take(name, fs.copyFile), { discard: true })
    yield* Effect.forEach(folders, (name) => take(name, fs.symlink), { discard: true })
    return directory
  })
  return yield* Effect.mapError(
    make,
    (error) => new Failure({ reason: new StartFailed({ detail: error.message, transient: false }) })
  )
})
