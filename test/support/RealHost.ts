/**
 * Whole pools in this process, one after the other over one store directory, with the pinned real CLI as their worker and
 * the scripted API as its provider: for what a program asks of a pool that it composes. All of it lives in one directory
 * that is gone afterwards, with every process in it.
 */
import * as NodeCrypto from "@effect/platform-node/NodeCrypto"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Context, Duration, Effect, Layer, type Scope } from "effect"
import { mkdirSync } from "node:fs"
import { join } from "node:path"
import process from "node:process"
import type { Failure } from "../../src/domain/Failure.ts"
import { type Settings } from "../../src/domain/Settings.ts"
import * as App from "../../src/layers/App.ts"
import { Configuration } from "../../src/services/Configuration.ts"
import { Machine } from "../../src/services/Machine.ts"
import { Pool } from "../../src/services/Pool.ts"
import { Census } from "./Census.ts"
import { RealClaude } from "./RealClaude.ts"
import { type ApiScript, ScriptedApi } from "./ScriptedApi.ts"

/** The model of all its tasks: $2 and $10 for a million tokens in and out, so that a token costs whole micro-dollars. */
export const sonnet = "claude-sonnet-5-5"

/** In micro-dollars. */
export const priceOf = (inputTokens: number, outputTokens: number): number => inputTokens * 2 + outputTokens * 10

/** Micro-dollars of dollars. */
export const micros = (usd: number): number => Math.round(usd * 1e6)

export interface RealHost {
  readonly directory: string
  /** The working directory of its tasks. */
  readonly project: string
  readonly store: string
  readonly api: ScriptedApi
  /** A pool that runs what is in the store, until the scope closes. */
  readonly open: (settings?: Partial<Settings>) => Effect.Effect<Pool["Service"], Failure, Scope.Scope>
}

const machineIn = (directory: string, cwd: string, url: string) =>
  Machine.layer({
    env: RealClaude.cleanEnvironment({ home: directory, url }),
    cwd,
    home: directory,
    temporary: join(directory, "tmp"),
    platform: process.platform,
    cores: 2,
    pid: process.pid,
    node: process.execPath,
    stdinIsTerminal: false,
    stdoutIsTerminal: false,
    stderrIsTerminal: false,
    columns: 80,
    rows: 24,
    isWorker: false
  })

const platform = Layer.mergeAll(NodeServices.layer, NodeCrypto.layerSecureRandom, NodeCrypto.layerDigest)

const make = Effect.fnUntraced(function*(script: ApiScript) {
  const directory = yield* Census.directory("real-host-")
  const [project, store, temporary] = ["project", "store", "tmp"].map((name) => join(directory, name)) as [
    string,
    string,
    string
  ]
  for (const made of [project, temporary]) mkdirSync(made)
  const api = yield* ScriptedApi.make(script)

  const open: RealHost["open"] = (settings) => {
    const configuration = Configuration.layer({
      store,
      claude: RealClaude.binary,
      hotSpares: false,
      slots: 2,
      model: sonnet,
      // As long as the slowest machine needs.
      shutdownGrace: Duration.seconds(10),
      ...settings
    }, project)
    const pool = App.layer("host").pipe(
      Layer.provide([configuration, machineIn(directory, project, api.url), platform])
    )
    return Effect.map(Layer.build(pool), Context.get(Pool))
  }

  return { directory, project, store, api, open } satisfies RealHost as RealHost
})

export const RealHost = { make }
