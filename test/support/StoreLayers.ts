/**
 * The layers of the store, each of which keeps the whole contract. A new one is one more line here.
 */
import { NodeServices } from "@effect/platform-node"
import { describe, it } from "@effect/vitest"
import { Effect, FileSystem, Layer } from "effect"
import type { Failure } from "../../src/domain/Failure.ts"
import * as StoreDirectory from "../../src/layers/StoreDirectory.ts"
import type { Store } from "../../src/services/Store.ts"

type StoreLayer = Layer.Layer<Store, Failure>

/** A test over a store of its own. */
type Test = <A, E>(name: string, body: Effect.Effect<A, E, Store>) => void

const inTempDirectory: StoreLayer = Layer.unwrap(Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  const directory = yield* Effect.orDie(fs.makeTempDirectoryScoped())
  return StoreDirectory.layer({ directory, owner: "test" })
})).pipe(Layer.provide(NodeServices.layer))

const layers: Record<string, StoreLayer> = {
  "in memory": StoreDirectory.layerMemory,
  "in a directory": inTempDirectory
}

export const onEachStore = (name: string, suite: (test: Test, layer: StoreLayer) => void): void => {
  for (const [where, layer] of Object.entries(layers)) {
    describe(`${name} ${where}`, () => {
      suite((name, body) => it.effect(name, () => Effect.provide(body, layer)), layer)
    })
  }
}
