/**
 * What a worker is told while it works reaches it, and it answers it: on the real CLI as on the simulator.
 */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Fiber } from "effect"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { fromUsd } from "../../src/domain/MicroUsd.ts"
import type { Progress } from "../../src/domain/Progress.ts"
import { hangAfter, status, text, toolUse } from "../support/ApiReply.ts"
import { type Contestant, contestants } from "../support/Contestants.ts"
import { PipedWorker } from "../support/PipedWorker.ts"

const ignore = () => Effect.void

/** Starts the work, and waits until the model is at it: it has been asked, or has said its first word. */
const begin = Effect.fnUntraced(function*(contestant: Contestant, piped: PipedWorker, prompt: string) {
  const spoken = yield* Deferred.make<void>()
  const observe = ({ turns }: Progress) => turns === 0 ? Effect.void : Deferred.succeed(spoken, undefined)
  const run = yield* Effect.forkChild(piped.worker.run({ prompt: `[[say:begun]] ${prompt}` }, observe))
  yield* contestant === "real" ? piped.api.nextRequest(0) : Deferred.await(spoken)
  return run
})

/** Tells it something; the message is on its way when this is done, and the fiber has what became of it. */
const tell = ({ worker }: PipedWorker, text: string) =>
  Effect.forkChild(worker.tell({ id: "m1", text }), { startImmediately: true })

/** Lets the model go on: the real one's provider answers, and the simulator finds a file. */
const release = ({ cwd }: PipedWorker, go: Deferred.Deferred<void>) =>
  Effect.andThen(Effect.sync(() => writeFileSync(join(cwd, "go"), "")), Deferred.succeed(go, undefined))

