/**
 * One owner at a time, whatever end the last one came to.
 */
import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Array, Effect, Layer, Stream } from "effect"
import { ChildProcess } from "effect/process"
import * as StoreDirectory from "../src/layers/StoreDirectory.ts"
import { Store } from "../src/services/Store.ts"
import { Census } from "./support/Census.ts"
import { sampleTask } from "./support/SampleTask.ts"

const ownerScript = new URL("support/own-store.ts", import.meta.url).pathname

/** A process that asks for the store: what it says first, or nothing where it is refused. */
const contender = Effect.fnUntraced(function*(directory: string) {
  const handle = yield* ChildProcess.make(process.execPath, [ownerScript, directory], { extendEnv: true })
  const said = handle.stdout.pipe(
    Stream.decodeText,
    Stream.splitLines,
    Stream.takeUntil((line) => line === "owned"),
    Stream.runCollect
  )
  return { handle, owns: Effect.map(said, (lines) => lines.includes("owned")) }
})

layer(NodeServices.layer, { excludeTestServices: true })("the owner of a store", (it) => {
  it.effect("is one of many that ask at once, and the next one enters when it is killed", () =>
    Effect.gen(function*() {
      const directory = `${yield* Census.directory("owners-")}/store`
      for (let round = 0; round < 4; round++) {
        const all = yield* Effect.forEach(Array.range(1, 3), () => contender(directory), { concurrency: "unbounded" })
        const owning = yield* Effect.forEach(all, ({ owns }) => owns, { concurrency: "unbounded" })
        assert.strictEqual(owning.filter(Boolean).length, 1, `round ${round}`)
        yield* Effect.forEach(all, ({ handle }) => Effect.ignore(handle.kill({ killSignal: "SIGKILL" })))
      }
      yield* Effect.provide(Effect.asVoid(Store), StoreDirectory.layer({ directory, owner: "test" }))
    }).pipe(Effect.scoped))

  it.effect("is never mistaken: those who only look do not keep it out", () =>
    Effect.gen(function*() {
      const directory = `${yield* Census.directory("owners-")}/store`
      const owner = StoreDirectory.layer({ directory, owner: "test" })
      const enter = (number: number) =>
        Effect.provide(Effect.flatMap(Store, (store) => store.accept(sampleTask(number))), Layer.fresh(owner))
      yield* enter(0)
      const looking = Effect.forever(Effect.andThen(StoreDirectory.inspect(directory), Effect.yieldNow))
      yield* Effect.forkScoped(looking)
      for (let round = 1; round <= 100; round++) yield* enter(round)
      const { counts } = yield* StoreDirectory.inspect(directory)
      assert.strictEqual(counts.Queued, 101)
    }).pipe(Effect.scoped))

  it.effect("is told to who comes second, again and again, and nothing of the store is taken", () =>
    Effect.gen(function*() {
      const directory = `${yield* Census.directory("owners-")}/store`
      const owner = StoreDirectory.layer({ directory, owner: "the first" })
      yield* Effect.provide(
        Effect.gen(function*() {
          for (let round = 0; round < 50; round++) {
            const { reason } = yield* Effect.flip(Effect.provide(Store, Layer.fresh(owner)))
            assert.deepInclude(reason, { _tag: "StoreOwned", pid: process.pid, owner: "the first" })
          }
          const store = yield* Store
          yield* store.accept(sampleTask(1))
          const other = yield* contender(directory)
          assert.isFalse(yield* other.owns)
        }),
        owner
      )
    }).pipe(Effect.scoped))
})
