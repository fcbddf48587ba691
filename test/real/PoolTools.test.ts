/**
 * The tools that a worker has of its pool: offered, allowed and answered, on the real CLI as on the simulator.
 */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber } from "effect"
import { Failure } from "../../src/domain/Failure.ts"
import type { Launch } from "../../src/domain/Launch.ts"
import type { WorkerCall } from "../../src/domain/WorkerCall.ts"
import { WorkerLost } from "../../src/domain/WorkerFailure.ts"
import { ApiReply, text, toolUse } from "../support/ApiReply.ts"
import { contestants } from "../support/Contestants.ts"
import { PipedWorker } from "../support/PipedWorker.ts"
import { type ApiRequest, thenText } from "../support/ScriptedApi.ts"

const ignore = () => Effect.void

const mailbox: Partial<Launch> = { mailbox: true }

const send = (input: object): ApiReply => toolUse("mcp__pool__send_message", input)

/** What the tool has given back: the last tool result that the provider was sent. */
const resultIn = (request: ApiRequest | undefined): string =>
  JSON.stringify(
    request?.body.messages.flatMap(({ content }) => Array.isArray(content) ? content : []).findLast((block) =>
      block.type === "tool_result"
    )
  )

const toolsIn = (request: ApiRequest | undefined): ReadonlyArray<string> =>
  (request?.body.tools ?? []).map(({ name }) => name).filter((name) => name.startsWith("mcp__"))

for (const contestant of contestants) {
  describe(`a call of the pool's tools (${contestant})`, () => {
    it.live("reaches the pool, and its answer the worker", () =>
      Effect.gen(function*() {
        const calls: Array<WorkerCall> = []
        const { api, worker } = yield* PipedWorker.make(contestant, {
          launch: mailbox,
          api: (_, index) =>
            [
              send({ to: "slot-2", text: "hi" }),
              toolUse("mcp__pool__report_progress", { text: "half" }, { id: "t2" }),
              toolUse("mcp__pool__read_messages", {}, { id: "t3" })
            ][index] ?? text("heard 3")
        })
        const onCall = (call: WorkerCall) => Effect.sync(() => `heard ${calls.push(call)}`)
        const prompt = `[[call:send_message,{"to":"slot-2","text":"hi"}]] [[call:report_progress,{"text":"half"}]] ` +
          "[[call:read_messages]]"
        const { denials, output } = yield* worker.run({ prompt, onCall }, ignore)
        assert.strictEqual(output, "heard 3")
        assert.deepStrictEqual(denials, [])
        assert.deepStrictEqual(JSON.parse(JSON.stringify(calls)), [
          { _tag: "SendMessage", to: { _tag: "Slot", slot: 2 }, text: "hi" },
          { _tag: "ReportProgress", text: "half" },
          { _tag: "ReadMessages" }
        ])
        if (contestant === "real") {
          assert.include(resultIn(api.main[1]), "heard 1")
          assert.include(resultIn(api.main[2]), "heard 2")
          assert.include(resultIn(api.main[3]), "heard 3")
        }
      }).pipe(Effect.scoped))

    const refused = (
      name: string,
      input: object,
      said: ReadonlyArray<string>,
      onCall?: (call: WorkerCall) => Effect.Effect<string, Failure>
    ) =>
      it.live(name, () =>
        Effect.gen(function*() {
          const { api, worker } = yield* PipedWorker.make(contestant, {
            launch: mailbox,
            api: thenText(send(input), "so be it")
          })
          const prompt = `[[call:send_message,${JSON.stringify(input)}]]`
          const { output } = yield* worker.run({ prompt, onCall }, ignore)
          const heard = contestant === "real" ? resultIn(api.main[1]) : output
          for (const part of said) assert.include(heard, part)
          if (contestant === "real") assert.include(heard, `"is_error":true`)
        }).pipe(Effect.scoped))

    const never = () => Effect.die("was called")
    refused("with a wrong recipient is explained", { to: "nobody", text: "hi" }, ["to:", "slot-2"], never)
    refused("without a text is explained", { to: "all" }, ["text:"], never)
    refused("with too long a text is explained", { to: "all", text: "x".repeat(8001) }, ["8000"], never)
    refused("without somebody who listens is refused", { to: "all", text: "hi" }, ["no task is at work"])
    const failure = new Failure({ reason: new WorkerLost({ detail: "gone" }) })
    refused(
      "that fails is told why, and what to do",
      { to: "all", text: "hi" },
      [failure.message, failure.hint],
      () => failure
    )
    refused("that breaks does not break the worker", { to: "all", text: "hi" }, ["the pool failed"], never)

    it.live("is interrupted with its turn", () =>
      Effect.gen(function*() {
        const { worker } = yield* PipedWorker.make(contestant, {
          launch: mailbox,
          api: [send({ to: "all", text: "x" })]
        })
        const begun = yield* Deferred.make<void>()
        const ended = yield* Deferred.make<void>()
        const onCall = () =>
          Effect.andThen(Deferred.succeed(begun, undefined), Effect.never).pipe(
            Effect.onInterrupt(() => Deferred.succeed(ended, undefined))
          )
        const prompt = `[[call:send_message,{"to":"all","text":"x"}]]`
        const run = yield* Effect.forkChild(worker.run({ prompt, onCall }, ignore))
        yield* Deferred.await(begun)
        yield* Fiber.interrupt(run)
        yield* Deferred.await(ended)
        assert.isTrue((yield* worker.spent).exact)
      }).pipe(Effect.scoped))
  })
}

