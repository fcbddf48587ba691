/**
 * The files that a task's flags name: read here, so that a mistake in one is told before anything is accepted.
 */
import { Effect, FileSystem, Path, Predicate, Result, Schema } from "effect"
import { fail, type Failure } from "../domain/Failure.ts"
import { issueLines } from "../domain/Issues.ts"
import { parseJson } from "../domain/JsonText.ts"
import { InvalidRequest } from "../domain/RequestFailure.ts"
import { AnswerSchema } from "../domain/TaskRequest.ts"
import { Machine } from "../services/Machine.ts"

type Files = FileSystem.FileSystem | Path.Path | Machine

const refuse = (flag: string, file: string, problem: string, hint: string): Failure =>
  fail(new InvalidRequest({ issues: [`${flag} ${file}: ${problem}`], hint }))

export const readText = (flag: string, file: string): Effect.Effect<string, Failure, Files> =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const { cwd } = yield* Machine
    return yield* fs.readFileString(path.resolve(cwd, file))
  }).pipe(
    Effect.catchReason("PlatformError", "NotFound", () =>
      refuse(flag, file, "there is no such file", "a relative path is meant from the current directory")),
    Effect.catchTag("PlatformError", (error) =>
      refuse(flag, file, error.message, "make it a readable file"))
  )

const readJson = (flag: string, file: string, hint: string): Effect.Effect<Schema.Json, Failure, Files> =>
  Effect.flatMap(readText(flag, file), (text) =>
    Result.match(parseJson(text), {
      onFailure: (problem) => refuse(flag, file, problem, hint),
      onSuccess: Effect.succeed
    }))

const schemaHint =
  "it must hold a JSON Schema such as {\"type\": \"object\", \"properties\": {\"answer\": {\"type\": \"string\"}}}"

/** The schema of a structured answer. */
export const readSchema = (flag: string, file: string): Effect.Effect<AnswerSchema, Failure, Files> =>
  Effect.flatMap(readJson(flag, file, schemaHint), (json) =>
    Schema.decodeUnknownEffect(AnswerSchema)(json).pipe(
      Effect.mapError((error) => refuse(flag, file, issueLines(error).join("; "), schemaHint))
    ))

const serversHint = "it must look like {\"mcpServers\": {\"name\": {\"command\": \"…\"}}}"
const Servers = Schema.Record(Schema.NonEmptyString, Schema.Record(Schema.String, Schema.Json))

/** MCP servers, in the form of an `.mcp.json`; the outer key may be left out. */
export const readMcpServers = (
  flag: string,
  file: string
): Effect.Effect<typeof Servers.Type, Failure, Files> =>
  Effect.flatMap(
    readJson(flag, file, serversHint),
    (json) =>
      Schema.decodeUnknownEffect(Servers)(Predicate.hasProperty(json, "mcpServers") ? json.mcpServers : json).pipe(
        Effect.mapError((error) => refuse(flag, file, issueLines(error).join("; "), serversHint))
      )
  )

export const checkDirectory = (
  flag: string,
  directory: string
): Effect.Effect<string, Failure, FileSystem.FileSystem> =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const isDirectory = yield* fs.stat(directory).pipe(
      Effect.map(({ type }) => type === "Directory"),
      Effect.orElseSucceed(() => false)
    )
    return isDirectory
      ? directory
      : yield* refuse(flag, directory, "is not a directory", "name one that exists; a worker starts in it")
  })