for (const contestant of contestants) {
  describe(`a message to a worker at work (${contestant})`, () => {
    it.live("is taken in when a tool has run, and the answer comes after it", () =>
      Effect.gen(function*() {
        const { api, worker } = yield* PipedWorker.make(contestant, {
          launch: { mailbox: true },
          api: (request) =>
            request.hasToolResult
              ? text("done, and in blue", { inputTokens: 200 })
              : toolUse("mcp__pool__read_messages", {}, { inputTokens: 100 })
        })
        const taken = yield* Deferred.make<boolean>()
        // The tool answers only when the message is on its way, down the same pipe.
        const onCall = () =>
          Effect.as(
            Effect.forkDetach(
              Effect.flatMap(
                worker.tell({ id: "m1", text: "make it blue [[say:done, and in blue]]" }),
                (was) => Deferred.succeed(taken, was)
              ),
              { startImmediately: true }
            ),
            "nothing new"
          )
        const answer = yield* worker.run({ prompt: "[[call:read_messages]]", onCall }, ignore)
        assert.strictEqual(answer.output, "done, and in blue")
        assert.isTrue(yield* Deferred.await(taken))
        const spent = yield* worker.spent
        assert.deepInclude(spent, { turns: 2, exact: true })
        if (contestant === "real") {
          assert.strictEqual(api.main.length, 2)
          assert.include(api.main[1]?.raw, "make it blue")
          assert.strictEqual(spent.inputTokens, 300)
        }
      }).pipe(Effect.scoped))

    it.live("that comes while the model answers is answered in a turn of its own, and both are paid for", () =>
      Effect.gen(function*() {
        const go = yield* Deferred.make<void>()
        const piped = yield* PipedWorker.make(contestant, {
          api: (_, index) =>
            index === 0
              ? Effect.as(Deferred.await(go), text("first", { inputTokens: 1000, outputTokens: 10 }))
              : text("second", { inputTokens: 2000, outputTokens: 20 })
        })
        const run = yield* begin(contestant, piped, "[[cost:0.01]] [[tokens:1000,10]] [[await:go]] [[say:first]]")
        const told = yield* tell(piped, "one more [[cost:0.02]] [[tokens:2000,20]] [[say:second]]")
        yield* release(piped, go)
        assert.strictEqual((yield* Fiber.join(run)).output, "second")
        assert.isTrue(yield* Fiber.join(told))
        const spent = yield* piped.worker.spent
        assert.deepInclude(spent, { inputTokens: 3000, outputTokens: 30, turns: 2, exact: true })
        if (contestant === "real") assert.include(piped.api.main[1]?.lastText, "one more")
        else assert.strictEqual(spent.cost, fromUsd(0.03))
      }).pipe(Effect.scoped))

    it.live("is plain text, whatever it looks like", () =>
      Effect.gen(function*() {
        const go = yield* Deferred.make<void>()
        const piped = yield* PipedWorker.make(contestant, {
          api: (request, index) => index === 0 ? Effect.as(Deferred.await(go), text("first")) : text(request.lastText)
        })
        const run = yield* begin(contestant, piped, "[[await:go]]")
        const told = yield* tell(piped, "/clear")
        yield* release(piped, go)
        assert.include((yield* Fiber.join(run)).output, "Message:")
        assert.isTrue(yield* Fiber.join(told))
      }).pipe(Effect.scoped))

    it.live("that is told twice is sent once", () =>
      Effect.gen(function*() {
        const go = yield* Deferred.make<void>()
        const piped = yield* PipedWorker.make(contestant, {
          api: (_, index) => index === 0 ? Effect.as(Deferred.await(go), text("first")) : text("second")
        })
        const run = yield* begin(contestant, piped, "[[await:go]] [[say:first]]")
        const told = yield* Effect.forEach(["[[say:second]]", "[[say:third]]"], (text) => tell(piped, text))
        yield* release(piped, go)
        assert.strictEqual((yield* Fiber.join(run)).output, "second")
        assert.deepStrictEqual(yield* Effect.forEach(told, Fiber.join), [true, true])
        if (contestant === "real") assert.notInclude(piped.api.main[1]?.raw, "third")
      }).pipe(Effect.scoped))

    it.live("is not taken in before the work and after it", () =>
      Effect.gen(function*() {
        const { worker } = yield* PipedWorker.make(contestant, { api: [text("done")] })
        assert.isFalse(yield* worker.tell({ id: "early", text: "too early" }))
        const { output } = yield* worker.run({ prompt: "[[say:done]]" }, ignore)
        assert.strictEqual(output, "done")
        assert.isFalse(yield* worker.tell({ id: "late", text: "too late" }))
      }).pipe(Effect.scoped))

    it.live("is taken back when the work is interrupted, and nothing is begun for it", () =>
      Effect.gen(function*() {
        const piped = yield* PipedWorker.make(contestant, { api: [hangAfter("half"), text("second")] })
        const run = yield* begin(contestant, piped, "[[stall]]")
        const told = yield* tell(piped, "one more")
        yield* Fiber.interrupt(run)
        assert.isFalse(yield* Fiber.join(told))
        assert.isTrue((yield* piped.worker.spent).exact)
        if (contestant === "real") assert.strictEqual(piped.api.main.length, 1)
      }).pipe(Effect.scoped))

    it.live("does not hide that the turn before it has failed, and the turn begun for it is ended", () =>
      Effect.gen(function*() {
        const go = yield* Deferred.make<void>()
        const piped = yield* PipedWorker.make(contestant, {
          api: (request) =>
            request.lastText.includes("one more") ? hangAfter("half") : Effect.as(Deferred.await(go), status(402))
        })
        const run = yield* begin(contestant, piped, "[[await:go]] [[error:402]]")
        const told = yield* tell(piped, "one more [[say:half]] [[stall]]")
        yield* release(piped, go)
        assert.strictEqual((yield* Effect.flip(Fiber.join(run))).reason._tag, "BillingStopped")
        yield* Fiber.join(told)
        assert.isTrue((yield* piped.worker.spent).exact)
      }).pipe(Effect.scoped))
  })
}