describe("the pool's tools on the real CLI", () => {
  const profiles: ReadonlyArray<Partial<Launch>> = [
    { permissions: "read-only" },
    { permissions: "edit" },
    { permissions: "full" },
    { permissions: "edit", permissionMode: "plan" },
    { permissions: "full", allowedTools: ["ToolSearch"] }
  ]
  for (const launch of profiles) {
    it.live(`are offered and allowed (${Object.values(launch).join(", ")})`, () =>
      Effect.gen(function*() {
        const { api, worker } = yield* PipedWorker.make("real", {
          launch: { ...launch, mailbox: true },
          api: thenText(send({ to: "all", text: "hi" }), "done")
        })
        const { denials } = yield* worker.run({ prompt: "say hi", onCall: () => Effect.succeed("sent") }, ignore)
        assert.deepStrictEqual(denials, [])
        assert.deepStrictEqual(toolsIn(api.main[0]), [
          "mcp__pool__read_messages",
          "mcp__pool__report_progress",
          "mcp__pool__send_message"
        ])
        assert.include(resultIn(api.main[1]), "sent")
      }).pipe(Effect.scoped))
  }

  it.live("are offered to nobody else", () =>
    Effect.gen(function*() {
      const { api, worker } = yield* PipedWorker.make("real", { api: [text("done")] })
      yield* worker.run({ prompt: "say hi", onCall: () => Effect.die("was called") }, ignore)
      assert.deepStrictEqual(toolsIn(api.main[0]), [])
    }).pipe(Effect.scoped))

  it.live("can be taken from a worker", () =>
    Effect.gen(function*() {
      const { api, worker } = yield* PipedWorker.make("real", {
        launch: { mailbox: true, deniedTools: ["mcp__pool__send_message"] },
        api: thenText(send({ to: "all", text: "hi" }), "done")
      })
      yield* worker.run({ prompt: "say hi", onCall: () => Effect.die("was called") }, ignore)
      assert.notInclude(toolsIn(api.main[0]), "mcp__pool__send_message")
    }).pipe(Effect.scoped))

  it.live("give no other server of that name a right", () =>
    Effect.gen(function*() {
      const launch: Partial<Launch> = { mailbox: true, mcpServers: { pool: { command: "cat" } } }
      const failure = yield* Effect.flip(PipedWorker.make("real", { launch }))
      assert.strictEqual(failure.reason._tag, "StartFailed")
    }).pipe(Effect.scoped))

  it.live("do not wait for each other", () =>
    Effect.gen(function*() {
      const both = ApiReply.Message({
        blocks: [
          { type: "tool_use", id: "t1", name: "mcp__pool__read_messages", input: {} },
          { type: "tool_use", id: "t2", name: "mcp__pool__report_progress", input: { text: "half" } }
        ],
        stopReason: "tool_use",
        tokens: {}
      })
      const { worker } = yield* PipedWorker.make("real", { launch: mailbox, api: thenText(both, "done") })
      const reported = yield* Deferred.make<void>()
      const onCall = (call: WorkerCall) =>
        call._tag === "ReportProgress"
          ? Effect.as(Deferred.succeed(reported, undefined), "noted")
          : Effect.as(Deferred.await(reported), "nothing new")
      assert.strictEqual((yield* worker.run({ prompt: "report", onCall }, ignore)).output, "done")
    }).pipe(Effect.scoped))
})
