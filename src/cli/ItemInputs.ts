/**
 * What a template is filled with: the list of a file or of stdin, or the files that a pattern finds.
 */
import { Effect, FileSystem, Path, Result, type Schema, type Stdio } from "effect"
import { fail, type Failure } from "../domain/Failure.ts"
import { guessForm, type ItemForm, parseItems } from "../domain/FanOutItems.ts"
import { InvalidRequest } from "../domain/RequestFailure.ts"
import { Machine } from "../services/Machine.ts"
import { readStdin } from "./Stdin.ts"
import { type Files, readText } from "./TextFile.ts"

type Inputs = ReadonlyArray<Schema.Json>

const formHint = "one item a line, one JSON value a line (.jsonl), or one JSON list (.json)"

const refuse = (issues: ReadonlyArray<string>, hint: string): Failure => fail(new InvalidRequest({ issues, hint }))

const forms: { readonly [ending: string]: ItemForm } = {
  ".json": "json",
  ".jsonl": "json-lines",
  ".ndjson": "json-lines",
  ".txt": "lines"
}

const parse = (origin: string, text: string, form: ItemForm): Effect.Effect<Inputs, Failure> =>
  Result.match(parseItems(text, form), {
    onFailure: (issues) => refuse(issues.map((issue) => `${origin}: ${issue}`), formHint),
    onSuccess: Effect.succeed
  })

/** What a file or, as `-`, stdin has a list of. Its ending says how; else what it begins with does. */
export const readList = (
  flag: string,
  said: string,
  form: ItemForm | null = null
): Effect.Effect<Inputs, Failure, Files | Stdio.Stdio> =>
  Effect.gen(function*() {
    const text = said === "-" ? yield* readStdin(formHint) : yield* readText(flag, said)
    const path = yield* Path.Path
    return yield* parse(`${flag} ${said}`, text, form ?? forms[path.extname(said).toLowerCase()] ?? guessForm(text))
  })

const isPattern = (said: string): boolean => /[*?[{]/.test(said)

/** What nobody means who says `**`. */
const never = ["node_modules", ".git"]

/** Files only, by their paths from the current directory, sorted. */
const findFiles = Effect.fnUntraced(function*(pattern: string) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const { cwd } = yield* Machine
  const exclude = never.filter((name) => !pattern.includes(name)).map((name) => `**/${name}`)
  const found = yield* fs.glob(pattern, { root: cwd, exclude })
  const isFile = (name: string) => Effect.map(fs.stat(path.resolve(cwd, name)), ({ type }) => type === "File")
  return yield* Effect.filter(found, (name) => Effect.orElseSucceed(isFile(name), () => false), { concurrency: 16 })
})

/** The files of a pattern; none is a mistake. */
export const readPattern = (flag: string, pattern: string): Effect.Effect<Inputs, Failure, Files> =>
  Effect.gen(function*() {
    const files = yield* Effect.mapError(
      findFiles(pattern),
      (error) => refuse([`${flag} ${pattern}: ${error.message}`], "name directories that can be read")
    )
    return files.length === 0
      ? yield* refuse(
        [`${flag} ${pattern}: no file is found by this pattern`],
        "put a pattern in quotes, so that the shell leaves it alone; it is meant from the current directory"
      )
      : files
  })

/** `-`, the path of a file, or a pattern such as `src/**\/*.ts`. */
export const readInputs = (said: string): Effect.Effect<Inputs, Failure, Files | Stdio.Stdio> =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const { cwd } = yield* Machine
    const isFile = said === "-" || (yield* Effect.orElseSucceed(fs.exists(path.resolve(cwd, said)), () => false))
    return yield* isFile || !isPattern(said) ? readList("--over", said) : readPattern("--over", said)
  })
