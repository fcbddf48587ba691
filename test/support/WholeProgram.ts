/**
 * The whole program as layers, in a directory of the test's that is gone afterwards: its workers are processes of the
 * simulator, and its environment is built from nothing.
 */
import * as NodeCrypto from "@effect/platform-node/NodeCrypto"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Effect, Layer } from "effect"
import { mkdirSync } from "node:fs"
import { join } from "node:path"
import process from "node:process"
import type { PoolMode } from "../../src/domain/PoolMode.ts"
import type { Settings } from "../../src/domain/Settings.ts"
import * as App from "../../src/layers/App.ts"
import { Configuration } from "../../src/services/Configuration.ts"
import { Machine } from "../../src/services/Machine.ts"
import { Census } from "./Census.ts"
import { testMachine } from "./TestMachine.ts"

const platform = Layer.mergeAll(NodeServices.layer, NodeCrypto.layerSecureRandom, NodeCrypto.layerDigest)

/** Where its parts are, and its pool by the mode in which a command has it. */
export const wholeProgram = Effect.fnUntraced(function*(prefix: string) {
  const directory = yield* Census.directory(prefix)
  const [project, store, temporary] = ["project", "store", "tmp"].map((name) => join(directory, name)) as [
    string,
    string,
    string
  ]
  for (const made of [project, temporary]) mkdirSync(made)

  const layer = (mode: PoolMode, settings: Partial<Settings>, env: Readonly<Record<string, string>> = {}) =>
    App.layer(mode).pipe(
      Layer.provide([
        Configuration.layer({ simulate: true, inProcess: true, hotSpares: false, store, ...settings }, project),
        Machine.layer({
          ...testMachine,
          env: { PATH: "/usr/local/bin:/usr/bin:/bin", HOME: directory, ...env },
          cwd: project,
          home: directory,
          temporary,
          pid: process.pid,
          node: process.execPath
        }),
        platform
      ])
    )
  return { directory, project, store, layer }
})
