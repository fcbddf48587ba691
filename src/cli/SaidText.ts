/**
 * A text that is said on the command line, or in a file, or on stdin: `TEXT`, `@file`, `-`.
 */
import { Effect, type FileSystem, type Path, type Stdio } from "effect"
import { fail, type Failure } from "../domain/Failure.ts"
import { InvalidRequest } from "../domain/RequestFailure.ts"
import type { Machine } from "../services/Machine.ts"
import { readStdin } from "./Stdin.ts"
import { readText } from "./TextFile.ts"

const hint = "give it as a text, as @file to take it from a file, or as - to pipe it in"

/** `what` names it where it is wrong: a flag, or an argument. A file is told without the line end that it ends with. */
export const readSaidText = (
  what: string,
  said: string
): Effect.Effect<string, Failure, FileSystem.FileSystem | Path.Path | Machine | Stdio.Stdio> =>
  Effect.gen(function*() {
    const text = said === "-"
      ? (yield* readStdin(hint)).trimEnd()
      : said.startsWith("@")
      ? (yield* readText(what, said.slice(1))).trimEnd()
      : said
    return text.trim() === "" ? yield* fail(new InvalidRequest({ issues: [`${what} is empty`], hint })) : text
  })
