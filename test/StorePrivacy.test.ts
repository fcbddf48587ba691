/**
 * A store that was not made by a pool here is not run: what waits in it would be somebody else's will.
 */
import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect, FileSystem, Layer, Option, Path } from "effect"
import * as StoreDirectory from "../src/layers/StoreDirectory.ts"
import { Store } from "../src/services/Store.ts"
import { sampleId, sampleTask } from "./support/SampleTask.ts"

layer(NodeServices.layer, { excludeTestServices: true })("a store that others may read", (it) => {
  it.effect("is not run, for it may have come with a repository; made private again, it is", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const path = yield* Path.Path
      const directory = path.join(yield* fs.makeTempDirectoryScoped(), ".claude-pool")
      const database = path.join(directory, "store.db")
      const opened = <A, E>(use: Effect.Effect<A, E, Store>) =>
        Effect.provide(use, Layer.fresh(StoreDirectory.layer({ directory, owner: "test" })))

      yield* opened(Effect.flatMap(Store, (store) => store.accept(sampleTask(1))))
      yield* fs.chmod(database, 0o644)
      const failure = yield* Effect.flip(opened(Effect.asVoid(Store)))
      assert.deepInclude(failure.reason, { _tag: "StoreUnusable", problem: "exposed" })
      assert.include(failure.message, "store.db is not its user's alone (mode 644)")
      assert.strictEqual(failure.exitCode, 6)
      assert.include(failure.hint, `chmod -R go= ${directory}`)

      yield* fs.chmod(database, 0o600)
      const kept = yield* opened(Effect.flatMap(Store, (store) => store.find(sampleId(1))))
      assert.isTrue(Option.isSome(kept))
    }))
})
