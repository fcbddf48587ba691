/**
 * A login that is lost and comes back, with real processes of the simulator: the tasks wait, over the end of their pool
 * too; and who waits for one task is told at once.
 */
import { assert, describe, it } from "@effect/vitest"
import { Array, Context, Duration, Effect, Fiber, Layer, type Scope, Stream } from "effect"
import { TestClock } from "effect/testing"
import type { Failure } from "../src/domain/Failure.ts"
import type { PoolMode } from "../src/domain/PoolMode.ts"
import { TaskId } from "../src/domain/TaskId.ts"
import { Pool } from "../src/services/Pool.ts"
import { wholeProgram } from "./support/WholeProgram.ts"

const make = Effect.gen(function*() {
  const { layer } = yield* wholeProgram("login-lost-")

  /** `playing`: what holds for each process. */
  const open = (mode: PoolMode, playing = ""): Effect.Effect<Pool["Service"], Failure, Scope.Scope> =>
    Effect.map(
      Layer.build(layer(mode, { slots: 1 }, { CLAUDE_POOL_SIMULATOR: playing })),
      (all) => Context.get(all, Pool)
    )
  return { open }
})

const held = (pool: Pool["Service"]) =>
  pool.events.pipe(
    Stream.filter(({ _tag }) => _tag === "Held"),
    Stream.runHead,
    Effect.forkScoped({ startImmediately: true })
  )

/** Tasks that the provider refuses so many times, whichever of them asks. */
const submitted = (pool: Pool["Service"], prefix: string) =>
  Effect.forEach(
    Array.range(1, 3),
    (n) => Effect.map(pool.submit({ prompt: `${prefix} [[say:answer ${n}]]` }), ({ id }) => TaskId.make(id))
  )

const answers = ["answer 1", "answer 2", "answer 3"]

describe("a login that is lost", () => {
  it.effect("is waited for, and all is done when it is back", () =>
    Effect.gen(function*() {
      const { open } = yield* make
      const pool = yield* open("host")
      const isHeld = yield* held(pool)
      const ids = yield* submitted(pool, "[[fail:1,error=401,key=login]]")
      yield* Fiber.join(isHeld)
      const { holds, tasks } = yield* pool.status
      assert.deepStrictEqual(holds?.map(({ cause }) => cause), ["login"])
      assert.strictEqual(tasks.failed, 0)
      yield* TestClock.adjust("15 seconds")
      const waited = yield* pool.wait({ ids, mode: "all", timeout: Duration.days(1) })
      assert.deepStrictEqual(waited.done.map(({ summary }) => summary ?? "").toSorted(), answers)
      const attempts = waited.done.map((task) => task.attempts)
      assert.deepStrictEqual(attempts.toSorted(), [1, 1, 2])
      assert.isUndefined((yield* pool.status).holds)
    }))

  it.live("is waited for over the end of the pool", () =>
    Effect.gen(function*() {
      const { open } = yield* make
      const ids = yield* Effect.scoped(Effect.gen(function*() {
        const pool = yield* open("host", "[[not-logged-in]]")
        const isHeld = yield* held(pool)
        const all = yield* submitted(pool, "")
        yield* Fiber.join(isHeld)
        return all
      }))
      const pool = yield* open("host")
      const { done } = yield* pool.wait({ ids, mode: "all", timeout: Duration.days(1) })
      assert.deepStrictEqual(done.map(({ summary }) => summary ?? "").toSorted(), answers)
    }))

  it.live("fails at once what a person waits for, and starts no process for the rest", () =>
    Effect.gen(function*() {
      const { open } = yield* make
      const pool = yield* open("batch", "[[not-logged-in]]")
      const ids = yield* submitted(pool, "")
      const { done } = yield* pool.wait({ ids, mode: "all", timeout: Duration.days(1) })
      assert.deepStrictEqual(done.map(({ error }) => error?.code), Array.replicate("NotLoggedIn", 3))
      assert.strictEqual(done.filter(({ attempts }) => attempts > 0).length, 1)
    }))
})
