/**
 * The real CLI and the simulator, side by side: started by the same arguments in the same environment, told the same,
 * and what they say reduced to what this project reads of it.
 */
import { DateTime, Effect, Predicate, Result, Schema } from "effect"
import { randomUUID } from "node:crypto"
import { mkdirSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import {
  type ClaudeEvent,
  ClaudeLine,
  isAssistant,
  isControlResponse,
  isInit,
  isResult
} from "../../src/domain/ClaudeEvent.ts"
import type { Launch } from "../../src/domain/Launch.ts"
import { fromUsd } from "../../src/domain/MicroUsd.ts"
import { SessionId } from "../../src/domain/SessionId.ts"
import { argumentsOf } from "../../src/services/claude/Arguments.ts"
import { imposed } from "../../src/services/claude/Environment.ts"
import { judge } from "../../src/services/claude/Judgement.ts"
import { Census } from "./Census.ts"
import { RealClaude } from "./RealClaude.ts"
import { type ApiScript, ScriptedApi } from "./ScriptedApi.ts"
import { type RawEvent, StreamProcess } from "./StreamProcess.ts"

export const contestants = ["real", "simulated"] as const
export type Contestant = (typeof contestants)[number]

export interface Stage extends StreamProcess {
  readonly cwd: string
}

export interface Play {
  readonly api?: ApiScript
  readonly launch?: Partial<Launch>
  readonly isLoggedIn?: boolean
  /** What is done, from the start of the process to its end. */
  readonly act: (stage: Stage) => Effect.Effect<unknown>
}

/** What came of it, without what differs from run to run. */
export interface Report {
  readonly events: ReadonlyArray<unknown>
  readonly outcome: string
  readonly ended: number | string
}

const simulator = fileURLToPath(new URL("../../dist/simulator.js", import.meta.url))

/** Fields whose very value is part of the contract; of all others, only its type is. */
const exact = new Set([
  "type",
  "subtype",
  "is_error",
  "error",
  "terminal_reason",
  "stop_reason",
  "api_error_status",
  "api_error_type",
  "error_status",
  "permissionMode",
  "num_turns",
  "attempt",
  "tool_name",
  "apiKeySource",
  "tokenSource",
  "apiProvider"
])

/** What is handed through: all of it is the model's own. */
const opaque = new Set(["tool_input", "structured_output", "input"])

/** The shape of a value, as far as the schemas of the wire keep it. */
const shapeOf = (value: unknown): unknown => {
  if (Array.isArray(value)) {
    const shapes = value.map(shapeOf)
    // A list of names is a list, however many there are.
    return shapes.every((shape) => shape === "string") ? ["string"] : shapes
  }
  if (!Predicate.isObject(value)) return value === null ? "null" : typeof value
  return Object.fromEntries(
    Object.entries(value).toSorted(([a], [b]) => a < b ? -1 : 1).map(([name, inner]) => [
      name.startsWith("claude-") ? "a model" : name,
      opaque.has(name) ? "anything" : exact.has(name) && !Predicate.isObject(inner) ? inner : shapeOf(inner)
    ])
  )
}

const read = Schema.decodeUnknownSync(ClaudeLine)

/** What the pool makes of the first result. */
const outcomeOf = (events: ReadonlyArray<ClaudeEvent>, launch: Launch): string => {
  const result = events.find(isResult)
  if (result === undefined) return "none"
  const verdict = judge({
    launch,
    model: events.find(isInit)?.model ?? null,
    result,
    lastError: events.filter(isAssistant).flatMap(({ error }) => error == null ? [] : [error]).at(-1) ?? null,
    liftedAt: null,
    now: DateTime.makeUnsafe(0)
  })
  return Result.match(verdict, { onFailure: (reason) => reason._tag, onSuccess: () => "answer" })
}

const nameOf = (event: RawEvent) =>
  event["subtype"] === undefined ? `${String(event["type"])}` : `${String(event["type"])}/${String(event["subtype"])}`

/** Of what a control request is answered with, only who is logged in is read; a test of its own looks at that. */
const withoutBody = (event: ClaudeEvent): unknown =>
  isControlResponse(event)
    ? { ...event, response: { ...event.response, response: typeof event.response.response } }
    : event

const reportOf = (raw: ReadonlyArray<RawEvent>, launch: Launch, ended: number | string): Report => {
  const events = raw.map((event) => read(JSON.stringify(event)))
  return {
    events: events.map((event, index) => ({
      name: nameOf(raw[index] ?? {}),
      ...shapeOf(withoutBody(event)) as object
    })),
    outcome: outcomeOf(events, launch),
    ended
  }
}

/** Plays it with one of the two. Nothing is left of it. */
export const play = (contestant: Contestant, it: Play): Effect.Effect<Report> =>
  Effect.scoped(Effect.gen(function*() {
    const directory = yield* Census.directory(`${contestant}-`)
    const [cwd, config, temporary] = ["project", "config", "tmp"].map((name) => join(directory, name)) as [
      string,
      string,
      string
    ]
    for (const made of [cwd, config, temporary]) mkdirSync(made)
    const api = yield* ScriptedApi.make(it.api ?? [])
    const launch: Launch = { cwd, permissions: "edit", inherit: "none", budget: fromUsd(5), ...it.launch }
    const isReal = contestant === "real"
    const stream = yield* StreamProcess.make({
      command: [
        ...isReal ? [RealClaude.binary] as const : [process.execPath, simulator] as const,
        ...argumentsOf(launch, null, SessionId.make(randomUUID()))
      ],
      cwd,
      env: {
        ...RealClaude.cleanEnvironment({
          home: directory,
          url: api.url,
          apiKey: it.isLoggedIn === false ? null : "sk-ant-dummy-for-tests"
        }),
        ...imposed({ config, temporary, marker: "contract" }, launch),
        ...(isReal || it.isLoggedIn !== false ? {} : { CLAUDE_POOL_SIMULATOR: "[[not-logged-in]]" })
      }
    })
    yield* it.act({ ...stream, cwd })
    return reportOf(stream.events, launch, yield* stream.ended)
  }))
