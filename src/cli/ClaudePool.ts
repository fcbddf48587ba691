/**
 * The whole command: every subcommand, each over as much of a pool as it needs.
 */
import type { Effect, Layer } from "effect"
import { Command } from "effect/cli"
import type { Failure } from "../domain/Failure.ts"
import type { PoolMode } from "../domain/PoolMode.ts"
import type { SettingTexts } from "../domain/Settings.ts"
import type { Configuration } from "../services/Configuration.ts"
import type { Doctor } from "../services/Doctor.ts"
import type { Pool } from "../services/Pool.ts"
import { cancel } from "./cancel.ts"
import { config } from "./config.ts"
import { doctor } from "./doctor.ts"
import { list } from "./list.ts"
import { mcp } from "./mcp.ts"
import { output } from "./output.ts"
import { result } from "./result.ts"
import { root } from "./Root.ts"
import { run } from "./run.ts"
import { settingTexts } from "./SettingFlags.ts"
import { status } from "./status.ts"
import { submit } from "./submit.ts"
import { wait } from "./wait.ts"

export interface Wiring<A, B, C, D> {
  /** From what the flags say, and all else that can say a setting. */
  readonly configuration: (flags: SettingTexts) => Layer.Layer<Configuration, Failure, A>
  readonly pool: (mode: PoolMode) => Layer.Layer<Pool, Failure, B>
  readonly doctor: Layer.Layer<Doctor, Failure, C>
  /** The MCP server: until its client goes. */
  readonly serve: Effect.Effect<void, Failure, D>
}

export const claudePool = <A, B, C, D>(wiring: Wiring<A, B, C, D>) => {
  const reader = wiring.pool("reader")
  const intake = wiring.pool("intake")
  return root.pipe(
    Command.withSubcommands([
      {
        group: "WORK",
        commands: [
          run.pipe(Command.provide(wiring.pool("run"))),
          submit.pipe(Command.provide(intake)),
          wait.pipe(Command.provide(wiring.pool("wait"))),
          cancel.pipe(Command.provide(intake)),
          mcp(wiring.serve).pipe(Command.provide(wiring.pool("host")))
        ]
      },
      {
        group: "LOOK",
        commands: [
          result.pipe(Command.provide(reader)),
          output.pipe(Command.provide(reader)),
          list.pipe(Command.provide(reader)),
          status.pipe(Command.provide(reader))
        ]
      },
      { group: "SET UP", commands: [config, doctor.pipe(Command.provide(wiring.doctor))] }
    ]),
    Command.provide(({ settings }) => wiring.configuration(settingTexts(settings)))
  )
}
