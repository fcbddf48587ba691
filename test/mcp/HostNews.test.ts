/**
 * What a client hears of by itself, where the pool is the host's: over the end of a host, and of what is pruned there.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Hosted } from "../support/Hosted.ts"
import { submit, waited } from "./HandedIn.ts"
import { call, type Message, type StdioDriver } from "./StdioDriver.ts"

const ask = (id: number, method: string, params: Record<string, unknown>): Message => ({
  jsonrpc: "2.0",
  id,
  method,
  params
})

const listChanged = "notifications/resources/list_changed"

/** Waits until it has been told so often that the list is another one. */
const lists = (server: StdioDriver, times: number) =>
  server.next(() => server.lines.filter((line) => line.includes(listChanged)).length >= times)

const updated = (server: StdioDriver, uri: string) =>
  server.next(({ method, params }) => method === "notifications/resources/updated" && params?.["uri"] === uri)

/** Waits until that has been logged so often. */
const logged = (server: StdioDriver, text: string, times = 1) =>
  server.next(() => server.lines.filter((line) => line.includes(text)).length >= times)

const gone = "the process that has the pool has gone"
const back = "the pool is heard of again"

/** A coordinator that is subscribed to a task that has finished, and has heard of all that came before. */
const subscribed = Effect.gen(function*() {
  const hosted = yield* Hosted.make("mcp-news-")
  const server = yield* hosted.serve()
  const id = yield* submit(server, 1, "one [[say:first answer]]")
  yield* waited(server, 2, [id])
  yield* lists(server, 1)
  const uri = `pool://tasks/${id}`
  yield* server.send(ask(3, "resources/subscribe", { uri }), ask(4, "logging/setLevel", { level: "info" }))
  yield* Effect.all([server.reply(3), server.reply(4)])
  return { hosted, server, id, uri }
})

const prune = ["prune", "--older-than", "0s"]

describe("a coordinator that listens", () => {
  it.live("is told with the next host, whoever starts it, what it could not hear, and starts none to listen", () =>
    Effect.gen(function*() {
      const { hosted, server, uri } = yield* subscribed
      assert.strictEqual((yield* hosted.ran(["stop", "--grace", "0s"])).end, 0)
      yield* logged(server, gone)
      assert.isFalse(hosted.hasNote())
      // What changes now, it cannot be told of.
      assert.strictEqual((yield* hosted.ran(prune)).end, 0)
      assert.isFalse(hosted.hasNote())
      assert.notInclude(server.lines.join("\n"), "resources/updated")

      assert.strictEqual((yield* hosted.ran(["submit", "two [[say:second answer]]"])).end, 0)
      yield* logged(server, back)
      yield* updated(server, uri)
      yield* lists(server, 2)
      yield* server.send(ask(5, "resources/read", { uri }))
      assert.strictEqual((yield* server.reply(5)).error?.code, -32_002)

      assert.strictEqual((yield* hosted.ran(["stop", "--grace", "0s"])).end, 0)
      yield* logged(server, gone, 2)
      yield* server.send(call(6, "pool_status"))
      assert.isUndefined((yield* server.reply(6)).result?.["isError"])
      yield* logged(server, back, 2)
      assert.isTrue(hosted.hasNote())
    }).pipe(Effect.scoped))

  it.live("is told when what it listens to is pruned", () =>
    Effect.gen(function*() {
      const { hosted, server, uri } = yield* subscribed
      const { tasks } = yield* hosted.json<{ readonly tasks: number }>(prune)
      assert.strictEqual(tasks, 1)
      yield* updated(server, uri)
      yield* lists(server, 2)
      yield* server.send(ask(5, "resources/read", { uri }), ask(6, "resources/list", {}))
      assert.strictEqual((yield* server.reply(5)).error?.code, -32_002)
      assert.notInclude(JSON.stringify((yield* server.reply(6)).result), uri)
    }).pipe(Effect.scoped))
})
