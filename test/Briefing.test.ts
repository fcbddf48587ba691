/**
 * What an attempt tells its worker beside its prompt, and what it hears from it.
 */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Layer, Ref } from "effect"
import { StoreUnusable } from "../src/domain/EnvironmentFailure.ts"
import { Failure } from "../src/domain/Failure.ts"
import { TaskId } from "../src/domain/TaskId.ts"
import { WorkerCall } from "../src/domain/WorkerCall.ts"
import { ProviderFailed, SessionLost } from "../src/domain/WorkerFailure.ts"
import { type Correspondence, Messages } from "../src/services/Messages.ts"
import { Pool } from "../src/services/Pool.ts"
import { SharedContext } from "../src/services/SharedContext.ts"
import { answer, StartedWorkers } from "./support/ScriptedClaude.ts"
import { testPool } from "./support/TestPool.ts"
import { pass, settle } from "./support/Time.ts"

const briefings = (briefing: string | undefined) =>
  Layer.mock(SharedContext, { briefing: () => Effect.succeed(briefing) })

const systemPrompts = Effect.map(
  Effect.flatMap(StartedWorkers, ({ started }) => started),
  (all) => all.map(({ launch }) => launch.systemPrompt)
)

describe("a briefing", () => {
  it.effect("stands after the task's own system prompt, which is the same for many", () =>
    Effect.gen(function*() {
      const pool = yield* Pool
      yield* pool.run({ prompt: "a", systemPrompt: "be brief" })
      yield* pool.run({ prompt: "b" })
      assert.deepStrictEqual(yield* systemPrompts, ["be brief\n\nthe branch is main", "the branch is main"])
    }).pipe(Effect.provide(testPool({ told: briefings("the branch is main") }))))

  it.effect("leaves no trace where there is nothing to say", () =>
    Effect.gen(function*() {
      const pool = yield* Pool
      yield* pool.run({ prompt: "a", systemPrompt: "be brief" })
      yield* pool.run({ prompt: "b" })
      assert.deepStrictEqual(yield* systemPrompts, ["be brief", undefined])
    }).pipe(Effect.provide(testPool({ told: briefings(undefined) }))))
})

/** A correspondence that says in its log what was done with it. */
const letters = (log: Array<string>, more: Partial<Correspondence> = {}) =>
  Layer.mock(Messages, {
    open: (task, slot) =>
      Effect.as(
        Effect.acquireRelease(
          Effect.sync(() => log.push(`open ${task.prompt} on ${slot}`)),
          () => Effect.sync(() => log.push("close"))
        ),
        {
          waiting: Effect.succeed("a letter"),
          attend: () => Effect.void,
          answer: () => Effect.succeed(""),
          confirm: Effect.sync(() => log.push("confirm")),
          ...more
        }
      )
  })

