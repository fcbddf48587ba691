/**
 * Slots that are scaled over real processes: the simulator, as workers of a pool with its store and directories on disk.
 */
import { assert, describe, it } from "@effect/vitest"
import { Context, Duration, Effect, Fiber, Layer, Stream } from "effect"
import { existsSync, readdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { PoolEvent } from "../src/domain/PoolEvent.ts"
import { TaskId } from "../src/domain/TaskId.ts"
import { Pool } from "../src/services/Pool.ts"
import { wholeProgram } from "./support/WholeProgram.ts"

/** A pool in a directory of its own. */
const open = Effect.gen(function*() {
  const { directory, layer, project, store } = yield* wholeProgram("slot-processes-")
  const settings = { slots: 2, maxSlots: 8, hotSpares: true, shutdownGrace: Duration.seconds(10) }
  const pool = Context.get(yield* Layer.build(layer("host", settings)), Pool)
  const slotHomes = () => readdirSync(join(store, "slots")).toSorted()
  return { directory, project, pool, slotHomes }
})

/** Waits for an event, from the moment on in which this is run. */
const when = (pool: Pool["Service"], fits: (event: PoolEvent) => boolean) =>
  pool.events.pipe(Stream.filter(fits), Stream.take(1), Stream.runDrain, Effect.forkChild({ startImmediately: true }))

/** Looks until it is so: for what no event tells. Other processes get on in between. */
const until = <E>(look: Effect.Effect<boolean, E>) =>
  Effect.repeat(Effect.tap(look, () => breathe), { until: (enough) => enough })

const breathe = Effect.callback<void>((resume) => {
  const handle = setImmediate(() => resume(Effect.void))
  return Effect.sync(() => clearImmediate(handle))
})

describe("slots over real processes", () => {
  it.live("that are scaled down while they are busy let their tasks finish, with their directories under them", () =>
    Effect.gen(function*() {
      const { pool, project, slotHomes } = yield* open
      const gate = join(project, "gate")
      const started = yield* when(pool, ({ _tag }) => _tag === "Started")
      // What the worker leaves in the directory of its slot is there to its end.
      const prompt =
        `[[bash:touch "$CLAUDE_CONFIG_DIR/mine"]][[await:${gate}]][[bash:test -e "$CLAUDE_CONFIG_DIR/mine" && echo kept > ${
          join(project, "proof")
        }]][[say:done]]`
      const ids = yield* Effect.forEach(
        [prompt, prompt],
        (each) => Effect.map(pool.submit({ prompt: each, permissions: "full" }), ({ id }) => TaskId.make(id))
      )
      yield* Fiber.await(started)
      yield* until(Effect.map(pool.status, ({ running }) => running.length === 2))
      const { draining } = yield* pool.setTargetSlots(1)
      assert.deepStrictEqual(draining, ["slot-2"])
      assert.deepStrictEqual(slotHomes(), ["slot-1", "slot-2"])
      writeFileSync(gate, "")
      const { done } = yield* pool.wait({ ids, mode: "all", timeout: Duration.minutes(1) })
      assert.deepStrictEqual(done.map(({ state, summary }) => [state, summary]), [["done", "done"], ["done", "done"]])
      assert.isTrue(existsSync(join(project, "proof")))
      yield* until(Effect.map(pool.slots(), ({ slots }) => slots.length === 1))
      yield* until(Effect.sync(() => slotHomes().length === 1))
      assert.deepStrictEqual(slotHomes(), ["slot-1"])
    }).pipe(Effect.scoped))

  it.live("go down to one and up to eight under load, and lose no task", () =>
    Effect.gen(function*() {
      const { pool, slotHomes } = yield* open
      const finished = yield* when(pool, ({ _tag }) => _tag === "Finished")
      const ids = yield* Effect.forEach(
        Array.from({ length: 24 }, (_, n) => n),
        (n) => Effect.map(pool.submit({ prompt: `[[say:${n}]]` }), ({ id }) => TaskId.make(id))
      )
      yield* pool.setTargetSlots(1)
      yield* Fiber.await(finished)
      assert.strictEqual((yield* pool.setTargetSlots(8)).target, 8)
      const { done } = yield* pool.wait({ ids, mode: "all", timeout: Duration.minutes(2) })
      assert.deepStrictEqual(done.filter(({ state }) => state !== "done"), [])
      assert.deepStrictEqual(done.map(({ summary }) => Number(summary)).toSorted((one, other) => one - other), [
        ...ids.keys()
      ])
      assert.strictEqual((yield* pool.slots()).target, 8)
      // The tasks may be done before the last of the slots is open.
      yield* until(Effect.sync(() => slotHomes().length === 8))
    }).pipe(Effect.scoped))
})
