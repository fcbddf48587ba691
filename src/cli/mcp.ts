/**
 * `claude-pool mcp`: the pool as an MCP server, on stdin and stdout or over HTTP.
 */
import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { fail, type Failure } from "../domain/Failure.ts"
import { InvalidRequest } from "../domain/RequestFailure.ts"
import { withFarewell } from "./Farewell.ts"
import { SettingsShown } from "./HelpText.ts"
import { poolSettings } from "./TaskSettings.ts"

/** Of no other program that is known: POOL on the keys of a telephone. */
const usualPort = 7665

const lastPort = 65_535

const serverFlags = {
  http: Flag.Boolean("http").pipe(
    Flag.withDescription(
      "Serve over HTTP, to clients of this machine that have the token; stderr says how they get it (default: false)"
    ),
    Flag.withDefault(false)
  ),
  port: Flag.Int("port").pipe(
    Flag.withMetavar("number"),
    Flag.withDescription(`The port of --http; 0 is any that is free (default: ${usualPort})`),
    Flag.optional
  )
}

const refuse = (issue: string, hint: string) => fail(new InvalidRequest({ issues: [issue], hint }))

export interface ServerFlags {
  readonly http: boolean
  readonly port: Option.Option<number>
}

/** Before there is a pool for it: what is said wrongly starts none. */
export const checkServer = ({ http, port }: ServerFlags): Effect.Effect<void, Failure> => {
  if (Option.isNone(port)) return Effect.void
  if (!http) return refuse("--port is for --http", "add --http, or leave --port out")
  return port.value < 0 || port.value > lastPort
    ? refuse(`--port: must be between 0 and ${lastPort}`, "0 is any port that is free")
    : Effect.void
}

export interface Servers<R> {
  /** Ends when its client goes. */
  readonly stdio: Effect.Effect<void, Failure, R>
  /** Ends when it is told to. */
  readonly http: (port: number) => Effect.Effect<void, Failure, R>
}

export const mcp = <R>({ http, stdio }: Servers<R>) =>
  Command.make(
    "mcp",
    serverFlags,
    (flags) => withFarewell(flags.http ? http(Option.getOrElse(flags.port, () => usualPort)) : stdio)
  ).pipe(
    Command.withDescription("Serve a coordinator over MCP, on stdin and stdout, or over HTTP"),
    Command.annotate(SettingsShown, poolSettings),
    Command.withExamples([
      { command: "claude mcp add pool -- npx claude-pool mcp", description: "Give it to a Claude Code session" },
      { command: "claude-pool mcp --slots 8 --pool-budget-usd 20", description: "Eight workers, twenty dollars" },
      { command: "claude-pool mcp --http", description: "For several sessions at once; stderr says how they get to it" }
    ])
  )
