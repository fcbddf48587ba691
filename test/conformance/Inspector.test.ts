/**
 * The protocol's own inspector, on the command line, as a client of the server that is shipped: over stdio, in each era of
 * the protocol that it can be told to speak, and over HTTP.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { poolTools } from "../../src/mcp/tools/PoolTools.ts"
import { driveServer } from "../mcp/StdioDriver.ts"
import { Census } from "../support/Census.ts"
import { environmentIn, program } from "../support/Program.ts"
import { inspector } from "./Clients.ts"

/** What it answers with; any other end than a good one fails. */
const asked = Effect.fnUntraced(function*(home: string, args: ReadonlyArray<string>, server?: ReadonlyArray<string>) {
  const target = server ?? [process.execPath, ...program(home, ["mcp", "--in-process"])]
  const { code, stderr, stdout } = yield* inspector(home, args, target)
  assert.strictEqual(code, 0, `${args.join(" ")}: ${stderr}`)
  return JSON.parse(stdout) as Record<string, unknown>
})

const namesIn = (listed: Record<string, unknown>, of: string): ReadonlyArray<string> =>
  (listed[of] as ReadonlyArray<{ readonly name: string }>).map(({ name }) => name)

const era = (name: string, ...args: ReadonlyArray<string>) => ["--protocol-era", name, ...args]

const status = ["--method", "tools/call", "--tool-name", "pool_status", "--format", "json"]

describe("the inspector", () => {
  for (const name of ["legacy", "auto", "modern"]) {
    it.live(`speaks ${name} with the server on stdio`, () =>
      Effect.gen(function*() {
        const home = yield* Census.directory("inspector-")
        const { capabilities, instructions, serverInfo } = yield* asked(home, era(name, "--method", "initialize"))
        assert.deepInclude(serverInfo, { name: "claude-pool" })
        assert.containsAllKeys(capabilities, ["tools", "resources", "prompts"])
        assert.isNotEmpty(instructions)
        const { result } = yield* asked(home, era(name, ...status))
        assert.nestedProperty(result, "structuredContent.slots.idle")
      }).pipe(Effect.scoped))
  }

  it.live("has nothing to say against the tools, which are the same every time", () =>
    Effect.gen(function*() {
      const home = yield* Census.directory("inspector-")
      const [one, other] = yield* Effect.replicateEffect(asked(home, ["--method", "tools/list", "--strict"]), 2)
      assert.deepStrictEqual(namesIn(one!, "tools"), poolTools(["default"]).map(({ name }) => name))
      assert.lengthOf(namesIn(one!, "tools"), 16)
      assert.strictEqual(JSON.stringify(one), JSON.stringify(other))
    }).pipe(Effect.scoped))

  it.live("reads resources and prompts", () =>
    Effect.gen(function*() {
      const home = yield* Census.directory("inspector-")
      assert.include(namesIn(yield* asked(home, ["--method", "prompts/list"]), "prompts"), "status")
      const { messages } = yield* asked(home, ["--method", "prompts/get", "--prompt-name", "status"])
      assert.isNotEmpty(messages)
      const { resources } = yield* asked(home, ["--method", "resources/list"])
      assert.include((resources as ReadonlyArray<{ readonly uri: string }>).map(({ uri }) => uri), "pool://status")
      const { contents } = yield* asked(home, ["--method", "resources/read", "--uri", "pool://status"])
      assert.nestedPropertyVal(contents, "[0].uri", "pool://status")
    }).pipe(Effect.scoped))

  it.live("calls a tool over HTTP, with the token", () =>
    Effect.gen(function*() {
      const home = yield* Census.directory("inspector-")
      const flags = ["mcp", "--http", "--port", "0"]
      const server = yield* driveServer(program(home, flags), { cwd: home, env: environmentIn(home) })
      const [, port] = yield* server.said(/:(\d+)\/mcp\n[^]*claude mcp add/)
      const token = readFileSync(join(home, ".config", "claude-pool", "http-token"), "utf8").trim()
      const there = ["--transport", "http", "--server-url", `http://127.0.0.1:${port}/mcp`]
      const { result } = yield* asked(home, [...there, "--header", `Authorization: Bearer ${token}`, ...status], [])
      assert.nestedProperty(result, "structuredContent.slots.idle")
      yield* server.signal("SIGTERM")
      yield* server.ended
    }).pipe(Effect.scoped))
})
