/**
 * Messages on the real CLI, through the whole pool: to a worker at work, from one to the coordinator, and to a slot whose
 * worker has ended.
 */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Duration, Effect, Fiber, Stream } from "effect"
import { PoolEvent } from "../../src/domain/PoolEvent.ts"
import { Recipient } from "../../src/domain/Recipient.ts"
import { SlotId } from "../../src/domain/SlotId.ts"
import { TaskId } from "../../src/domain/TaskId.ts"
import type { Pool } from "../../src/services/Pool.ts"
import { type ApiReply, text, textsOf, toolUse } from "../support/ApiReply.ts"
import { RealHost } from "../support/RealHost.ts"
import type { ApiRequest } from "../support/ScriptedApi.ts"

const send = (input: object): ApiReply => toolUse("mcp__pool__send_message", input, { id: "toolu_send" })
const report = (said: string, id = "toolu_report"): ApiReply =>
  toolUse("mcp__pool__report_progress", { text: said }, { id })

const fatesOf = (pool: Pool["Service"]) =>
  Effect.map(
    pool.listMessages({ since: 0, limit: 10 }),
    (messages) => messages.map(({ from, state, task, to }) => ({ from, to, state, task }))
  )

/** All that was said in the conversation; what comes between two of its steps is told in the CLI's name. */
const saidIn = ({ body }: ApiRequest): string => body.messages.flatMap(({ content }) => textsOf(content)).join("\n")

const sessionOf = ({ headers }: ApiRequest) => headers["x-claude-code-session-id"]

describe("a message", () => {
  it.live("to a task at work reaches its worker in the middle of it, in the same session", () =>
    Effect.gen(function*() {
      const go = yield* Deferred.make<void>()
      // Works on, step by step, until it hears of it.
      const { api, open } = yield* RealHost.make((request, index) =>
        request.raw.includes("make it blue")
          ? text("in blue")
          : Effect.as(Deferred.await(go), index < 50 ? report(`step ${index}`, `toolu_${index}`) : text("in red"))
      )
      const pool = yield* open()
      const { id } = yield* pool.submit({ prompt: "PAINT", mailbox: true })
      yield* api.nextRequest(0)
      const to = Recipient.cases.Task.make({ task: TaskId.make(id) })
      assert.deepInclude((yield* pool.sendMessage(to, "make it blue"))[0], { to: id, state: "waiting" })
      yield* Deferred.succeed(go, undefined)
      const { done } = yield* pool.wait({ ids: [TaskId.make(id)], mode: "all", timeout: Duration.minutes(1) })
      assert.deepInclude(done[0], { state: "done", summary: "in blue" })
      const [first, last] = [api.main[0], api.main.at(-1)]
      assert.notInclude(first?.raw, "make it blue")
      assert.match(
        saidIn(last!),
        /\[([0-9a-f]{16})\] Message 1, from the coordinator:\nmake it blue\n\n\[\1\] End/
      )
      assert.strictEqual(sessionOf(last!), sessionOf(first!))
      assert.isString(sessionOf(first!))
      assert.deepStrictEqual(yield* fatesOf(pool), [{ from: "coordinator", to: id, state: "delivered", task: id }])
    }).pipe(Effect.scoped))

  it.live("from a worker reaches the coordinator, its report is told, and what waits for its slot goes to the next", () =>
    Effect.gen(function*() {
      const { api, open } = yield* RealHost.make((_, index) =>
        [
          send({ to: "coordinator", text: "which colour?" }),
          report("half\nof it"),
          text("asked"),
          text("next")
        ][index] ??
          text("nobody has asked for this")
      )
      const pool = yield* open({ slots: 1 })
      const reports = yield* pool.events.pipe(
        Stream.filter(PoolEvent.guards.Reported),
        Stream.take(1),
        Stream.runCollect,
        Effect.forkChild({ startImmediately: true })
      )
      const first = yield* pool.run({ prompt: "ASK", mailbox: true })
      assert.deepInclude(first, { state: "done", summary: "asked" })
      assert.deepStrictEqual(yield* Fiber.join(reports), [
        PoolEvent.cases.Reported.make({ id: TaskId.make(first.id), text: "half of it" })
      ])
      const read = yield* pool.readMessages({ limit: 10 })
      assert.deepStrictEqual(read.map(({ from, text }) => [from, text]), [[first.id, "which colour?"]])
      assert.deepStrictEqual(yield* pool.readMessages({ limit: 10 }), [])

      yield* pool.sendMessage(Recipient.cases.Slot.make({ slot: SlotId.make(1) }), "blue")
      const second = yield* pool.run({ prompt: "GO ON" })
      assert.deepInclude(second, { state: "done", summary: "next" })
      assert.match(
        api.main[3]?.lastText ?? "",
        /\[([0-9a-f]{16})\] Message 2, from the coordinator:\nblue\n\n\[\1\] End of the messages\.\n\nGO ON$/
      )
      assert.deepStrictEqual(yield* fatesOf(pool), [
        { from: first.id, to: "coordinator", state: "acknowledged", task: undefined },
        { from: "coordinator", to: "slot-1", state: "delivered", task: second.id }
      ])
      assert.strictEqual(api.main.length, 4)
    }).pipe(Effect.scoped))
})
