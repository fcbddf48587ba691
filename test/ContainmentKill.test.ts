/**
 * The pool is killed while each of sixteen slots has daemons: nothing of them is left, at every level of containment.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import process from "node:process"
import { call } from "./mcp/StdioDriver.ts"
import { Census } from "./support/Census.ts"
import { childrenOf, fillSlots, gone, levelOf, openPool, reaperOf } from "./support/DaemonPool.ts"

const slots = 16

/** Four daemons, a shell in one of them, and the worker itself. */
const atLeast = slots * 5

const inDirectory = <A, E, R>(body: (directory: string) => Effect.Effect<A, E, R>) =>
  Effect.scoped(Effect.flatMap(Census.directory("contain-"), body))

/** Opens the next pool, and says what it has found and left; it ends in good order. */
const closeInOrder = Effect.fnUntraced(function*(directory: string, options: { readonly isPlain: boolean }) {
  const before = Census.processesOf(directory)
  const next = yield* openPool({ directory, slots: 1, ...options })
  yield* next.send(call(1, "pool_status"))
  yield* next.reply(1)
  // It has begun the task that the killed one did not end: its own worker is not meant.
  const left = Census.processesOf(directory).filter((one) => before.includes(one))
  // Its own slot may be open by now.
  const notes = readdirSync(join(directory, "store", "slots")).filter((name) => name !== "slot-1")
  yield* next.signal("SIGTERM")
  yield* next.ended
  return { left, notes }
})

describe("SIGKILL of a pool with daemons in sixteen slots", () => {
  it.live("leaves nothing at the strongest level that there is here", () =>
    inDirectory(Effect.fnUntraced(function*(directory: string) {
      const pool = yield* openPool({ directory })
      yield* fillSlots(pool, directory)
      assert.include(["pid-namespace", "reaper"], levelOf(pool.pid))
      assert.isAtLeast(Census.processesOf(directory).length, atLeast)
      yield* pool.signal("SIGKILL")
      assert.strictEqual(yield* pool.ended, "SIGKILL")
      assert.deepStrictEqual(yield* Census.survivorsOf(directory), [])
      assert.deepStrictEqual((yield* closeInOrder(directory, { isPlain: false })).notes, [])
    })))

  it.live("leaves nothing with a reaper, and no reaper either", () =>
    inDirectory(Effect.fnUntraced(function*(directory: string) {
      const pool = yield* openPool({ directory, isPlain: true })
      yield* fillSlots(pool, directory)
      assert.strictEqual(levelOf(pool.pid), "reaper")
      const reaper = reaperOf(pool.pid)!
      assert.strictEqual(readFileSync(`/proc/${reaper}/environ`, "utf8"), "")
      for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.kill(reaper, signal)
      yield* pool.signal("SIGKILL")
      yield* pool.ended
      assert.deepStrictEqual(yield* Census.survivorsOf(directory), [])
      yield* gone(reaper)
    })))

  it.live("leaves nothing once the next pool has opened the store, where the reaper was killed too", () =>
    inDirectory(Effect.fnUntraced(function*(directory: string) {
      const pool = yield* openPool({ directory, isPlain: true })
      yield* fillSlots(pool, directory)
      const reaper = reaperOf(pool.pid)!
      process.kill(reaper, "SIGKILL")
      yield* gone(reaper)
      assert.strictEqual(levelOf(pool.pid), "marker-sweep")
      yield* pool.signal("SIGKILL")
      yield* pool.ended
      // Nothing has ended them: else the next line would prove nothing.
      assert.isAtLeast(Census.processesOf(directory).length, atLeast)

      // It has fewer slots, and is held by something stronger.
      const { left, notes } = yield* closeInOrder(directory, { isPlain: false })
      assert.deepStrictEqual({ left, notes }, { left: [], notes: [] })
      assert.deepStrictEqual(readdirSync(directory).filter((name) => name.startsWith("claude-pool-")), [])
    })))

  it.live("touches nothing of the pool beside it", () =>
    inDirectory((one) =>
      inDirectory(Effect.fnUntraced(function*(other: string) {
        const open = (directory: string) =>
          Effect.tap(openPool({ directory, isPlain: true, slots: 4 }), (pool) => fillSlots(pool, directory, 4))
        const killed = yield* open(one)
        const spared = yield* open(other)
        const reaper = reaperOf(killed.pid)!
        // Some are still on their way to what they run.
        const lasting = () =>
          Census.processesOf(other).filter((one) => / sleep 600$|simulator\.js/.test(one))
            .map((one) => Number.parseInt(one, 10))
        const before = lasting()
        yield* killed.signal("SIGKILL")
        yield* killed.ended
        assert.deepStrictEqual(yield* Census.survivorsOf(one), [])
        yield* gone(reaper)
        yield* closeInOrder(one, { isPlain: true })
        assert.includeMembers(lasting(), before)
        yield* spared.signal("SIGKILL")
        yield* spared.ended
        assert.deepStrictEqual(yield* Census.survivorsOf(other), [])
      }))
    ))
})

describe("a pool with a reaper", () => {
  it.live("has one of them, however many slots it has, and takes it with it", () =>
    inDirectory(Effect.fnUntraced(function*(directory: string) {
      const pool = yield* openPool({ directory, isPlain: true, slots: 4 })
      yield* fillSlots(pool, directory, 4)
      const reapers = childrenOf(pool.pid).filter(({ command }) => command.endsWith("/reaper.js"))
      assert.strictEqual(reapers.length, 1)
      yield* pool.signal("SIGTERM")
      yield* pool.ended
      // The pool gives it two seconds, and does not wait for it any longer.
      yield* gone(reapers[0]!.pid)
      assert.deepStrictEqual(Census.processesOf(directory), [])
      assert.deepStrictEqual(readdirSync(join(directory, "store", "slots")), [])
    })))
})
