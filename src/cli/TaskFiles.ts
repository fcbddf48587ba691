/**
 * The files that a task's flags name: read here, so that a mistake in one is told before anything is accepted.
 */
import { Effect, FileSystem, Predicate, Result, Schema } from "effect"
import type { Failure } from "../domain/Failure.ts"
import { issueLines } from "../domain/Issues.ts"
import { parseJson } from "../domain/JsonText.ts"
import { AnswerSchema } from "../domain/TaskRequest.ts"
import { type Files, readText, refuseFile } from "./TextFile.ts"

const readJson = (flag: string, file: string, hint: string): Effect.Effect<Schema.Json, Failure, Files> =>
  Effect.flatMap(readText(flag, file), (text) =>
    Result.match(parseJson(text), {
      onFailure: (problem) => refuseFile(flag, file, problem, hint),
      onSuccess: Effect.succeed
    }))

const schemaHint =
  "it must hold a JSON Schema such as {\"type\": \"object\", \"properties\": {\"answer\": {\"type\": \"string\"}}}"

/** The schema of a structured answer. */
export const readSchema = (flag: string, file: string): Effect.Effect<AnswerSchema, Failure, Files> =>
  Effect.flatMap(readJson(flag, file, schemaHint), (json) =>
    Schema.decodeUnknownEffect(AnswerSchema)(json).pipe(
      Effect.mapError((error) => refuseFile(flag, file, issueLines(error).join("; "), schemaHint))
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
        Effect.mapError((error) => refuseFile(flag, file, issueLines(error).join("; "), serversHint))
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
      : yield* refuseFile(flag, directory, "is not a directory", "name one that exists; a worker starts in it")
  })
