/**
 * Values that are too long for a prompt, as files in the directory where the work is done: every worker may read there.
 * They are private, git does not see them, and they are gone when their chain has ended. Who works in a workspace gets
 * copies of those that its prompt names.
 */
import { Effect, FileSystem, Path, type PlatformError, type Scope, Semaphore } from "effect"
import type { ChainId } from "../../domain/ChainId.ts"
import { Failure } from "../../domain/Failure.ts"
import type { InsertedFile } from "../../domain/Insertion.ts"
import { InvalidRequest } from "../../domain/RequestFailure.ts"
import { plainText } from "../git/PlainFile.ts"

/** From the working directory, as prompts name it. */
const inputs = ".claude-pool/inputs"

/** The directory of a unit of a chain's work, as prompts name it. */
export const inputsOf = (chain: ChainId, unit: string): string => `${inputs}/${chain}/${unit}`

/** The directories that a prompt names: of a unit, or of one of its items. */
const directoriesIn = (prompt: string): ReadonlySet<string> =>
  new Set(prompt.match(/\.claude-pool\/inputs\/c_[a-z0-9]+\/[\w-]+(?:\/\d+(?=\/))?/g))

/** Whose they are. */
const chainOf = (directory: string): string => directory.split("/")[2] ?? ""

export interface InputFiles {
  /** Makes sure that the files of a unit are there, as they are meant to be. */
  readonly write: (cwd: string, directory: string, files: ReadonlyArray<InsertedFile>) => Effect.Effect<void, Failure>
  /** Copies the files that a prompt names from one working directory into another, until the scope closes. */
  readonly bring: (
    prompt: string,
    cwds: { readonly from: string; readonly to: string }
  ) => Effect.Effect<void, Failure, Scope.Scope>
  /** Removes all files of a chain, and what is empty without them. */
  readonly remove: (cwd: string, chain: string) => Effect.Effect<void>
}

const refused = (cwd: string, detail: string) =>
  new Failure({
    reason: new InvalidRequest({
      issues: [`cwd: a long value cannot be put into a file in ${cwd}: ${detail}`],
      hint: "make the directory writable, and look at what stands in the way in .claude-pool/inputs"
    })
  })

export const makeInputFiles: Effect.Effect<InputFiles, never, FileSystem.FileSystem | Path.Path> = Effect.gen(
  function*() {
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    // One chain removes what is empty while another one is about to fill it.
    const alone = yield* Semaphore.make(1)

    /** What a worker has put in the place of a file, a link that leads elsewhere too, is not written to. */
    const create = (file: string, text: string) =>
      Effect.andThen(
        fs.remove(file, { force: true, recursive: true }),
        fs.writeFileString(file, text, { flag: "wx", mode: 0o600 })
      )

    const write = Effect.fn("InputFiles.write")(
      function*(cwd: string, directory: string, files: ReadonlyArray<InsertedFile>) {
        if (files.length === 0) return
        const home = yield* fs.realPath(cwd)
        const target = path.join(home, directory)
        yield* fs.makeDirectory(target, { recursive: true, mode: 0o700 })
        if ((yield* fs.realPath(target)) !== target) return yield* refused(cwd, `${directory} leads elsewhere`)
        yield* create(path.join(home, inputs, ".gitignore"), "*\n")
        yield* Effect.forEach(files, ({ name, text }) => create(path.join(target, name), text), { discard: true })
      },
      (effect, cwd) =>
        Effect.catchTag(effect, "PlatformError", (error: PlatformError.PlatformError) => refused(cwd, error.message)),
      (effect) => alone.withPermits(1)(effect)
    )

    const removeIfLeft = Effect.fnUntraced(function*(directory: string, left: ReadonlyArray<string>) {
      const found = yield* fs.readDirectory(directory)
      if (found.length === left.length && found.every((name) => left.includes(name))) {
        yield* fs.remove(directory, { recursive: true })
      }
    })

    const remove = Effect.fn("InputFiles.remove")(
      function*(cwd: string, chain: string) {
        const own = path.join(cwd, inputs, chain)
        if (!(yield* fs.exists(own))) {
          return
        }
        yield* fs.remove(own, { recursive: true })
        yield* removeIfLeft(path.join(cwd, inputs), [".gitignore"])
        // An empty directory of this name would be taken for the mark of a project.
        yield* removeIfLeft(path.join(cwd, ".claude-pool"), [])
      },
      (effect, _cwd, chain) =>
        Effect.catchTag(
          effect,
          "PlatformError",
          (error) => Effect.logWarning(`the input files of ${chain} are still there: ${error.message}`)
        ),
      (effect) => alone.withPermits(1)(effect)
    )

    /** What is there by itself: a link that leads elsewhere is none of them. */
    const read = Effect.fnUntraced(function*(directory: string) {
      const found = yield* Effect.orElseSucceed(fs.readDirectory(directory), () => [])
      const files: Array<InsertedFile> = []
      for (const name of found) {
        const file = path.join(directory, name)
        const isItself = (yield* Effect.orElseSucceed(fs.realPath(file), () => "")) === file
        const text = isItself ? yield* plainText(fs)(file) : null
        if (text !== null) files.push({ name, text })
      }
      return files
    })

    const bring: InputFiles["bring"] = Effect.fn("InputFiles.bring")(function*(prompt, { from, to }) {
      const directories = directoriesIn(prompt)
      if (directories.size === 0) return
      const home = yield* Effect.orElseSucceed(fs.realPath(from), () => from)
      yield* Effect.forEach(
        new Set([...directories].map(chainOf)),
        (chain) => Effect.addFinalizer(() => remove(to, chain)),
        { discard: true }
      )
      for (const directory of directories) {
        yield* write(to, directory, yield* read(path.join(home, directory)))
      }
    })

    return { write, bring, remove }
  }
)
