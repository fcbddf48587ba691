/**
 * What surrounds a worker: the variables that it sees, the binary that it is, the login that it has.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { readFileSync, statSync } from "node:fs"
import { join } from "node:path"
import { text, toolUse } from "../support/ApiReply.ts"
import { RealPool } from "../support/RealPool.ts"
import { thenText } from "../support/ScriptedApi.ts"

const dump = toolUse("Bash", { command: "env -0 > env", description: "look around" })

/** The variables that a command of the worker's sees. */
const seen = (pool: RealPool): ReadonlyMap<string, string> =>
  new Map(
    readFileSync(join(pool.project, "env"), "utf8").split("\0").filter((entry) => entry !== "").map((entry) => {
      const at = entry.indexOf("=")
      return [entry.slice(0, at), entry.slice(at + 1)] as const
    })
  )

describe("the environment of a worker", () => {
  it.live("has no secret of the user's; what was allowed by name it has", () =>
    Effect.gen(function*() {
      const names = [
        "AWS_SECRET_ACCESS_KEY",
        "GITHUB_TOKEN",
        "NPM_TOKEN",
        "DATABASE_URL",
        "SSH_AUTH_SOCK",
        "OPENAI_API_KEY",
        "GOOGLE_APPLICATION_CREDENTIALS",
        "AZURE_CLIENT_SECRET",
        "NODE_OPTIONS",
        "LD_LIBRARY_PATH",
        "BASH_FUNC_x%%",
        "CLAUDE_CODE_SSE_PORT",
        "CLAUDE_CODE_SESSION_ID",
        "CLAUDE_PROJECT_DIR"
      ]
      const planted = Object.fromEntries(
        names.map((name) => [name, name === "NODE_OPTIONS" ? "--no-deprecation" : "planted"])
      )
      const pool = yield* RealPool.make(thenText(dump, "done"), {
        env: { ...planted, MY_BUILD_FLAG: "wanted", TZ: "UTC" }
      })
      const { code } = yield* pool.task(["look", "--permissions", "full", "--pass-env", "MY_BUILD_FLAG"])
      assert.strictEqual(code, 0)
      const variables = seen(pool)
      assert.deepStrictEqual([...variables].filter(([, value]) => value === "planted"), [])
      assert.notStrictEqual(variables.get("NODE_OPTIONS"), "--no-deprecation")
      for (
        const [name, value] of [["MY_BUILD_FLAG", "wanted"], ["TZ", "UTC"], ["LANG", "C.UTF-8"], [
          "HOME",
          pool.home
        ]] as const
      ) {
        assert.strictEqual(variables.get(name), value)
      }
      assert.include(variables.get("PATH"), "/usr/bin")
      // Its temporary files are the slot's own.
      assert.match(variables.get("TMPDIR") ?? "", /\/claude-pool-[^/]+\//)
      assert.notInclude(variables.get("CLAUDE_CONFIG_DIR"), pool.home)
    }))
})

describe("the binary", () => {
  it.live("is missing", () =>
    Effect.gen(function*() {
      const pool = yield* RealPool.make()
      const { code, task } = yield* pool.task(["hello", "--claude", join(pool.directory, "nowhere", "claude")])
      assert.deepStrictEqual({ code, failure: task.error?.code }, { code: 6, failure: "CliMissing" })
      assert.include(task.error?.hint, "npm install -g @anthropic-ai/claude-code")
    }))

  it.live("is missing, and so it says to people", () =>
    Effect.gen(function*() {
      const pool = yield* RealPool.make()
      const { code, stderr, stdout } = yield* pool.run(["run", "hello"], {
        env: { CLAUDE_POOL_CLAUDE: "", PATH: "/nowhere" }
      })
      assert.deepStrictEqual({ code, stdout }, { code: 6, stdout: "" })
      assert.match(stderr, /\nerror: the claude CLI was not found .*\nhint: install it with /)
      assert.notMatch(stderr, /^ +at /m)
    }))

  const unusable = (name: string, script: string) =>
    it.live(name, () =>
      Effect.gen(function*() {
        const pool = yield* RealPool.make()
        const binary = pool.write("bin/claude", script, 0o755)
        const { code, task } = yield* pool.task(["hello", "--claude", binary])
        assert.deepStrictEqual({ code, failure: task.error?.code }, { code: 6, failure: "CliUnusable" })
        assert.include(task.error?.message, binary)
      }))
  unusable("is too old", "#!/bin/sh\necho '1.0.0 (Claude Code)'\n")
  unusable("is another program", "#!/bin/sh\necho 'usage: claude [options]'\n")
  unusable("fails", "#!/bin/sh\nexit 3\n")
  unusable("has no interpreter", "#!/nowhere/sh\n")
})

describe("the login", () => {
  it.live("is missing: nobody is asked", () =>
    Effect.gen(function*() {
      const pool = yield* RealPool.make([text("must not be")], { apiKey: null })
      const { code, task } = yield* pool.task(["hello"])
      assert.deepStrictEqual({ code, failure: task.error?.code, cost: task.cost_usd }, {
        code: 6,
        failure: "NotLoggedIn",
        cost: 0
      })
      assert.include(task.error?.hint, "ANTHROPIC_API_KEY")
      assert.deepStrictEqual(pool.api.requests, [])
    }))

  it.live("is the user's: its token is used, and its file is left alone", () =>
    Effect.gen(function*() {
      const pool = yield* RealPool.make([text("hello")], { apiKey: null })
      const token = "sk-ant-oat01-fake-for-tests"
      const claudeAiOauth = {
        accessToken: token,
        refreshToken: "sk-ant-ort01-fake-for-tests",
        expiresAt: 4_000_000_000_000,
        scopes: ["user:inference"],
        subscriptionType: "max"
      }
      const file = pool.write("home/.claude/.credentials.json", JSON.stringify({ claudeAiOauth }), 0o600)
      const before = statSync(file)
      const content = readFileSync(file, "utf8")
      const { code, task } = yield* pool.task(["hello"])
      assert.deepStrictEqual({ code, output: task.output }, { code: 0, output: "hello" })
      assert.strictEqual(pool.api.requests[0]?.headers.authorization, `Bearer ${token}`)
      assert.strictEqual(readFileSync(file, "utf8"), content)
      const after = statSync(file)
      assert.deepStrictEqual([after.mtimeMs, after.ino, after.mode], [before.mtimeMs, before.ino, before.mode])
    }))

  it.live("is a variable: it is the key that arrives", () =>
    Effect.gen(function*() {
      const pool = yield* RealPool.make([text("hello")], { apiKey: "sk-ant-dummy-of-this-test" })
      assert.strictEqual((yield* pool.task(["hello"])).code, 0)
      assert.strictEqual(pool.api.requests[0]?.headers["x-api-key"], "sk-ant-dummy-of-this-test")
    }))
})
