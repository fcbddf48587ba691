/**
 * What a client is told of each tool, kept as a file per tool, and what that costs the model.
 */
import { assert, describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { Toolset } from "../../src/domain/Toolset.ts"
import { instructions } from "../../src/mcp/Instructions.ts"
import { poolTools } from "../../src/mcp/tools/PoolTools.ts"
import { connectClient } from "./ScriptedPool.ts"

/**
 * Tokens that a tool costs, estimated without a tokenizer: a model sees name, description and input schema, and JSON of
 * this kind has four characters or more to a token. Three and a half errs on the safe side.
 */
const estimateTokens = (value: unknown): number => Math.ceil(JSON.stringify(value).length / 3.5)

const listed = Effect.gen(function*() {
  const { client } = yield* connectClient({})
  const { tools } = yield* Effect.promise(() => client.listTools())
  return { tools, client }
})

describe("the tools", () => {
  it.effect("are what the snapshots say", () =>
    Effect.gen(function*() {
      const { tools } = yield* listed
      assert.deepStrictEqual(tools.map(({ name }) => name), [
        "pool_run",
        "pool_submit",
        "pool_fan_out",
        "pool_chain",
        "pool_submit_chain",
        "pool_auto",
        "pool_submit_with_review",
        "pool_wait",
        "pool_result",
        "pool_chain_result",
        "pool_output",
        "pool_approve_result",
        "pool_reject_result",
        "pool_cancel",
        "pool_list",
        "pool_status"
      ])
      const { client } = yield* connectClient({}, { toolsets: Toolset.literals })
      const all = yield* Effect.promise(() => client.listTools())
      assert.deepStrictEqual(all.tools.map(({ name }) => name), poolTools(Toolset.literals).map(({ name }) => name))
      for (const tool of all.tools) {
        yield* Effect.promise(() =>
          expect(`${JSON.stringify(tool, null, 2)}\n`).toMatchFileSnapshot(`snapshots/${tool.name}.json`)
        )
      }
    }))

  it.effect("cost the model no more than they may", () =>
    Effect.gen(function*() {
      const { tools } = yield* listed
      const costs = tools.map(({ description, inputSchema, name }) => ({
        name,
        tokens: estimateTokens({ name, description, input_schema: inputSchema })
      }))
      const total = costs.reduce((sum, { tokens }) => sum + tokens, 0)
      const report = [...costs, { name: "total", tokens: total }].map(({ name, tokens }) => `${name} ${tokens}`)
      assert.deepStrictEqual(costs.filter(({ tokens }) => tokens > 300), [], report.join(", "))
      assert.isAtMost(total, 2500, report.join(", "))
      yield* Effect.promise(() => expect(`${report.join("\n")}\n`).toMatchFileSnapshot("snapshots/tokens.txt"))
    }))

  it.effect("state every hint, say when to use them, and are closed objects", () =>
    Effect.gen(function*() {
      const { tools } = yield* listed
      for (const { annotations, description, inputSchema } of tools) {
        assert.hasAllKeys(annotations, ["readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"])
        assert.match(description ?? "", /^Use /)
        assert.isAtMost(description!.length, 300)
        assert.strictEqual(inputSchema["additionalProperties"], false)
        assert.notMatch(JSON.stringify(inputSchema), /"\$ref"|"\$schema"|"title"|"\$id"|"default"/)
      }
      assert.deepStrictEqual(tools.find(({ name }) => name === "pool_status")?.inputSchema, {
        type: "object",
        properties: {},
        additionalProperties: false
      })
    }))

  it.effect("come with short instructions and no capability that does not work", () =>
    Effect.gen(function*() {
      const { client } = yield* listed
      assert.strictEqual(client.getInstructions(), instructions)
      assert.isAtMost(instructions.length, 2000)
      for (const word of ["parallel", "background", "workers", "fan out", "chain", "review"]) {
        assert.include(instructions.split("\n")[0], word)
      }
      const named = new Set(instructions.match(/pool_[a-z_]+/g))
      const offered = new Set(poolTools(Toolset.literals).map(({ name }) => name))
      assert.deepStrictEqual([...named].filter((name) => !offered.has(name)), [])
      for (const name of ["pool_fan_out", "pool_chain", "pool_auto", "pool_submit_with_review"]) {
        assert.isTrue(named.has(name), name)
      }
      assert.deepStrictEqual(client.getServerCapabilities(), {
        tools: {},
        logging: {},
        resources: { subscribe: true, listChanged: true },
        prompts: {},
        completions: {}
      })
      assert.deepStrictEqual(yield* Effect.promise(() => client.ping()), {})
    }))
})
