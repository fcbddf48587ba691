/**
 * What the simulator claims of a process that is spoken to while it works, the real CLI does: the same lines, in the
 * same order, for messages and for the tools of its host.
 */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber } from "effect"
import type { Schema } from "effect"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { makePoolServer } from "../../src/services/claude/PoolServer.ts"
import { hangAfter, text, toolUse } from "../support/ApiReply.ts"
import { contestants, type Play, play, type Report, type Stage } from "../support/Contestants.ts"
import { type ApiScript, thenText } from "../support/ScriptedApi.ts"
import { isResult, type RawEvent, user } from "../support/StreamProcess.ts"

const uuid = "b5b1c3ce-5b0e-4c6c-9d3a-0f3c7a1e2d4f"

/** Both play it; what they say must be equal. */
const same = (name: string, make: (isReal: boolean) => Play, check: (report: Report) => void = () => undefined) =>
  it.live(name, () =>
    Effect.gen(function*() {
      const [real, simulated] = yield* Effect.forEach(contestants, (one) => play(one, make(one === "real")), {
        concurrency: 2
      })
      assert.deepStrictEqual(simulated, real)
      check(real!)
    }))

const results = (stage: Stage, count: number) => stage.event(() => stage.events.filter(isResult).length >= count)

const leave = (stage: Stage) => Effect.andThen(stage.hangUp, stage.ended)

/** Sends it, and waits until it has been read: what comes after it has been answered. */
const tell = (stage: Stage, content: string) =>
  Effect.andThen(stage.send(user(content, { uuid })), stage.control("get_binary_version"))

const letGo = (stage: Stage) => Effect.sync(() => writeFileSync(join(stage.cwd, "go"), ""))

const waiting = "while [ ! -e go ]; do :; done"

const states = ({ events }: Report) =>
  (events as ReadonlyArray<{ readonly name: string }>).map(({ name }) => name).filter((name) =>
    name === "command_lifecycle" || name.startsWith("result")
  )

const isAnswer = (event: RawEvent): boolean => event["type"] === "assistant"

describe("a message", () => {
  same("that comes while a tool runs joins its turn", () => ({
    launch: { permissions: "full" },
    api: thenText(toolUse("Bash", { command: waiting, description: "wait" }), "done"),
    act: (stage) =>
      stage.send(user(`[[bash:${waiting}]]`)).pipe(
        Effect.andThen(stage.event(isAnswer)),
        Effect.andThen(tell(stage, "[[say:done]]")),
        Effect.andThen(letGo(stage)),
        Effect.andThen(results(stage, 1)),
        Effect.andThen(leave(stage))
      )
  }), (report) =>
    assert.deepStrictEqual(states(report), [
      "command_lifecycle",
      "command_lifecycle",
      "command_lifecycle",
      "result/success"
    ]))

  same("that comes while the model answers has a turn of its own", (isReal) => {
    const go = Deferred.makeUnsafe<void>()
    const api: ApiScript = (_, index) => index === 0 ? Effect.as(Deferred.await(go), text("one")) : text("two")
    return {
      api,
      act: (stage) =>
        stage.send(user("[[await:go]] [[say:one]]")).pipe(
          Effect.andThen(stage.event((event) => event["subtype"] === "init")),
          Effect.andThen(tell(stage, "[[say:two]]")),
          Effect.andThen(isReal ? Deferred.succeed(go, undefined) : letGo(stage)),
          Effect.andThen(results(stage, 2)),
          Effect.andThen(leave(stage))
        )
    }
  }, (report) =>
    assert.deepStrictEqual(states(report), [
      "command_lifecycle",
      "result/success",
      "command_lifecycle",
      "result/success",
      "command_lifecycle"
    ]))

  same("that is taken back is not heard of again", () => ({
    api: [hangAfter("half")],
    act: (stage) =>
      stage.send(user("[[say:half]] [[stall]]")).pipe(
        Effect.andThen(stage.event(isAnswer)),
        Effect.andThen(tell(stage, "[[say:two]]")),
        Effect.andThen(stage.control("cancel_async_message", { message_uuid: uuid })),
        Effect.andThen(stage.control("cancel_async_message", { message_uuid: uuid })),
        Effect.andThen(stage.control("interrupt")),
        Effect.andThen(results(stage, 1)),
        Effect.andThen(leave(stage))
      )
  }))
})

/** Serves the pool's tools to it, for as long as the fiber runs. */
const serve = Effect.fnUntraced(function*(stage: Stage) {
  const server = yield* makePoolServer
  const answered = new Set<unknown>()
  const isNew = (event: RawEvent) => event["type"] === "control_request" && !answered.has(event["request_id"])
  const answer = Effect.gen(function*() {
    const event = yield* stage.event(isNew)
    const { request_id, request } = event as {
      readonly request_id: string
      readonly request: { readonly message: Schema.Json }
    }
    answered.add(request_id)
    const mcp_response = yield* server.receive(request.message)
    if (mcp_response === null) return
    const response = { subtype: "success", request_id, response: { mcp_response } }
    yield* stage.send({ type: "control_response", response })
  })
  return yield* server.serving(() => Effect.succeed("sent"), Effect.forever(answer))
})

describe("a server of the host's", () => {
  same("is asked for its tools at the start, and is called", () => ({
    launch: { mailbox: true },
    api: thenText(toolUse("mcp__pool__send_message", { to: "all", text: "hi" }), "sent"),
    act: (stage) =>
      Effect.gen(function*() {
        yield* stage.control("initialize", { sdkMcpServers: ["pool"] })
        const serving = yield* Effect.forkChild(serve(stage))
        yield* stage.event(({ request }) => JSON.stringify(request ?? null).includes("tools/list"))
        yield* stage.send(user(`[[call:send_message,{"to":"all","text":"hi"}]]`))
        yield* results(stage, 1)
        yield* Fiber.interrupt(serving)
        yield* leave(stage)
      })
  }))
})
