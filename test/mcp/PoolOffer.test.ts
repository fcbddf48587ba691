/**
 * What a server offers: only looking where that is said, and old names that are still answered.
 */
import { assert, describe, it } from "@effect/vitest"
import { ErrorCode } from "@modelcontextprotocol/sdk/types.js"
import { Effect, Ref } from "effect"
import { Toolset } from "../../src/domain/Toolset.ts"
import { readOnlyInstructions } from "../../src/mcp/Instructions.ts"
import { poolAliases } from "../../src/mcp/tools/PoolAliases.ts"
import { poolTools } from "../../src/mcp/tools/PoolTools.ts"
import type { Pool } from "../../src/services/Pool.ts"
import { answerOf, callTool, connectClient, type PoolScript, queuedTask, taskId, textOf } from "./ScriptedPool.ts"

const id = taskId(1)

const allSets = { toolsets: Toolset.literals }

describe("a server that may only look", () => {
  it.effect("offers no tool that changes anything, whichever sets were asked for, and says so", () =>
    Effect.gen(function*() {
      const { client } = yield* connectClient({}, { ...allSets, offer: { readOnly: true } })
      const { tools } = yield* Effect.promise(() => client.listTools())
      assert.deepStrictEqual(tools.map(({ name }) => name), [
        "pool_wait",
        "pool_result",
        "pool_chain_result",
        "pool_output",
        "pool_list",
        "pool_status"
      ])
      assert.isTrue(tools.every(({ annotations }) => annotations?.readOnlyHint === true))
      assert.strictEqual(client.getInstructions(), readOnlyInstructions)
      const offered = new Set(tools.map(({ name }) => name))
      const named = readOnlyInstructions.match(/pool_[a-z_]+/g) ?? []
      assert.deepStrictEqual(named.filter((name) => !offered.has(name)), [])
      assert.isAtMost(readOnlyInstructions.length, 2000)
    }))

  it.effect("knows none of the others, under no name", () =>
    Effect.gen(function*() {
      const { client } = yield* connectClient({}, { ...allSets, offer: { readOnly: true } })
      for (const name of ["pool_run", "pool_cancel", "pool_context", "context_get", "pool_broadcast"]) {
        const error = yield* Effect.flip(Effect.tryPromise({
          try: () => client.callTool({ name, arguments: {} }),
          catch: (cause) => cause as { readonly code: number }
        }))
        assert.strictEqual(error.code, ErrorCode.InvalidParams, name)
      }
    }))
})

describe("an old name", () => {
  /** Which call of the pool a tool call came to, with what. */
  const came = (name: string, args: Record<string, unknown>, calls: ReadonlyArray<keyof Pool["Service"]>) =>
    Effect.gen(function*() {
      const asked = yield* Ref.make<ReadonlyArray<unknown>>([])
      const script = Object.fromEntries(calls.map((call) => [
        call,
        (...values: ReadonlyArray<unknown>) =>
          Effect.andThen(Ref.set(asked, [call, ...values]), Effect.die(new Error("enough")))
      ]))
      yield* answerOf(script as PoolScript, name, args, allSets)
      return yield* Ref.get(asked)
    })

  it.effect("is answered as the tool that does the same now", () =>
    Effect.gen(function*() {
      const reached = [
        yield* came("pool_cancel_chain", { task_id: "c_0000000000000001" }, ["cancel"]),
        yield* came("pool_list_tasks", {}, ["list"]),
        yield* came("pool_find_slots", { role: "reviewer" }, ["slots"]),
        yield* came("pool_configure_slot", { slot_id: "slot-2", role: "reviewer" }, ["configureSlot"]),
        yield* came("context_set", { key: "tone", value: "dry" }, ["setContext"]),
        yield* came("pool_get_context", { key: "tone" }, ["getContext"]),
        yield* came("context_delete", { key: "tone" }, ["deleteContext"]),
        yield* came("pool_list_context", {}, ["listContext"]),
        yield* came("pool_broadcast", { from: "me", content: "hi" }, ["sendMessage"]),
        yield* came("pool_send_message", { from: "me", to: "slot-2", content: "hi" }, ["sendMessage"]),
        yield* came("pool_scale_up", { count: 2 }, ["scaleUp"]),
        yield* came("pool_scale_down", { count: 2 }, ["scaleDown"]),
        yield* came("pool_set_target_slots", { target: 4 }, ["setTargetSlots"]),
        yield* came("pool_auto_with_hints", { prompt: "x", prefer: "prefer_chain", max_parallel: 3 }, ["auto"])
      ]
      assert.deepStrictEqual(reached, [
        ["cancel", ["c_0000000000000001"], ""],
        ["list", { limit: 20 }],
        ["slots", { role: "reviewer" }],
        ["configureSlot", 2, { role: "reviewer" }],
        ["setContext", "pool", "tone", "dry"],
        ["getContext", "pool", "tone"],
        ["deleteContext", "pool", "tone"],
        ["listContext", "pool"],
        ["sendMessage", { _tag: "All" }, "hi"],
        ["sendMessage", { _tag: "Slot", slot: 2 }, "hi"],
        ["scaleUp", 2],
        ["scaleDown", 2],
        ["setTargetSlots", 4],
        ["auto", "x", { options: {}, hints: { prefer: "chain", maxParallel: 3 } }]
      ])
    }))

  it.effect("is listed nowhere, and what is wrong with its arguments is told as of the new one", () =>
    Effect.gen(function*() {
      const tools = new Set(poolTools(Toolset.literals).map(({ name }) => name))
      assert.deepStrictEqual(poolAliases.filter(({ name, tool }) => tools.has(name) || !tools.has(tool)), [])
      const { client } = yield* connectClient({ list: () => Effect.succeed({ tasks: [queuedTask(id)], total: 1 }) })
      const wrong = yield* callTool(client, "pool_list_tasks", { limit: 0, colour: "red" })
      assert.match(textOf(wrong), /colour: .*limit: .*correct the arguments of pool_list and/)
      const { structuredContent } = yield* callTool(client, "pool_list_tasks")
      assert.deepInclude(structuredContent, { total: 1 })
    }))
})
