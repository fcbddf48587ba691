/**
 * Coordinators whose pool is the host's: it outlives their sessions, and they outlive it.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import type { PoolStatus } from "../../src/domain/PoolView.ts"
import { Hosted } from "../support/Hosted.ts"
import { prompted } from "../support/Program.ts"
import { submit, waited } from "./HandedIn.ts"
import { call } from "./StdioDriver.ts"

describe("coordinators with one host", () => {
  it.live("see the same pool, with one budget, and leave their tasks to it however they end", () =>
    Effect.gen(function*() {
      const hosted = yield* Hosted.make("mcp-host-")
      const { directory, json, note } = hosted
      const first = yield* hosted.serve("--slots", "3", "--pool-budget-usd", "20")
      const second = yield* hosted.serve()
      const third = yield* hosted.serve()
      const { pid } = note()
      const ids = [
        yield* submit(first, 1, "one [[await:file]] [[say:first answer]]"),
        yield* submit(second, 1, "two [[await:file]] [[say:second answer]]")
      ]
      // One that waits in the middle of a call when it is killed.
      yield* third.send(call(1, "pool_run", { prompt: "three [[await:file]] [[say:third answer]]" }))
      yield* prompted(directory, 3)
      yield* first.hangUp
      yield* second.signal("SIGKILL")
      yield* third.signal("SIGKILL")
      assert.deepStrictEqual(yield* Effect.all([first.ended, second.ended, third.ended]), [0, "SIGKILL", "SIGKILL"])
      assert.strictEqual(yield* first.stderr, "")

      const next = yield* hosted.serve()
      const { budget, host, tasks } = yield* json<PoolStatus>(["status"])
      assert.deepStrictEqual([host?.pid, tasks.running, budget.cap_usd], [pid, 3, 20])
      writeFileSync(join(directory, "file"), "")
      const told = yield* waited(next, 1, ids)
      for (const answer of ["first answer", "second answer"]) assert.include(told, answer)
      assert.strictEqual((yield* json<{ readonly done: ReadonlyArray<object> }>(["wait"])).done.length <= 1, true)
      assert.strictEqual((yield* json<PoolStatus>(["status"])).tasks.done, 3)
      yield* next.hangUp
      assert.strictEqual(yield* next.ended, 0)
      assert.strictEqual(note().pid, pid)
    }).pipe(Effect.scoped))
})
