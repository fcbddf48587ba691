/**
 * One worker of `ClaudeCli`, the real CLI or the simulator, with the scripted API behind the real one. What it is started
 * for is gone afterwards, with every process of it.
 */
import { NodeServices } from "@effect/platform-node"
import { Duration, Effect, Layer } from "effect"
import { SecureRandom } from "effect/crypto"
import { mkdirSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import type { Launch } from "../../src/domain/Launch.ts"
import { fromUsd } from "../../src/domain/MicroUsd.ts"
import { SlotId } from "../../src/domain/SlotId.ts"
import * as MachineContainment from "../../src/layers/MachineContainment.ts"
import { ClaudeCli, type ClaudeCliOptions, type Worker } from "../../src/services/ClaudeCli.ts"
import { Census } from "./Census.ts"
import type { Contestant } from "./Contestants.ts"
import { RealClaude } from "./RealClaude.ts"
import { type ApiScript, ScriptedApi } from "./ScriptedApi.ts"

const simulator = fileURLToPath(new URL("../../dist/simulator.js", import.meta.url))

export interface PipedWorkerOptions {
  /** What the real one's provider answers. */
  readonly api?: ApiScript
  readonly launch?: Partial<Launch>
}

export interface PipedWorker {
  readonly worker: Worker
  readonly api: ScriptedApi
  readonly cwd: string
}

/** A `ClaudeCli` on one of the two, in a directory of its own. */
const cliIn = (contestant: Contestant, directory: string, url: string) => {
  const isReal = contestant === "real"
  const options: ClaudeCliOptions = {
    named: isReal ? RealClaude.binary : null,
    standIn: isReal ? null : [process.execPath, simulator],
    env: RealClaude.cleanEnvironment({ home: directory, url }),
    home: directory,
    platform: process.platform,
    passEnv: [],
    directories: {
      slots: join(directory, "slots"),
      sessions: join(directory, "sessions"),
      temporary: join(directory, "tmp")
    },
    stallAfter: Duration.minutes(5),
    figuresWithin: Duration.seconds(10)
  }
  return ClaudeCli.layer(options).pipe(
    Layer.provide(MachineContainment.layer),
    Layer.provide([NodeServices.layer, SecureRandom.layerWebCrypto])
  )
}

const make = Effect.fnUntraced(function*(contestant: Contestant, options: PipedWorkerOptions = {}) {
  const directory = yield* Census.directory(`piped-${contestant}-`)
  const cwd = join(directory, "project")
  mkdirSync(cwd)
  const api = yield* ScriptedApi.make(options.api ?? [])
  const claude = Effect.flatMap(ClaudeCli, Effect.succeed)
  const cli = yield* Effect.provide(claude, yield* Layer.build(cliIn(contestant, directory, api.url)))
  const home = yield* cli.home(SlotId.make(1))
  const launch: Launch = { cwd, permissions: "full", inherit: "none", budget: fromUsd(5), ...options.launch }
  return { api, cwd, worker: yield* cli.start(launch, home) } satisfies PipedWorker as PipedWorker
})

export const PipedWorker = { make }
