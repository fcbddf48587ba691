/**
 * How workers log in without sharing the user's configuration directory.
 *
 * Variables that log in are passed on. A login that the CLI keeps in a file or in the macOS keychain is read, and its
 * access token given to the worker as `CLAUDE_CODE_OAUTH_TOKEN`. The file itself must not be linked into a worker's
 * directory: the CLI replaces the link when it refreshes the token, and the user's own login is dead (measured on
 * 2.1.329). So only the user's own CLI, in the user's own directory, ever refreshes it.
 */
import { Clock, Effect, FileSystem, Option, Path, Schema, Semaphore, Stream } from "effect"
import { ChildProcess, ChildProcessSpawner } from "effect/process"
import type { Installation, Login } from "../ClaudeCli.ts"
import type { Variables } from "./Environment.ts"
import { userConfig } from "./UserRules.ts"

export interface LoginOptions {
  readonly env: Variables
  readonly home: string
  readonly platform: string
}

/** What a worker gets: the variables, and when they stop working. */
export interface Pass {
  readonly login: Login
  readonly variables: Variables
  /** Milliseconds since 1970; null: they do not expire. */
  readonly expiresAt: number | null
}

const Credentials = Schema.fromJsonString(Schema.Struct({
  claudeAiOauth: Schema.Struct({
    accessToken: Schema.NonEmptyString,
    expiresAt: Schema.optionalKey(Schema.NullOr(Schema.Finite))
  })
}))

const variables: ReadonlyArray<readonly [name: string, method: Login["method"]]> = [
  ["ANTHROPIC_API_KEY", "api-key"],
  ["ANTHROPIC_AUTH_TOKEN", "auth-token"],
  ["CLAUDE_CODE_OAUTH_TOKEN", "oauth-token"],
  ["CLAUDE_CODE_USE_BEDROCK", "provider"],
  ["CLAUDE_CODE_USE_VERTEX", "provider"],
  ["CLAUDE_CODE_USE_FOUNDRY", "provider"]
]

/** A token with less time than this is refreshed first. The CLI itself does so five minutes before the end. */
const shortest = 5 * 60_000

export const makeLogin = Effect.fnUntraced(function*(options: LoginOptions) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const spawner = yield* ChildProcessSpawner.ChildProcessSpawner
  const one = yield* Semaphore.make(1)
  const file = path.join(userConfig(path, options.env, options.home), ".credentials.json")

  const byVariable = Option.map(
    Option.fromUndefinedOr(variables.find(([name]) => (options.env[name] ?? "") !== "")),
    ([source, method]): Pass => ({ login: { method, source }, variables: {}, expiresAt: null })
  )

  const asPass = (text: string, login: Login) =>
    Effect.map(Schema.decodeEffect(Credentials)(text), ({ claudeAiOauth }): Pass => ({
      login,
      variables: { CLAUDE_CODE_OAUTH_TOKEN: claudeAiOauth.accessToken },
      expiresAt: claudeAiOauth.expiresAt ?? null
    }))

  const byFile = Effect.flatMap(
    fs.readFileString(file),
    (text) => asPass(text, { method: "credentials-file", source: file })
  )

  const keychain = "Claude Code-credentials"
  const byKeychain = spawner.string(
    ChildProcess.make("security", ["find-generic-password", "-s", keychain, "-w"], { stdin: "ignore", extendEnv: true })
  ).pipe(Effect.flatMap((text) => asPass(text, { method: "keychain", source: keychain })))

  const none: Pass = { login: { method: "none", source: "" }, variables: {}, expiresAt: null }

  const look = Effect.suspend(() => {
    if (Option.isSome(byVariable)) return Effect.succeed(byVariable.value)
    const stored = options.platform === "darwin" ? Effect.catch(byFile, () => byKeychain) : byFile
    return Effect.orElseSucceed(stored, () => none)
  })

  /** Starts the user's own CLI for a moment: it refreshes its own login, in its own place, as it does at every start. */
  const refresh = (installation: Installation) =>
    Effect.gen(function*() {
      const hello = `${
        JSON.stringify({ type: "control_request", request_id: "login", request: { subtype: "initialize" } })
      }\n`
      const handle = yield* spawner.spawn(ChildProcess.make(
        installation.command,
        [
          ...installation.prefix,
          "--print",
          "--verbose",
          "--input-format=stream-json",
          "--output-format=stream-json",
          "--setting-sources="
        ],
        { env: options.env, stdin: { stream: Stream.encodeText(Stream.make(hello)) }, forceKillAfter: "2 seconds" }
      ))
      yield* Effect.all([Stream.runDrain(handle.stdout), Stream.runDrain(handle.stderr)], { concurrency: 2 })
    }).pipe(
      Effect.scoped,
      Effect.timeoutOption("30 seconds"),
      Effect.catch((error) => Effect.logWarning("the login could not be refreshed", error))
    )

  const isShort = (pass: Pass) =>
    Effect.map(Clock.currentTimeMillis, (now) => pass.expiresAt !== null && pass.expiresAt - now < shortest)

  /** The login as it is now, refreshed if it is about to end. */
  const pass = (installation: Installation) =>
    one.withPermit(Effect.gen(function*() {
      const found = yield* look
      if (!(yield* isShort(found))) return found
      yield* refresh(installation)
      return yield* look
    }))

  return { pass, login: Effect.map(look, ({ login }) => login) }
})
