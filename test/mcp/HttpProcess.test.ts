/**
 * The HTTP server as people run it, over the simulator: what it says of its token, and that its end leaves nothing.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs"
import { join } from "node:path"
import { Census } from "../support/Census.ts"
import { environmentIn, program } from "../support/Program.ts"
import { ask, rawConnection, rawRequest } from "./RawHttp.ts"
import { call, driveServer, initialize, type StdioDriver } from "./StdioDriver.ts"

const hello = JSON.stringify(initialize[0])

/** The program in `home`, which is its user's home and its project. */
const run = (home: string, flags: ReadonlyArray<string>, env: Record<string, string> = {}) =>
  driveServer(program(home, ["mcp", ...flags]), { cwd: home, env: { ...environmentIn(home), ...env } })

/** The port, once it is served. */
const portOf = (driver: StdioDriver) =>
  Effect.map(driver.said(/at http:\/\/127\.0\.0\.1:(\d+)\/mcp\n[^]*claude mcp add/), (found) => Number(found[1]))

const tokenFile = (home: string): string => join(home, ".config", "claude-pool", "http-token")

const tokenIn = (home: string): string => readFileSync(tokenFile(home), "utf8").trim()

/** Every file below a directory that has the text in it, but for the token's own. */
const filesWith = (home: string, text: string): ReadonlyArray<string> =>
  readdirSync(home, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => file !== tokenFile(home) && readFileSync(file).includes(text))

describe("claude-pool mcp --http", () => {
  it.live("makes a token at its first start, shows only its file, and keeps it", () =>
    Effect.gen(function*() {
      const home = yield* Census.directory("http-")
      const driver = yield* run(home, ["--http", "--port", "0", "--log-level", "all"])
      const port = yield* portOf(driver)
      const token = tokenIn(home)
      assert.match(token, /^[0-9a-f]{64}$/)
      assert.strictEqual(statSync(tokenFile(home)).mode & 0o777, 0o600)
      assert.strictEqual((yield* ask(port, `${token}x`, { body: hello })).status, 401)
      const { headers, status } = yield* ask(port, token, { body: hello })
      assert.strictEqual(status, 200)
      const session = { "mcp-session-id": headers["mcp-session-id"] }
      const { body } = yield* ask(port, token, {
        headers: session,
        body: JSON.stringify(call(1, "pool_run", { prompt: "[[say:rust never sleeps]]" }))
      })
      assert.include(body, "rust never sleeps")

      const stderr = yield* driver.stderr
      assert.include(stderr, tokenFile(home))
      assert.include(
        stderr,
        `claude mcp add --transport http pool http://127.0.0.1:${port}/mcp --header "Authorization: Bearer $(cat ${
          tokenFile(home)
        })"`
      )
      assert.notInclude(readFileSync(`/proc/${driver.pid}/cmdline`, "utf8"), token)
      yield* driver.signal("SIGTERM")
      assert.strictEqual(yield* driver.ended, 130)
      assert.notInclude(yield* driver.stderr, token)
      assert.deepStrictEqual(driver.lines, [])
      assert.deepStrictEqual(filesWith(home, token), [])

      const next = yield* run(home, ["--http", "--port", "0"])
      yield* portOf(next)
      assert.strictEqual(tokenIn(home), token)
      yield* next.signal("SIGINT")
      assert.strictEqual(yield* next.ended, 130)
    }).pipe(Effect.scoped))

  it.live("takes the token from its variable, and makes no file then", () =>
    Effect.gen(function*() {
      const home = yield* Census.directory("http-")
      const token = "the-token-of-the-environment"
      const driver = yield* run(home, ["--http", "--port", "0"], { CLAUDE_POOL_HTTP_TOKEN: token })
      const port = yield* portOf(driver)
      assert.strictEqual((yield* ask(port, token, { body: hello })).status, 200)
      assert.isFalse(existsSync(tokenFile(home)))
      assert.include(yield* driver.stderr, "Bearer $CLAUDE_POOL_HTTP_TOKEN")
      assert.notInclude(yield* driver.stderr, token)
      yield* driver.signal("SIGTERM")
      yield* driver.ended
    }).pipe(Effect.scoped))

  it.live("ends with a call and a stream still open, and leaves no process", () =>
    Effect.gen(function*() {
      const home = yield* Census.directory("http-")
      const driver = yield* run(home, ["--http", "--port", "0", "--shutdown-grace", "100ms"])
      const port = yield* portOf(driver)
      const token = tokenIn(home)
      const { headers } = yield* ask(port, token, { body: hello })
      const session = { "mcp-session-id": headers["mcp-session-id"] }
      const [stream, calling] = [yield* rawConnection(port), yield* rawConnection(port)]
      yield* stream.send(rawRequest(port, token, { method: "GET", headers: session }))
      yield* stream.answer(() => true)
      const body = JSON.stringify(call(1, "pool_run", { prompt: "[[stall]]" }))
      yield* calling.send(rawRequest(port, token, { headers: session, body }))
      yield* calling.answer((text) => text.includes("notifications/progress"))
      yield* driver.signal("SIGTERM")
      yield* stream.closed
      yield* calling.closed
      assert.strictEqual(yield* driver.ended, 130)
      assert.include(yield* driver.stderr, "the pool has ended")
    }).pipe(Effect.scoped))

  it.live("says what to do where it cannot serve", () =>
    Effect.gen(function*() {
      const home = yield* Census.directory("http-")
      const first = yield* run(home, ["--http", "--port", "0"])
      const port = yield* portOf(first)
      const other = join(home, "other")
      mkdirSync(other)
      const refused = Effect.fnUntraced(function*(flags: ReadonlyArray<string>, env: Record<string, string> = {}) {
        const driver = yield* run(other, flags, { HOME: home, ...env })
        assert.strictEqual(yield* driver.ended, 2)
        return yield* driver.stderr
      })
      assert.match(
        yield* refused(["--http", "--port", `${port}`]),
        /error: port \d+ of 127\.0\.0\.1 is in use\nhint: .*--port N/
      )
      const short = yield* refused(["--http", "--port", "0"], { CLAUDE_POOL_HTTP_TOKEN: "sesame" })
      assert.match(short, /error: CLAUDE_POOL_HTTP_TOKEN: .*it is no token\nhint: .*20 characters/)
      assert.notInclude(short, "sesame")
      chmodSync(tokenFile(home), 0o644)
      assert.match(yield* refused(["--http", "--port", "0"]), /others may read it\nhint: .*chmod 600/)
      rmSync(tokenFile(home))
      mkdirSync(tokenFile(home))
      assert.match(yield* refused(["--http", "--port", "0"]), /it is no file\nhint: .*CLAUDE_POOL_HTTP_TOKEN/)
      yield* first.signal("SIGTERM")
      yield* first.ended
    }).pipe(Effect.scoped))
})
