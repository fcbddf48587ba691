/**
 * The contract of a pool, over each of its layers: the pool of this process, the same in another one, as far as calls and
 * answers go, and the one that survives the end of that process.
 */
import * as NodeSocket from "@effect/platform-node/NodeSocket"
import * as NodeSocketServer from "@effect/platform-node/NodeSocketServer"
import { assert, describe, it } from "@effect/vitest"
import { Context, Deferred, Duration, Effect, Fiber, Layer, Stream } from "effect"
import { RpcClient, RpcSerialization, RpcServer } from "effect/rpc"
import { Socket, SocketServer } from "effect/socket"
import { join } from "node:path"
import type { Failure } from "../src/domain/Failure.ts"
import { GroupId } from "../src/domain/GroupId.ts"
import { TaskId } from "../src/domain/TaskId.ts"
import type { TaskView } from "../src/domain/TaskView.ts"
import { Pool } from "../src/services/Pool.ts"
import { PoolRpcs } from "../src/services/pool/PoolRpcs.ts"
import { makeReconnecting } from "../src/services/pool/Reconnecting.ts"
import { handlers } from "../src/services/pool/Serving.ts"
import { Census } from "./support/Census.ts"
import { answer, type Script } from "./support/ScriptedClaude.ts"
import { testPool } from "./support/TestPool.ts"

const here = (script: Script) => testPool({ script })

const socketIn = Effect.map(Census.directory("contract-"), (directory) => join(directory, "pool"))

const server = (path: string, script: Script) =>
  RpcServer.layer(PoolRpcs, { disableFatalDefects: true, disableTracing: true }).pipe(
    Layer.provide(handlers),
    Layer.provide(RpcServer.layerProtocolSocketServer),
    Layer.provide(Layer.effect(SocketServer.SocketServer, Effect.orDie(NodeSocketServer.make({ path })))),
    Layer.provide(RpcSerialization.layerNdjson),
    Layer.provide(here(script))
  )

const client = (path: string) =>
  Pool.layerRemote({ pid: null }).pipe(
    Layer.provide(RpcClient.layerProtocolSocket()),
    Layer.provide(RpcSerialization.layerNdjson),
    Layer.provide(Layer.effect(Socket.Socket, NodeSocket.makeNet({ path })))
  )

const there = (script: Script) =>
  Layer.unwrap(Effect.map(socketIn, (path) => Layer.provide(client(path), server(path, script))))

const reconnecting = (script: Script) =>
  Layer.unwrap(Effect.map(socketIn, (path) => {
    let keys = 0
    const connect = Effect.map(Layer.build(client(path)), (built) => ({
      pool: Context.get(built, Pool),
      isLost: Effect.succeed(false),
      wasOpen: Effect.succeed(true)
    }))
    const key = Effect.sync(() => `own ${keys++}`)
    const pool = makeReconnecting({
      atOnce: true,
      connect,
      find: Effect.succeed(null),
      hasEnded: Effect.succeed(false),
      key
    })
    return Layer.provide(Layer.effect(Pool, pool), server(path, script))
  }))

const layers: Readonly<Record<string, (script: Script) => Layer.Layer<Pool, Failure>>> = {
  "of this process": here,
  "of another process": there,
  "of a process that may be replaced": reconnecting
}

const asId = (view: Pick<TaskView, "id">) => TaskId.make(view.id)
const within = Duration.minutes(1)

/** A worker that says what it was asked, unless it is to wait for ever. */
const script: Script = {
  run: ({ prompt }) => prompt.startsWith("never") ? Effect.never : Effect.succeed(answer(`did ${prompt}`))
}

