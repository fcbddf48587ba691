/**
 * Resources and prompts of the server as people run it, over the simulator.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { compileCache } from "../support/CompileCache.ts"
import { temporary } from "../support/Simulated.ts"
import { call, driveServer, initialize, type Message } from "./StdioDriver.ts"

const command = fileURLToPath(new URL("../../dist/claude-pool.js", import.meta.url))

const ask = (id: number, method: string, params: Record<string, unknown>): Message => ({
  jsonrpc: "2.0",
  id,
  method,
  params
})

const textIn = ({ result }: Message): string => {
  const contents = result?.["contents"] as ReadonlyArray<{ readonly text: string }> | undefined
  return contents?.[0]?.text ?? assert.fail("nothing was read")
}

describe("claude-pool mcp", () => {
  it.live("tells of a change, and shows what it came to", () =>
    Effect.gen(function*() {
      const directory = yield* temporary
      const driver = yield* driveServer(
        [command, "mcp", "--in-process", "--simulate", "--store", join(directory, "store"), "--slots", "3"],
        {
          cwd: directory,
          env: { PATH: "/usr/local/bin:/usr/bin:/bin", HOME: directory, TMPDIR: directory, ...compileCache }
        }
      )
      yield* driver.send(...initialize)
      yield* driver.reply(0)
      yield* driver.send(ask(1, "resources/subscribe", { uri: "pool://status" }))
      yield* driver.reply(1)
      yield* driver.send(call(2, "pool_run", { prompt: "[[say:rust never sleeps]]", name: "rust" }))
      const { result } = yield* driver.reply(2)
      const { id = "" } = (result?.["structuredContent"] ?? {}) as { readonly id?: string }
      yield* driver.next(({ method, params }) =>
        method === "notifications/resources/updated" && params?.["uri"] === "pool://status"
      )
      yield* driver.next(({ method }) => method === "notifications/resources/list_changed")
      yield* driver.send(
        ask(3, "resources/read", { uri: `pool://tasks/${id}/output` }),
        ask(4, "resources/read", { uri: "pool://config" }),
        ask(5, "resources/list", {}),
        ask(6, "prompts/get", { name: "retro" }),
        ask(7, "resources/read", { uri: "pool://tasks/t_0000000000000000" })
      )
      assert.match(textIn(yield* driver.reply(3)), /\nrust never sleeps\n<\/worker-output \w+>$/)
      assert.include(textIn(yield* driver.reply(4)), `"slots":{"value":3,"origin":"flag --slots"}`)
      assert.include(JSON.stringify((yield* driver.reply(5)).result), `Task ${id}: rust`)
      assert.include(JSON.stringify((yield* driver.reply(6)).result), "\\\"tasks\\\":1")
      assert.strictEqual((yield* driver.reply(7)).error?.code, -32_002)
      yield* driver.hangUp
      assert.strictEqual(yield* driver.ended, 0)
    }))
})
