/**
 * What surrounds the process and is read once, when it starts.
 */
import { appendFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { isAmongFirst } from "./Attempts.ts"
import { digest } from "./Identity.ts"
import { type Directive, failureOf, find, isStart, parse } from "./Scenario.ts"

type Environment = Readonly<Record<string, string | undefined>>

export interface Setting {
  readonly cwd: string
  readonly pid: number
  readonly version: string
  /** `CLAUDE_CONFIG_DIR`. Without it nothing is written: the directory of the person's own CLI is left alone. */
  readonly config: string | undefined
  /** Where `fail` counts. */
  readonly state: string
  readonly log: (entry: object) => void
  /** The directives of the environment that are played with every prompt. */
  readonly directives: ReadonlyArray<Directive>
  /** Those that act at the start. */
  readonly start: ReadonlyArray<Directive>
  readonly isLoggedIn: boolean
  readonly keySource: string
  readonly maxRetries: number
  readonly structuredRetries: number
  /** Whether a refused start is also said in a result. */
  readonly startupResults: boolean
  readonly mayBypass: boolean
}

const ownVersion = "2.1.329"

export const read = (environment: Environment, process: { pid: number; cwd: string; isRoot: boolean }): Setting => {
  const config = environment["CLAUDE_CONFIG_DIR"]
  const state = environment["CLAUDE_POOL_SIMULATOR_STATE"] ??
    join(dirname(config ?? join(process.cwd, "config")), "simulator-state")
  const { directives } = parse(environment["CLAUDE_POOL_SIMULATOR"] ?? "")
  const start = directives.flatMap((directive) => startOf(directive, state))
  return {
    cwd: process.cwd,
    pid: process.pid,
    version: find(start, "version")?.text ?? ownVersion,
    config,
    state,
    log: logTo(environment["CLAUDE_POOL_SIMULATOR_LOG"]),
    directives: directives.filter((directive) => !isStart(directive) && !startsLater(directive)),
    start,
    isLoggedIn: find(start, "not-logged-in") === undefined,
    keySource: environment["ANTHROPIC_API_KEY"] === undefined ? "none" : "ANTHROPIC_API_KEY",
    maxRetries: countOf(environment["CLAUDE_CODE_MAX_RETRIES"], 10),
    structuredRetries: countOf(environment["MAX_STRUCTURED_OUTPUT_RETRIES"], 5),
    startupResults: environment["CLAUDE_CODE_STARTUP_FAILURE_RESULTS"] === "1",
    mayBypass: !process.isRoot || environment["IS_SANDBOX"] === "1"
  }
}

/** A `fail` whose failure is one of the start. */
const startsLater = (directive: Directive): boolean => {
  const failure = directive.name === "fail" ? failureOf(directive) : undefined
  return failure !== undefined && isStart(failure)
}

const startOf = (directive: Directive, state: string): ReadonlyArray<Directive> => {
  if (isStart(directive)) return [directive]
  const failure = startsLater(directive) ? failureOf(directive) : undefined
  const key = directive.options["key"] ?? `start-${digest(directive.text).slice(0, 16)}`
  return failure !== undefined && isAmongFirst(state, key, Number(directive.values[0] ?? 1)) ? [failure] : []
}

const countOf = (text: string | undefined, otherwise: number) =>
  text === undefined || Number.isNaN(Number(text)) ? otherwise : Number(text)

// One write for a line: appends of several processes do not mix.
const logTo = (file: string | undefined) => (entry: object): void => {
  if (file !== undefined) appendFileSync(file, `${JSON.stringify(entry)}\n`)
}