for (const [name, layerOf] of Object.entries(layers)) {
  const play = <A, E>(test: (pool: Pool["Service"]) => Effect.Effect<A, E>, own: Script = script) =>
    Effect.gen(function*() {
      yield* test(yield* Pool)
    }).pipe(Effect.provide(layerOf(own)), Effect.scoped)

  describe(`a pool ${name}`, () => {
    it.live("runs a task, and knows it afterwards", () =>
      play((pool) =>
        Effect.gen(function*() {
          const view = yield* pool.run({ prompt: "a", name: "first", tags: ["x"] })
          assert.deepStrictEqual([view.state, view.summary, view.name], ["done", "did a", "first"])
          assert.strictEqual((yield* pool.result(asId(view))).state, "done")
          assert.strictEqual((yield* pool.output(asId(view), { offset: 0, limit: 100 })).text, "did a")
          assert.deepStrictEqual((yield* pool.list({ limit: 10, tag: "x" })).tasks.map(({ id }) => id), [view.id])
          const { budget, pool: where, tasks } = yield* pool.status
          assert.deepStrictEqual([tasks.done, budget.reserved_usd], [1, 0])
          assert.strictEqual(where, layerOf === here ? "here" : "elsewhere")
        })
      ))

    it.live("takes a request of the same key for the same one, and of another prompt for a mistake", () =>
      play((pool) =>
        Effect.gen(function*() {
          const first = yield* pool.submit({ prompt: "a", key: "k" })
          assert.strictEqual((yield* pool.submit({ prompt: "a", key: "k" })).id, first.id)
          const { reason } = yield* Effect.flip(pool.submit({ prompt: "b", key: "k" }))
          assert.deepInclude(reason, { _tag: "KeyConflict", id: first.id })
          assert.notStrictEqual((yield* pool.submit({ prompt: "a" })).id, (yield* pool.submit({ prompt: "a" })).id)
        })
      ))

    it.live("fails with the reasons that there are", () =>
      play((pool) =>
        Effect.gen(function*() {
          const unknown = TaskId.make("t_0000000000000000")
          const calls = [
            pool.result(unknown),
            pool.wait({ ids: [unknown], mode: "all", timeout: within }),
            pool.approve(asId(yield* pool.run({ prompt: "a" }))),
            pool.submit({ prompt: "a", cwd: "relative" })
          ]
          const reasons = yield* Effect.forEach(calls, (call: Effect.Effect<unknown, Failure>) => Effect.flip(call))
          assert.deepStrictEqual(reasons.map(({ reason }) => reason._tag), [
            "NotFound",
            "NotFound",
            "NotInReview",
            "InvalidRequest"
          ])
        })
      ))

    it.live("waits for all, for any, and no longer than it may", () =>
      play((pool) =>
        Effect.gen(function*() {
          const never = asId(yield* pool.submit({ prompt: "never" }))
          const soon = asId(yield* pool.submit({ prompt: "soon" }))
          const any = yield* pool.wait({ ids: [never, soon], mode: "any", timeout: within })
          assert.deepStrictEqual([any.done.map(({ id }) => id), any.running, any.timed_out], [[soon], [never], false])
          const all = yield* pool.wait({ ids: [never, soon], mode: "all", timeout: Duration.millis(1) })
          assert.deepStrictEqual([all.running, all.timed_out], [[never], true])
          const { already_finished, cancelled } = yield* pool.cancel([never, soon], "enough")
          assert.deepStrictEqual([cancelled, already_finished], [[never], [soon]])
          assert.strictEqual((yield* pool.result(never)).state, "cancelled")
        })
      ))

    it.live("cancels what is run by somebody who is interrupted", () =>
      Effect.gen(function*() {
        const begun = yield* Deferred.make<void>()
        const ended = yield* Deferred.make<void>()
        const run = () =>
          Deferred.succeed(begun, undefined).pipe(
            Effect.andThen(Effect.never),
            Effect.onInterrupt(() => Deferred.succeed(ended, undefined))
          )
        yield* play((pool) =>
          Effect.gen(function*() {
            const running = yield* Effect.forkChild(pool.run({ prompt: "a" }))
            yield* Deferred.await(begun)
            yield* Fiber.interrupt(running)
            yield* Deferred.await(ended)
            const [task] =
              (yield* pool.wait({ ids: [], mode: "all", timeout: within }), yield* pool.list({ limit: 1 })).tasks
            assert.strictEqual(task?.state, "cancelled")
          }), { run })
      }))

    it.live("only ends a wait that is interrupted", () =>
      play((pool) =>
        Effect.gen(function*() {
          const id = asId(yield* pool.submit({ prompt: "never" }))
          const waiting = yield* Effect.forkChild(pool.wait({ ids: [id], mode: "all", timeout: within }))
          yield* pool.status
          yield* Fiber.interrupt(waiting)
          assert.include(["queued", "running"], (yield* pool.result(id)).state)
          yield* pool.cancel([id], "")
        })
      ))

    it.live("runs groups and chains, and tells how they went", () =>
      play((pool) =>
        Effect.gen(function*() {
          const group = yield* pool.runFanOut([{ prompt: "a" }, { prompt: "b" }], { name: "both" })
          assert.deepStrictEqual([group.state, group.counts.done, group.name], ["done", 2, "both"])
          const items = yield* pool.items(GroupId.make(group.id), { from: 0, limit: 10 })
          assert.deepStrictEqual(items.items.map(({ state }) => state), ["done", "done"])
          const steps = [{ name: "first", prompt: "a" }, { name: "second", prompt: "then {steps.first.output}" }]
          const chain = yield* pool.runChain({ definition: { steps } })
          assert.deepStrictEqual([chain.state, chain.steps.map(({ state }) => state)], ["done", ["done", "done"]])
        })
      ))

    it.live("has results looked at, sends them back, and lets them pass", () =>
      play((pool) =>
        Effect.gen(function*() {
          const presented = yield* pool.run({ prompt: "a", review: { maxRejections: 2 } })
          assert.strictEqual(presented.state, "review")
          const id = asId(presented)
          yield* pool.reject(id, "more")
          const { review = [] } = yield* pool.wait({ ids: [id], mode: "all", timeout: within })
          assert.deepStrictEqual(review.map((one) => one.review?.rejections), [1])
          assert.strictEqual((yield* pool.approve(id, { note: "well" })).state, "done")
        })
      ))

    it.live("tells what happens, as it happens", () =>
      play((pool) =>
        Effect.gen(function*() {
          const heard = yield* Deferred.make<void>()
          const seen = yield* pool.events.pipe(
            Stream.tap(() => Deferred.succeed(heard, undefined)),
            Stream.map(({ _tag }) => _tag),
            Stream.takeUntil((tag) => tag === "Finished"),
            Stream.runCollect,
            Effect.forkChild({ startImmediately: true })
          )
          // It listens as soon as it has heard of one.
          const ear = yield* Effect.forkChild(Effect.forever(pool.run({ prompt: "early" })))
          yield* Deferred.await(heard)
          yield* Fiber.interrupt(ear)
          yield* pool.run({ prompt: "late" })
          assert.include(yield* Fiber.join(seen), "Finished")
        })
      ))

    it.live("keeps context, and takes nothing in while it is drained", () =>
      play((pool) =>
        Effect.gen(function*() {
          yield* pool.setContext("pool", "tone", "dry")
          assert.strictEqual((yield* pool.getContext("pool", "tone"))?.value, "dry")
          assert.isTrue(yield* pool.deleteContext("pool", "tone"))
          assert.isNull(yield* pool.getContext("pool", "tone"))
          assert.strictEqual((yield* pool.drain({ grace: Duration.zero })).queued, 0)
          assert.strictEqual((yield* Effect.flip(pool.submit({ prompt: "a" }))).reason._tag, "ShuttingDown")
          yield* pool.resume
          assert.strictEqual((yield* pool.run({ prompt: "a" })).state, "done")
        })
      ))
  })
}
