/**
 * The protocol's own conformance suite, over HTTP: on what it wants to be offered, and on the server as it is shipped.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { listen } from "../../src/layers/McpHttp.ts"
import { knownRandom, scriptedPool } from "../mcp/ScriptedPool.ts"
import { driveServer } from "../mcp/StdioDriver.ts"
import { Census } from "../support/Census.ts"
import { environmentIn, program } from "../support/Program.ts"
import { type ClientRun, conformance } from "./Clients.ts"
import { fixture } from "./Fixture.ts"
import { tokenProxy } from "./TokenProxy.ts"

const baseline = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

const assertPassed = ({ code, stderr, stdout }: ClientRun) =>
  assert.strictEqual(code, 0, `${stdout.slice(-6000)}\n${stderr.slice(-2000)}`)

/** What fails of that which the suite runs without counting it. */
const unscored = ({ stdout }: ClientRun): ReadonlyArray<string> =>
  [...stdout.matchAll(/^✗ ((?:tasks|http|json)-\S+):/gm)].map(([, name]) => name!)

/** Of the extension for tasks, and of what is optional: with the reason why not. */
const notOffered = {
  "tasks-required-task-error": "no tool needs a client that keeps tasks: for any other it waits itself",
  "tasks-mrtr-composition": "what is handed in is accepted at once: questions come while it is kept, not before",
  "http-custom-header-server-validation": "no tool wants its arguments in headers"
}

describe("the conformance suite", () => {
  it.live("finds nothing amiss in what 2025-11-25 requires", () =>
    Effect.gen(function*() {
      const home = yield* Census.directory("conformance-")
      const { url } = yield* listen({ offer: fixture, version: "0.0.0-test", port: 0, token: null })
      const run = yield* conformance(home, url, "--requirements", "2025-11-25")
      assertPassed(run)
      assert.match(run.stdout, /Not scored for 2025-11-25: 3 scenario\(s\) run, 0 failing/)
    }).pipe(Effect.scoped, Effect.provide([scriptedPool({}), knownRandom])))

  it.live("finds nothing amiss in what 2026-07-28 requires, but what its baseline names, nor in tasks", () =>
    Effect.gen(function*() {
      const home = yield* Census.directory("conformance-")
      const { url } = yield* listen({ offer: fixture, version: "0.0.0-test", port: 0, token: null })
      const expected = ["--expected-failures", baseline("modern.yml")]
      const run = yield* conformance(home, url, "--requirements", "2026-07-28", ...expected)
      assertPassed(run)
      assert.deepStrictEqual(unscored(run), Object.keys(notOffered))
    }).pipe(Effect.scoped, Effect.provide([scriptedPool({}), knownRandom])))

  it.live("finds nothing amiss in the server that is shipped, but that the suite's own things are not there", () =>
    Effect.gen(function*() {
      const home = yield* Census.directory("conformance-")
      const server = yield* driveServer(program(home, ["mcp", "--http", "--port", "0"]), {
        cwd: home,
        env: environmentIn(home)
      })
      const [, port] = yield* server.said(/:(\d+)\/mcp\n[^]*claude mcp add/)
      const token = readFileSync(join(home, ".config", "claude-pool", "http-token"), "utf8").trim()
      const url = yield* tokenProxy(Number(port), token)
      assertPassed(
        yield* conformance(home, url, "--requirements", "2025-11-25", "--expected-failures", baseline("shipped.yml"))
      )
      yield* server.signal("SIGTERM")
      yield* server.ended
    }).pipe(Effect.scoped))
})
