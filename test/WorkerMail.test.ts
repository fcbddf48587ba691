/**
 * Shared context and messages in a pool at work: what its workers are started with, and what they are told.
 */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Duration, Effect, Fiber, Layer, Ref } from "effect"
import { SecureRandom } from "effect/crypto"
import { Failure } from "../src/domain/Failure.ts"
import { TaskId } from "../src/domain/TaskId.ts"
import { ProviderFailed } from "../src/domain/WorkerFailure.ts"
import * as StoreDirectory from "../src/layers/StoreDirectory.ts"
import { Events } from "../src/services/Events.ts"
import { Messages } from "../src/services/Messages.ts"
import { Pool } from "../src/services/Pool.ts"
import { Roster } from "../src/services/Roster.ts"
import { SharedContext } from "../src/services/SharedContext.ts"
import { answer, type Script, StartedWorkers } from "./support/ScriptedClaude.ts"
import { fates, numbersIn, seats, toSlot } from "./support/TestMessages.ts"
import { testPool } from "./support/TestPool.ts"
import { pass, settle } from "./support/Time.ts"

const poolWithMail = (script: Script) =>
  testPool({ slots: 1, script }).pipe(
    Layer.provideMerge(Layer.mergeAll(Messages.layer, SharedContext.layer)),
    Layer.provide(SecureRandom.layerWebCrypto),
    Layer.provideMerge([Events.layer, Roster.layer(seats.slice(0, 1)), StoreDirectory.layerMemory])
  )

describe("a worker of a pool", () => {
  it.effect("starts with the context behind its system prompt, and with what has waited before its prompt", () => {
    const prompts: Array<string> = []
    const run: Script["run"] = ({ prompt }) => Effect.sync(() => answer(String(prompts.push(prompt))))
    return Effect.gen(function*() {
      yield* (yield* SharedContext).set("pool", "style", "tabs")
      yield* (yield* Messages).send(toSlot(1), "be quick")
      const done = yield* (yield* Pool).run({ prompt: "work", systemPrompt: "You are careful." })
      const [process] = yield* (yield* StartedWorkers).started
      assert.match(process?.launch.systemPrompt ?? "", /^You are careful\.\n\nFacts [^]*key=style [^]*\ntabs\n/)
      assert.match(prompts[0] ?? "", /from the coordinator:\nbe quick\n[^]*\n\nwork$/)
      assert.deepStrictEqual(yield* fates, [`1 slot-1 delivered ${done.id}`])
    }).pipe(Effect.provide(poolWithMail({ run })))
  })

  it.effect("is told what comes while it works, and what it was told is told again when its attempt fails", () => {
    const prompts: Array<string> = []
    const told: Array<number> = []
    const failing = Deferred.makeUnsafe<void>()
    const tries = Ref.makeUnsafe(0)
    const run: Script["run"] = Effect.fnUntraced(function*({ prompt }) {
      prompts.push(prompt)
      if ((yield* Ref.updateAndGet(tries, (n) => n + 1)) > 1) return answer("done")
      yield* Deferred.await(failing)
      return yield* new Failure({ reason: new ProviderFailed({ status: 529, detail: "" }) })
    })
    const tell: Script["tell"] = ({ text }) => Effect.sync(() => told.push(...numbersIn(text)) > 0)
    return Effect.gen(function*() {
      const pool = yield* Pool
      const messages = yield* Messages
      const id = TaskId.make((yield* pool.submit({ prompt: "work" })).id)
      const done = yield* Effect.forkChild(pool.wait({ ids: [id], mode: "all", timeout: Duration.hours(1) }))
      yield* settle
      yield* messages.send({ _tag: "Task", task: id }, "a")
      yield* messages.send(toSlot(1), "b")
      yield* settle
      assert.deepStrictEqual(told, [1, 2])
      yield* Deferred.succeed(failing, undefined)
      yield* pass("1 minute")
      assert.deepStrictEqual((yield* Fiber.join(done)).done.map(({ state }) => state), ["done"])
      assert.deepStrictEqual(prompts.map(numbersIn), [[], [1, 2]])
      assert.deepStrictEqual(yield* fates, [`1 ${id} delivered ${id}`, `2 slot-1 delivered ${id}`])
    }).pipe(Effect.provide(poolWithMail({ run, tell })))
  })

  it.effect("writes to the coordinator with its tools", () => {
    const run: Script["run"] = (turn) =>
      Effect.map(
        turn.onCall!({ _tag: "SendMessage", to: { _tag: "Coordinator" }, text: "which branch?" }),
        answer
      )
    return Effect.gen(function*() {
      const done = yield* (yield* Pool).run({ prompt: "work", mailbox: true })
      assert.strictEqual(done.summary, "sent to coordinator")
      const read = yield* (yield* Messages).read({ limit: 10 })
      assert.deepStrictEqual(read.map(({ from, text }) => [from, text]), [[done.id, "which branch?"]])
    }).pipe(Effect.provide(poolWithMail({ run })))
  })
})
