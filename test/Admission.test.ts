import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TaskId } from "../src/domain/TaskId.ts"
import type { TaskView } from "../src/domain/TaskView.ts"
import { Pool } from "../src/services/Pool.ts"
import { StartedWorkers } from "./support/ScriptedClaude.ts"
import { testPool } from "./support/TestPool.ts"
import { pass } from "./support/Time.ts"

const asId = (view: TaskView) => TaskId.make(view.id)

describe("the door", () => {
  const refused = (request: Parameters<Pool["Service"]["submit"]>[0]) =>
    Effect.map(Effect.flip(Effect.flatMap(Pool, (pool) => pool.submit(request))), ({ reason }) => reason._tag)

  it.effect("takes no request that is wrong, and names all that is wrong", () =>
    Effect.gen(function*() {
      const pool = yield* Pool
      const failure = yield* Effect.flip(pool.submit({ prompt: " ", maxTurns: 0, name: "" }))
      assert.strictEqual(failure.reason._tag, "InvalidRequest")
      assert.strictEqual(failure.exitCode, 2)
      for (const field of ["prompt", "maxTurns", "name"]) assert.include(failure.message, `${field}:`)
      assert.strictEqual(yield* refused({ prompt: "a", cwd: "relative" }), "InvalidRequest")
      assert.strictEqual(yield* refused({ prompt: "a", cwd: "/no/such/directory" }), "InvalidRequest")
      assert.strictEqual(yield* refused({ prompt: "a", schema: { type: "array" } }), "InvalidRequest")
      assert.strictEqual(
        yield* refused({ prompt: "a", continueFrom: TaskId.make("t_0000000000000000") }),
        "NotFound"
      )
    }).pipe(Effect.provide(testPool())))

  it.effect("gives nobody more rights than the pool allows", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* refused({ prompt: "a", permissions: "full" }), "PermissionRefused")
      assert.strictEqual(yield* refused({ prompt: "a", allowedTools: ["Bash"] }), "PermissionRefused")
      assert.strictEqual(yield* refused({ prompt: "a", permissionMode: "bypassPermissions" }), "PermissionRefused")
      assert.strictEqual(yield* refused({ prompt: "a", mcpServers: { x: { command: "y" } } }), "PermissionRefused")
      assert.strictEqual((yield* (yield* Pool).run({ prompt: "a", permissions: "read-only" })).state, "done")
    }).pipe(Effect.provide(testPool({ maxPermissions: "edit" }))))

  it.effect("closes when the queue is full", () =>
    Effect.gen(function*() {
      const pool = yield* Pool
      yield* pool.submit({ prompt: "runs" })
      yield* pass("1 second")
      yield* Effect.forEach(["a", "b"], (prompt) => pool.submit({ prompt }))
      assert.strictEqual(yield* refused({ prompt: "c" }), "QueueFull")
    }).pipe(Effect.provide(testPool({ slots: 1, queueLimit: 2, script: { run: () => Effect.never } }))))

  it.effect("lets a task go on from a finished one, in its directory and its session", () =>
    Effect.gen(function*() {
      const pool = yield* Pool
      const first = asId(yield* pool.run({ prompt: "a", cwd: "/tmp" }))
      yield* pool.run({ prompt: "b", continueFrom: first })
      const launches = (yield* (yield* StartedWorkers).started).map(({ launch }) => [launch.cwd, launch.resume])
      assert.deepStrictEqual(launches, [["/tmp", undefined], ["/tmp", "session-1"]])
    }).pipe(Effect.provide(testPool())))
})
