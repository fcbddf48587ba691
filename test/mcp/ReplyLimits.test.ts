/**
 * The most that a reply may cost, and that it is only data: over views in which everything that a worker, or another
 * program, has a hand in is as long and as hostile as can be.
 */
import { assert, describe, it } from "@effect/vitest"
import type { CallToolResult } from "@modelcontextprotocol/sdk/types.js"
import { Effect, Stream } from "effect"
import { PoolEvent } from "../../src/domain/PoolEvent.ts"
import { Toolset } from "../../src/domain/Toolset.ts"
import { tokensOf } from "../../src/mcp/Tokens.ts"
import { a, busy, chain, hostile, many, plain, thousands, views, worstChain, worstGroup } from "./HostileViews.ts"
import {
  answerOf,
  atRest,
  callTool,
  connectClient,
  type PoolScript,
  queuedTask,
  taskId,
  textOf
} from "./ScriptedPool.ts"

/** A pool full of it. */
const full: PoolScript = {
  status: Effect.succeed(busy),
  submit: () => Effect.succeed(queuedTask(a, { name: hostile(100) })),
  submitChain: () => Effect.succeed(worstChain),
  fanOut: () => Effect.succeed(worstGroup),
  group: () => Effect.succeed(worstGroup),
  items: () => Effect.succeed({ items: thousands.slice(0, 64), total: 64 }),
  chain: () => Effect.succeed(worstChain),
  result: () => Effect.succeed(views["failed"]!),
  wait: ({ ids }) =>
    Effect.succeed({
      done: ids.length === 1 ? [views["failed"]!] : thousands,
      groups: [worstGroup],
      chains: [worstChain],
      review: [views["review"]!],
      running: thousands.map(({ id }) => id),
      timed_out: true
    }),
  list: ({ limit }) => Effect.succeed({ tasks: thousands.slice(0, limit), total: 3000, next_cursor: "c".repeat(40) }),
  output: (id, { limit, offset }) => Effect.succeed({ id, offset, total: 100_000_000, text: hostile(limit) }),
  slots: () => Effect.succeed({ slots: busy.slots, target: 64 }),
  listContext: () =>
    Effect.succeed(
      many(
        500,
        (index) => ({ scope: "pool", key: `key-${index}`, value: hostile(8000), set_at: "2026-01-01T00:00:00Z" })
      )
    ),
  readMessages: () =>
    Effect.succeed([{
      seq: 1,
      from: a,
      to: "coordinator",
      text: hostile(8000),
      state: "delivered",
      sent_at: "2026-01-01T00:00:00.000Z",
      expires_at: "2026-01-01T00:00:00.000Z"
    }]),
  inbox: ({ since = 0 }) =>
    Effect.succeed({
      entries: many(20, (index) => ({
        seq: since + index + 1,
        at: "2026-01-01T00:00:00.000Z",
        id: taskId(index),
        state: "done" as const
      })),
      seq: since + 20,
      more: since < 1000
    }),
  events: Stream.fromIterable(
    many(
      9,
      (index) => PoolEvent.cases.Overlapped.make({ first: a, second: taskId(index), path: hostile(4000), lines: null })
    )
  )
}

/** What every reply may carry beside its own, in tokens. */
const beside = 1100

const sizeOf = (reply: CallToolResult): number =>
  reply.structuredContent === undefined
    ? textOf(reply).length
    : tokensOf(JSON.parse(JSON.stringify(reply.structuredContent)))

/** Nothing in it that is not seen, and nothing that could be taken for the machinery of a client. */
const assertClean = (name: string, reply: CallToolResult) => {
  const [head = "", ...fenced] = reply.content.map((block) => block.type === "text" ? block.text : "")
  const inside = fenced.map((text) => {
    assert.match(
      text,
      /^<worker-output id=\S+ nonce=0707070707070707>\n[^]*\n<\/worker-output 0707070707070707>$/,
      name
    )
    return text.slice(text.indexOf("\n"), text.lastIndexOf("\n"))
  })
  const strings: Array<string> = [...inside]
  JSON.stringify(JSON.parse(head), (key, value: unknown) => {
    strings.push(key, ...(typeof value === "string" ? [value] : []))
    return value
  })
  assert.notInclude(head, "\n", name)
  for (const text of strings) {
    assert.notMatch(text, /(?![\t\n])[\p{Cc}\p{Cs}\p{Default_Ignorable_Code_Point}\p{Bidi_Control}]/u, name)
    assert.notMatch(text, /<[\s/]*(?:worker-output|task-notification|system-reminder)/iu, name)
  }
}

