/**
 * The command line: where the program meets this machine. `main.ts` loads it.
 */
import { Deferred, Effect, Layer, Logger, References, Runtime } from "effect"
import process from "node:process"
import metadata from "../package.json" with { type: "json" }
import { claudePool } from "./cli/ClaudePool.ts"
import { commandLine } from "./cli/CommandLine.ts"
import { Hurry } from "./cli/Farewell.ts"
import { Starter } from "./cli/Starter.ts"
import * as App from "./layers/App.ts"
import { programFile } from "./layers/ProgramFile.ts"
import * as SettingsSource from "./layers/SettingsSource.ts"
import { startedBy } from "./layers/StartedBy.ts"
import * as ThisMachine from "./layers/ThisMachine.ts"
import { Configuration } from "./services/Configuration.ts"

const { version } = metadata

/** Whether a client was served: it may have gone without reading what was written to it. */
let hasServed = false

/** Loaded only to serve: the SDK takes longer to load than all the rest. */
const served = Effect.gen(function*() {
  const { poolOffer } = yield* Effect.promise(() => import("./mcp/PoolOffer.ts"))
  const configuration = yield* Configuration
  return { version, offer: poolOffer({ ...configuration.settings, configuration }) }
})

const serve = Effect.gen(function*() {
  hasServed = true
  const server = yield* Effect.promise(() => import("./layers/McpStdio.ts"))
  return yield* server.serve(yield* served)
})

const serveHttp = Effect.fnUntraced(function*(port: number) {
  const server = yield* Effect.promise(() => import("./layers/McpHttp.ts"))
  return yield* server.serve({ ...(yield* served), port })
})

/** Two signals in so short a time are one: npx sends on what the terminal has sent already. */
const sameSignal = 100

/** So long may what is asked for twice still take, to put on record what it came to. */
const atOnce = 1000

/** So long may the last words take to be read. */
const lastWords = 500

const hurried = Deferred.makeUnsafe<void>()

/** A signal asks for an orderly end; the next one for an end at once, and whoever asks once more has it in that moment. */
const runMain = Runtime.makeRunMain(({ fiber, teardown }) => {
  let askedAt: number | null = null
  const onSignal = () => {
    const now = performance.now()
    if (askedAt === null) {
      askedAt = now
      return fiber.interruptUnsafe(fiber.id)
    }
    if (now - askedAt <= sameSignal) return
    if (Deferred.isDoneUnsafe(hurried)) process.exit(130)
    Deferred.doneUnsafe(hurried, Effect.void)
    setTimeout(() => process.exit(130), atOnce)
  }
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, onSignal)
  // A terminal that was closed, or a reader that has gone, is no reason to fall over: the end of a command is not lost.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined)
  fiber.addObserver((exit) =>
    teardown(exit, (code) => {
      if (askedAt !== null || code !== 0) return process.exit(code)
      if (!hasServed) return
      process.stdout.write("", () => process.exit(code))
      setTimeout(() => process.exit(code), lastWords)
    })
  )
})

const command = claudePool({
  configuration: SettingsSource.layer,
  pool: App.layer,
  host: App.host,
  control: Layer.unwrap(Effect.map(Effect.promise(() => import("./layers/HostControl.ts")), ({ layer }) => layer)),
  doctor: Layer.unwrap(Effect.map(Effect.promise(() => import("./layers/Examination.ts")), ({ layer }) => layer)),
  plans: App.plans,
  serve,
  script: programFile,
  serveHttp
})

commandLine(command, version)(process.argv.slice(2)).pipe(
  Effect.provideService(Logger.LogToStderr, true),
  Effect.provideService(References.MinimumLogLevel, "Warn"),
  Effect.provideService(Hurry, Deferred.await(hurried)),
  Effect.provideService(Starter, startedBy),
  Effect.provide(ThisMachine.layer),
  runMain
)
