/**
 * A store that was opened for reading: whatever would change it is refused, and names who may.
 */
import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect, FileSystem, Path, Result } from "effect"
import { PoolEvent } from "../src/domain/PoolEvent.ts"
import * as StoreDirectory from "../src/layers/StoreDirectory.ts"
import { Store } from "../src/services/Store.ts"
import { sampleChain, sampleGroup, sampleMembers } from "./support/SampleGroup.ts"
import { at, sampleId, sampleTask, started } from "./support/SampleTask.ts"

const [group, chain] = [sampleGroup(1, 2), sampleChain(1)]
const event = PoolEvent.cases.GroupFinished.make({ id: group.id, state: "Done" })
const entry = { scope: "pool", key: "a", value: "b", setAt: at(1) } as const

const writes = (store: Store["Service"]) => [
  store.accept(sampleTask(3)),
  store.commit(started(sampleTask(1))),
  store.groups.accept(group, sampleMembers(group, 1)),
  store.groups.commit({ group: Result.getOrThrow(group.complete(at(1))), event }),
  store.chains.accept(chain),
  store.chains.commit({ chain: Result.getOrThrow(chain.complete(at(1))), event }),
  store.chains.forget(chain.id, ["one"]),
  store.context.set(entry),
  store.context.delete("pool", "a"),
  store.messages.send([]),
  store.messages.settle([1], { _tag: "Expired", at: at(1) }),
  store.readers.acknowledge("anyone", 1)
]

layer(NodeServices.layer, { excludeTestServices: true })("a store opened for reading", (it) => {
  it.effect("shows groups, chains and context of the owner, and refuses every write", () =>
    Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      const path = yield* Path.Path
      const directory = path.join(yield* fs.makeTempDirectoryScoped(), ".claude-pool")

      const beside = Effect.gen(function*() {
        const store = yield* Store
        for (const write of writes(store)) {
          const refused = yield* Effect.flip(Effect.asVoid(write))
          assert.strictEqual(refused._tag === "Failure" ? refused.reason._tag : refused._tag, "StoreOwned")
        }
        assert.strictEqual((yield* store.groups.members(group.id, { from: 0, limit: 9 })).length, 2)
        assert.deepStrictEqual(yield* store.groups.open, [group])
        assert.deepStrictEqual(yield* store.chains.open, [chain])
        assert.deepStrictEqual(yield* store.context.list("pool"), [entry])
        assert.deepStrictEqual((yield* store.list({ limit: 9 })).tasks.map(({ id }) => id), [2, 1].map(sampleId))
      }).pipe(Effect.provide(StoreDirectory.layerReader({ directory })))

      yield* Effect.gen(function*() {
        const owner = yield* Store
        yield* owner.groups.accept(group, sampleMembers(group, 1))
        yield* owner.chains.accept(chain)
        yield* owner.context.set(entry)
        yield* beside
      }).pipe(Effect.provide(StoreDirectory.layer({ directory, owner: "test" })))
    }))
})