const quiet: PoolScript = {
  ...full,
  inbox: () => Effect.succeed({ entries: [], seq: 0, more: false }),
  events: Stream.never
}

/** The most that each may cost, in tokens. */
const bounds = [
  ["pool_run", { prompt: "x" }, 400],
  ["pool_submit", { prompt: "x" }, 40],
  ["pool_fan_out", { prompts: ["x"], wait_s: 1 }, 10_000],
  ["pool_chain", { steps: [{ prompt: "x" }] }, 3000],
  ["pool_submit_chain", { steps: [{ prompt: "x" }] }, 40],
  ["pool_submit_with_review", { prompt: "x" }, 40],
  ["pool_wait", {}, 10_000],
  ["pool_wait", { since: 0 }, 3000],
  ["pool_wait", { since: 0, ids: [a] }, 3000],
  ["pool_chain_result", { id: chain }, 3000],
  ["pool_list", { limit: 100 }, 2600],
  ["pool_status", {}, 2600],
  ["pool_slots", {}, 9100],
  ["pool_context", { op: "list" }, 8100],
  ["pool_message", { op: "read" }, 12_000]
] as const

describe("the most that a reply costs", () => {
  it.effect("is so much for a task, whatever it came to", () =>
    Effect.gen(function*() {
      let view = plain
      const { client } = yield* connectClient({
        ...quiet,
        status: Effect.succeed(atRest),
        wait: () => Effect.sync(() => ({ done: [view], running: [], timed_out: false })),
        result: () => Effect.sync(() => view)
      })
      for (const [kind, one] of Object.entries(views)) {
        view = one
        const reply = yield* callTool(client, "pool_run", { prompt: "x" })
        assert.isAtMost(sizeOf(reply), kind === "done" || kind === "running" ? 200 : 400, kind)
        assert.deepInclude(reply.structuredContent, { id: a, state: view.state })
        assert.isAbove(String(reply.structuredContent?.["summary"] ?? "running, as it has none").length, 20, kind)
        assertClean(kind, reply)
        assertClean(kind, yield* callTool(client, "pool_result", { id: a }))
      }
    }))

  it.effect("is small where there is little to tell", () =>
    Effect.gen(function*() {
      const submitted = yield* answerOf(quiet, "pool_submit", { prompt: "x" })
      assert.isAtMost(sizeOf(submitted), 40)
      const status = yield* answerOf(
        { ...quiet, status: Effect.succeed({ ...busy, running: [], holds: [], overlaps: [] }) },
        "pool_status"
      )
      assert.isAtMost(sizeOf(status), 150)
      const { structuredContent } = yield* answerOf(quiet, "pool_list", { limit: 100 })
      const { tasks } = structuredContent as { readonly tasks: ReadonlyArray<{ readonly name: string }> }
      assert.lengthOf(tasks, 100)
      for (const row of tasks) assert.isAtMost(tokensOf(row), 25)
    }))

  it.effect("has a bound in every tool, and is data", () =>
    Effect.gen(function*() {
      const { client } = yield* connectClient(full, { toolsets: Toolset.literals })
      for (const [name, args, most] of bounds) {
        const reply = yield* callTool(client, name, args)
        assert.isUndefined(reply.isError, textOf(reply))
        assert.isAtMost(sizeOf(reply), most + beside, `${name} ${JSON.stringify(args)}`)
        if (name !== "pool_context") assertClean(name, reply)
      }
    }))

  it.effect("is a page in pool_output, in its fence", () =>
    Effect.gen(function*() {
      const reply = yield* answerOf(full, "pool_output", { id: a, limit: 40_000 })
      assertClean("pool_output", reply)
      assert.isAtMost(textOf(reply).length, 44_000)
    }))
})