describe("the correspondence of an attempt", () => {
  it.effect("puts what has waited before the prompt, and is confirmed before the answer is on record", () => {
    const log: Array<string> = []
    const asked: Array<string> = []
    const look = Ref.makeUnsafe<Effect.Effect<string | undefined, Failure>>(Effect.succeed("unknown"))
    const confirm = Effect.map(Effect.flatten(Ref.get(look)), (state) => log.push(`confirm while ${state}`))
    const run = ({ prompt }: { readonly prompt: string }) => {
      asked.push(prompt)
      return Effect.succeed(answer("fine"))
    }
    return Effect.gen(function*() {
      const pool = yield* Pool
      yield* Ref.set(look, Effect.map(pool.list({ limit: 1 }), ({ tasks }) => tasks[0]?.state))
      assert.strictEqual((yield* pool.run({ prompt: "a" })).state, "done")
      yield* settle
      assert.deepStrictEqual([asked, log], [["a letter\n\na"], ["open a on 1", "confirm while running", "close"]])
    }).pipe(Effect.provide(testPool({ slots: 1, script: { run }, told: letters(log, { confirm }) })))
  })

  it.effect("is not confirmed by an attempt that failed, and is opened anew for the next", () => {
    const log: Array<string> = []
    const tries = Ref.makeUnsafe(0)
    const run = () =>
      Effect.flatMap(Ref.updateAndGet(tries, (n) => n + 1), (n) =>
        n === 1
          ? Effect.fail(new Failure({ reason: new ProviderFailed({ status: 529, detail: "" }) }))
          : Effect.succeed(answer("fine")))
    return Effect.gen(function*() {
      yield* (yield* Pool).submit({ prompt: "a" })
      yield* pass("1 minute")
      assert.deepStrictEqual(log, ["open a on 1", "close", "open a on 1", "confirm", "close"])
    }).pipe(Effect.provide(testPool({ slots: 1, script: { run }, told: letters(log) })))
  })

  it.effect("tells the worker what comes in while it works, and no longer", () => {
    const log: Array<string> = []
    const later = Deferred.makeUnsafe<void>()
    const end = Deferred.makeUnsafe<void>()
    const attend: Correspondence["attend"] = (tell) =>
      Effect.gen(function*() {
        yield* Effect.addFinalizer(() => Effect.sync(() => log.push("not attended any more")))
        yield* Deferred.await(later)
        log.push(`told: ${yield* tell({ id: "1", text: "hurry" })}`)
        return yield* Effect.never
      })
    return Effect.gen(function*() {
      const { id } = yield* (yield* Pool).submit({ prompt: "a" })
      yield* settle
      yield* Deferred.succeed(later, undefined)
      yield* settle
      const [worker] = yield* (yield* StartedWorkers).started
      assert.deepStrictEqual(yield* worker!.told, [{ id: "1", text: "hurry" }])
      yield* Deferred.succeed(end, undefined)
      yield* settle
      assert.strictEqual((yield* (yield* Pool).result(TaskId.make(id))).state, "done")
      assert.deepStrictEqual(log, ["open a on 1", "told: true", "not attended any more", "confirm", "close"])
    }).pipe(Effect.provide(testPool({
      slots: 1,
      script: { run: () => Effect.as(Deferred.await(end), answer("fine")) },
      told: letters(log, { attend })
    })))
  })

  it.effect("answers what the worker asks for, and gives it the tools where the task says so", () => {
    const calls: Array<string> = []
    const answering: Correspondence["answer"] = (call) => Effect.succeed(`answered ${call._tag}`)
    return Effect.gen(function*() {
      const pool = yield* Pool
      yield* pool.run({ prompt: "a", mailbox: true })
      yield* pool.run({ prompt: "b" })
      assert.deepStrictEqual(calls, ["answered ReadMessages", "answered ReadMessages"])
      const started = yield* (yield* StartedWorkers).started
      assert.deepStrictEqual(started.map(({ launch }) => launch.mailbox), [true, undefined])
    }).pipe(Effect.provide(testPool({
      script: {
        run: Effect.fnUntraced(function*({ onCall }) {
          calls.push(yield* onCall!(WorkerCall.cases.ReadMessages.make({})))
          return answer("fine")
        })
      },
      told: letters([], { answer: answering })
    })))
  })

  it.effect("is one for both sessions, where the author's is gone", () => {
    const log: Array<string> = []
    const asked: Array<string> = []
    return Effect.gen(function*() {
      const pool = yield* Pool
      const id = TaskId.make((yield* pool.run({ prompt: "a", review: { maxRejections: 1 } })).id)
      yield* pool.reject(id, "no")
      yield* settle
      assert.deepStrictEqual(log, ["open a on 1", "confirm", "close", "open a on 1", "confirm", "close"])
      assert.isTrue(asked.every((prompt) => prompt.startsWith("a letter\n\n")))
      assert.strictEqual(asked.length, 3)
    }).pipe(Effect.provide(testPool({
      slots: 1,
      script: {
        run: ({ prompt }, { launch: { resume } }) => {
          asked.push(prompt)
          return resume === undefined
            ? Effect.succeed(answer("fine"))
            : Effect.fail(new Failure({ reason: new SessionLost({ session: resume }) }))
        }
      },
      told: letters(log)
    })))
  })

  it.effect("does not cost the answer when it cannot be confirmed", () => {
    const broken = new Failure({ reason: new StoreUnusable({ directory: "/x", problem: "corrupt", detail: "" }) })
    return Effect.gen(function*() {
      assert.strictEqual((yield* (yield* Pool).run({ prompt: "a" })).state, "done")
    }).pipe(Effect.provide(testPool({ told: letters([], { confirm: broken }) })))
  })

  it.effect("ends with the attempt, also when that is cancelled", () => {
    const log: Array<string> = []
    return Effect.gen(function*() {
      const pool = yield* Pool
      const { id } = yield* pool.submit({ prompt: "a" })
      yield* settle
      yield* pool.cancel([TaskId.make(id)], "")
      assert.deepStrictEqual(log, ["open a on 1", "close"])
    }).pipe(Effect.provide(testPool({ slots: 1, script: { run: () => Effect.never }, told: letters(log) })))
  })
})
