/**
 * What a client has not been shown, beside refusals, and while nobody has the pool.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, References } from "effect"
import { PoolLost } from "../../src/domain/EnvironmentFailure.ts"
import { fail } from "../../src/domain/Failure.ts"
import { PoolEvent } from "../../src/domain/PoolEvent.ts"
import { NotFound } from "../../src/domain/RequestFailure.ts"
import { makeUnseen } from "../../src/mcp/Unseen.ts"
import { pass } from "../support/Time.ts"
import { connectTasks } from "./ModernClient.ts"
import { makeInbox } from "./ScriptedInbox.ts"
import { callTool, connectClient, scriptedPool, taskId, textOf } from "./ScriptedPool.ts"

const [a, b, c] = [taskId(1), taskId(2), taskId(3)]

describe("unseen tasks", () => {
  it.effect("are named beside refusals, in the text: no refusal counts as having shown one", () =>
    Effect.gen(function*() {
      const { script, tell } = yield* makeInbox
      const { client } = yield* connectClient({
        ...script,
        result: () => Effect.die(new Error("a defect")),
        cancel: () => Effect.fail(fail(new NotFound({ id: "t_gone" }))),
        list: () => Effect.succeed({ tasks: [], total: 0 })
      })
      const refused = (name: string, args: Record<string, unknown>) =>
        Effect.map(callTool(client, name, args), (reply) => {
          assert.isTrue(reply.isError)
          return textOf(reply).split("\n")
        })
      assert.lengthOf(yield* refused("pool_list", { limit: "x" }), 1)
      yield* tell(a, b)
      for (const [name, args] of [["pool_list", { limit: "x" }], ["pool_cancel", { ids: [c] }]] as const) {
        const [line, unseen, ...rest] = yield* refused(name, args)
        assert.match(line!, /^\[(INVALID_REQUEST|NOT_FOUND)\] .* Next: .*\.$/)
        assert.deepStrictEqual([unseen, rest], [`unseen: ${a}, ${b}`, []])
      }
      const defect = yield* refused("pool_result", { id: a }).pipe(
        Effect.provideService(References.MinimumLogLevel, "None")
      )
      assert.deepStrictEqual(defect.slice(1), [`unseen: ${a}, ${b}`])
      assert.deepStrictEqual((yield* callTool(client, "pool_list")).structuredContent?.["unseen"], [a, b])
    }))

  it.effect("are named beside the refusal of a call that its client would have kept itself", () =>
    Effect.gen(function*() {
      const { script, tell } = yield* makeInbox
      const { call } = yield* connectTasks({
        ...script,
        submit: () => Effect.fail(fail(new NotFound({ id: "t_gone" }))),
        list: () => Effect.succeed({ tasks: [], total: 0 })
      })
      yield* call("pool_list", {})
      yield* tell(a)
      const { content, isError } = yield* call("pool_run", { prompt: "x" })
      assert.isTrue(isError)
      assert.match(
        JSON.stringify(content),
        new RegExp(`^\\[\\{"type":"text","text":"\\[NOT_FOUND\\] .*\\\\nunseen: ${a}"\\}\\]$`)
      )
    }))

  it.effect("are looked for again once a lost pool is heard of, and not before for a refusal or an acknowledgement", () =>
    Effect.gen(function*() {
      const { asked, happen, put, readers, script, tell } = yield* makeInbox
      const { besideRefusal, show } = yield* Effect.provide(makeUnseen, scriptedPool(script))
      yield* tell(a, b)
      assert.deepStrictEqual(yield* besideRefusal(null), [a, b])
      yield* show([a])
      yield* put(c)
      yield* happen(PoolEvent.cases.Lost.make({}))
      const looks = asked.length
      yield* pass("1 minute")
      assert.deepStrictEqual(yield* besideRefusal(null), [b])
      assert.deepStrictEqual([asked.length, readers.get("coordinator")], [looks, 0])
      yield* happen(PoolEvent.cases.Found.make({}))
      yield* pass("5 seconds")
      assert.strictEqual(readers.get("coordinator"), 3)
      assert.deepStrictEqual(yield* besideRefusal(new PoolLost({ pid: 1, detail: "gone" })), [b])
      assert.deepStrictEqual(yield* besideRefusal(null), [b, c])
    }))
})
