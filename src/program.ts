/**
 * The command line: where the program meets this machine. `main.ts` loads it.
 */
import { Effect, Logger, References, Runtime } from "effect"
import process from "node:process"
import metadata from "../package.json" with { type: "json" }
import { claudePool } from "./cli/ClaudePool.ts"
import { commandLine } from "./cli/CommandLine.ts"
import * as App from "./layers/App.ts"
import * as SettingsSource from "./layers/SettingsSource.ts"
import * as ThisMachine from "./layers/ThisMachine.ts"
import { Configuration } from "./services/Configuration.ts"

const { version } = metadata

/** Loaded only to serve: the SDK takes longer to load than all the rest. */
const serve = Effect.gen(function*() {
  const server = yield* Effect.promise(() => import("./layers/McpStdio.ts"))
  const { settings } = yield* Configuration
  return yield* server.serve({ version, toolsets: settings.toolsets })
})

/** A signal asks for an orderly end, and the next one for an end at once. */
const runMain = Runtime.makeRunMain(({ fiber, teardown }) => {
  let askedAt: number | null = null
  const onSignal = () => {
    // npx sends on what the terminal has sent already: that is one and the same signal.
    if (askedAt !== null && performance.now() - askedAt > 100) process.exit(130)
    askedAt ??= performance.now()
    fiber.interruptUnsafe(fiber.id)
  }
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, onSignal)
  fiber.addObserver((exit) =>
    teardown(exit, (code) => {
      if (askedAt !== null || code !== 0) process.exit(code)
    })
  )
})

const command = claudePool({
  configuration: SettingsSource.layer,
  pool: App.layer,
  doctor: App.doctor,
  plans: App.plans,
  serve
})

commandLine(command, version)(process.argv.slice(2)).pipe(
  Effect.provideService(Logger.LogToStderr, true),
  Effect.provideService(References.MinimumLogLevel, "Warn"),
  Effect.provide(ThisMachine.layer),
  runMain
)
