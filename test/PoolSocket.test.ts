/**
 * A pool that is spoken to from another process: whatever is asked arrives as it was sent, whatever is answered comes back
 * as it was said, and interruption, failures and the end of the other process are told.
 */
import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it, layer } from "@effect/vitest"
import { Arbitrary, Context, Deferred, Effect, Equal, Exit, Fiber, Layer, Schema, Stream, Struct } from "effect"
import { SecureRandom } from "effect/crypto"
import type { Rpc } from "effect/rpc"
import { statSync } from "node:fs"
import { connect } from "node:net"
import { join } from "node:path"
import process from "node:process"
import { Failure } from "../src/domain/Failure.ts"
import { UsageLimited } from "../src/domain/LimitFailure.ts"
import type { PoolEvent } from "../src/domain/PoolEvent.ts"
import type { PoolStatus } from "../src/domain/PoolView.ts"
import { TaskRequest } from "../src/domain/TaskRequest.ts"
import * as PoolSocket from "../src/layers/PoolSocket.ts"
import { LongestCall } from "../src/layers/PoolSocketLines.ts"
import * as StoreDirectory from "../src/layers/StoreDirectory.ts"
import { Pool } from "../src/services/Pool.ts"
import { withDefaults } from "../src/services/pool/Defaulted.ts"
import { PoolRpcs } from "../src/services/pool/PoolRpcs.ts"
import { Census } from "./support/Census.ts"
import { doneView, groupView, sampleId } from "./support/SampleViews.ts"

/** The pool of this process, asked through its socket. */
const across = Effect.fnUntraced(function*(pool: Partial<Pool["Service"]>, below = "") {
  const directory = yield* Census.directory("socket-")
  const store = join(directory, "store")
  const options = { store, temporary: join(directory, below), pid: process.pid, simulate: true }
  const serving = PoolSocket.serve(options).pipe(
    Layer.provide(Layer.mock(Pool, pool)),
    Layer.provideMerge(StoreDirectory.layer({ directory: store, owner: "test" })),
    Layer.provideMerge(Layer.merge(NodeServices.layer, SecureRandom.layerWebCrypto))
  )
  const scope = yield* Effect.scope
  const context = yield* Layer.buildWithScope(serving, scope)
  const find = (simulate: boolean) => Effect.provideContext(PoolSocket.find(store, simulate), context)
  const reachable = yield* Effect.flatMap(Effect.flatMap(find(true), Effect.fromOption), Effect.succeed)
  const there = yield* Layer.buildWithScope(PoolSocket.connect(reachable, {}), scope)
  return { directory, find, reachable, pool: yield* Effect.provideContext(Pool, there) }
})

type Call = (...given: ReadonlyArray<unknown>) => Effect.Effect<unknown, Failure>

const calls = [...PoolRpcs.requests.values()].filter(({ _tag }) => _tag !== "events") as unknown as ReadonlyArray<
  Rpc.AnyWithProps
>

/** Those that are no functions, because nothing can be said with them. */
const isValue = ({ _tag }: Rpc.AnyWithProps): boolean => _tag === "status" || _tag === "resume" || _tag === "merges"

/** In the order in which the call takes them; those at the end that are not said are not given. */
const given = ({ payloadSchema }: Rpc.AnyWithProps, payload: unknown): ReadonlyArray<unknown> => {
  const names = Object.keys((payloadSchema as unknown as { readonly fields: object }).fields)
  const all = names.map((name) => (payload as Readonly<Record<string, unknown>>)[name])
  return all.slice(0, all.findLastIndex((value) => value !== undefined) + 1)
}

/** What hardly ever comes about by chance is given: a prompt that says something, and the schema of an object. */
const schema = { type: "object", properties: { answer: { type: "string" } } }
const Unshaped = Schema.Struct({ ...Struct.omit(TaskRequest.fields, ["schema"]), prompt: Schema.String })

const payloads = (rpc: Rpc.AnyWithProps): Arbitrary.Arbitrary<unknown> =>
  rpc._tag === "submit" || rpc._tag === "run"
    ? Arbitrary.map(Arbitrary.schema(Unshaped), (request) => ({
      request: { ...request, prompt: `do ${request.prompt}`, schema }
    }))
    : Arbitrary.schema(rpc.payloadSchema)

const status: PoolStatus = {
  store: "/store",
  pool: "here",
  slots: [],
  tasks: { queued: 0, running: 0, review: 0, done: 0, failed: 0, cancelled: 0 },
  running: [],
  budget: { spent_usd: 0, reserved_usd: 0 }
}

/** One pool for many calls: what is answered next is in `reply`, what was asked last in `heard`. */
class Recorded extends Context.Service<Recorded, {
  readonly pool: Pool["Service"]
  readonly since: string | undefined
  readonly now: { reply: unknown; heard: ReadonlyArray<unknown> }
}>()("claude-pool/test/Recorded") {
  static readonly layer = Layer.effect(
    this,
    Effect.gen(function*() {
      const now: Recorded["Service"]["now"] = { reply: null, heard: [] }
      const answer: Call = (...asked) =>
        Effect.sync(() => {
          now.heard = asked.slice(0, asked.findLastIndex((value) => value !== undefined) + 1)
          return now.reply
        })
      const scripted = Object.fromEntries(calls.map((rpc) => [rpc._tag, isValue(rpc) ? answer() : answer]))
      const { pool, reachable } = yield* across(scripted as Partial<Pool["Service"]>)
      // The connection is made with the first call, and stays: it is no test's own.
      now.reply = status
      yield* pool.status
      return { pool, now, since: reachable.since }
    })
  )
}

layer(Recorded.layer)("a pool in another process, asked for anything,", (it) => {
  for (const rpc of calls) {
    it.effect.prop(
      `hears a call of ${rpc._tag}, and is heard`,
      [payloads(rpc), Arbitrary.schema(rpc.successSchema)],
      ([payload, reply]) =>
        Effect.gen(function*() {
          const { now, pool, since } = yield* Recorded
          Object.assign(now, { reply, heard: null })
          const asked = given(rpc, payload)
          const call = pool[rpc._tag as "status"] as unknown as Call | Effect.Effect<unknown, Failure>
          const said = yield* Effect.isEffect(call) ? call : call(...asked)
          assert.isTrue(Equal.equals(now.heard, asked), `heard ${JSON.stringify(now.heard)}`)
          const elsewhere = { pool: "elsewhere", host: { pid: process.pid, since } }
          const meant = rpc._tag === "status" ? { ...(reply as object), ...elsewhere } : reply
          assert.isTrue(Equal.equals(said, meant), `said ${JSON.stringify(said)}`)
        }),
      { arbitrary: { runs: 20 } }
    )
  }
})

describe("a pool in another process", () => {
  it.effect("can be asked all that a pool can be asked", () =>
    Effect.gen(function*() {
      const { pool } = yield* across({})
      assert.deepStrictEqual(Object.keys(pool).toSorted(), [...PoolRpcs.requests.keys()].toSorted())
    }))

  it.effect("fails as the pool has failed", () =>
    Effect.gen(function*() {
      const failure = new Failure({ reason: new UsageLimited({ detail: "no more", resumeAt: null }) })
      const { pool } = yield* across({ result: () => failure })
      assert.deepStrictEqual(yield* Effect.flip(pool.result(sampleId("a"))), failure)
    }))

  it.effect("is told when a call is interrupted", () =>
    Effect.gen(function*() {
      const begun = yield* Deferred.make<void>()
      const cut = yield* Deferred.make<void>()
      const run = () =>
        Deferred.succeed(begun, undefined).pipe(
          Effect.andThen(Effect.never),
          Effect.onInterrupt(() => Deferred.succeed(cut, undefined))
        )
      const { pool } = yield* across({ run })
      const fiber = yield* Effect.forkChild(pool.run({ prompt: "for ever" }))
      yield* Deferred.await(begun)
      yield* Fiber.interrupt(fiber)
      yield* Deferred.await(cut)
    }))

  it.effect("goes on with other calls when one of them dies", () =>
    Effect.gen(function*() {
      const { pool } = yield* across({
        result: () => Effect.die(new Error("broken")),
        status: Effect.never,
        list: () => Effect.succeed({ tasks: [doneView("b")], total: 1 })
      })
      assert.isTrue(Exit.hasDies(yield* Effect.exit(pool.result(sampleId("a")))))
      assert.strictEqual((yield* pool.list({ limit: 1 })).total, 1)
    }))

  it.live("lets a client go that writes a line without an end, and answers the others", () =>
    Effect.gen(function*() {
      const { pool, reachable } = yield* across({ list: () => Effect.succeed({ tasks: [doneView("b")], total: 1 }) })
      const client = yield* Effect.acquireRelease(
        Effect.sync(() => connect(reachable.socket)),
        (one) => Effect.sync(() => one.destroy())
      )
      const mebibyte = "x".repeat(2 ** 20)
      yield* Effect.callback<void>((resume) => {
        client.on("error", () => undefined).once("close", () => resume(Effect.void))
        const write = () => client.write(mebibyte, () => client.writable && write())
        write()
      })
      assert.strictEqual((yield* pool.list({ limit: 1 })).total, 1)
    }).pipe(Effect.provideService(LongestCall, 2 ** 24)))

  it.live("is asked, and answers, at any length that a group or an answer may have", () =>
    Effect.gen(function*() {
      const long = "ä\n".repeat(10 * 2 ** 20)
      const { pool } = yield* across({
        fanOut: ([item]) => Effect.succeed(groupView({ name: String(item?.prompt === long) })),
        output: () => Effect.succeed({ id: "a", offset: 0, text: long, total: long.length })
      })
      assert.strictEqual((yield* pool.fanOut([{ prompt: long }])).name, "true")
      assert.isTrue((yield* pool.output(sampleId("a"), { offset: 0, limit: long.length })).text === long)
    }))

  it.effect("is not sent what is too long for it, and whoever wanted to is told so", () =>
    Effect.gen(function*() {
      const { pool } = yield* across({ list: () => Effect.succeed({ tasks: [doneView("b")], total: 1 }) })
      const { reason } = yield* Effect.flip(pool.fanOut([{ prompt: "x".repeat(2 ** 16) }]))
      assert.strictEqual(reason._tag, "InvalidRequest")
      assert.match(reason.message, /^the request has 6\d\.?\d* KiB, and 64 KiB reach the pool$/)
      assert.strictEqual((yield* pool.list({ limit: 1 })).total, 1)
    }).pipe(Effect.provideService(LongestCall, 2 ** 16)))

  it.effect("is reached where the place for temporary files has a path that is too long for a socket", () =>
    Effect.gen(function*() {
      const { pool, reachable } = yield* across(
        { list: () => Effect.succeed({ tasks: [], total: 0 }) },
        "d".repeat(100)
      )
      assert.match(reachable.socket, /^\/tmp\/claude-pool-\w{12}\/pool$/)
      assert.strictEqual((yield* pool.list({ limit: 1 })).total, 0)
    }))

  it.effect("tells its events as they come", () =>
    Effect.gen(function*() {
      const events: ReadonlyArray<PoolEvent> = [
        { _tag: "Submitted", id: sampleId("a") },
        { _tag: "Finished", id: sampleId("a"), state: "Done" }
      ]
      const { pool } = yield* across({ events: Stream.fromIterable(events) })
      assert.deepStrictEqual(yield* Stream.runCollect(pool.events), events)
    }))

  it.effect("is nobody else's to speak to, and not spoken to where it is another kind of pool", () =>
    Effect.gen(function*() {
      const { directory, find, reachable } = yield* across({})
      assert.strictEqual(statSync(reachable.socket).mode & 0o777, 0o600)
      assert.strictEqual(statSync(join(reachable.socket, "..")).mode & 0o777, 0o700)
      assert.strictEqual(statSync(join(directory, "store", "socket.json")).mode & 0o777, 0o600)
      assert.strictEqual((yield* find(false))._tag, "None")
    }))
})

describe("requests to another process", () => {
  it.effect("carry what the caller's own settings say, unless they say it themselves", () =>
    Effect.gen(function*() {
      const heard: Array<unknown> = []
      const note = (...given: ReadonlyArray<unknown>) =>
        Effect.sync(() => heard.push(given)).pipe(Effect.andThen(Effect.never))
      const scripted = yield* Effect.provide(
        Pool,
        Layer.mock(Pool, { submit: note, fanOut: note, submitChain: note, auto: note })
      )
      const pool = withDefaults(scripted, { cwd: "/here", model: "haiku" })
      const chain = { definition: { steps: [{ name: "a", prompt: "b" }], defaults: { model: "opus" } } }
      yield* Effect.forEach(
        [
          pool.submit({ prompt: "a", model: "opus" }),
          pool.fanOut([{ prompt: "a" }], { defaults: { maxTurns: 3 } }),
          pool.submitChain(chain),
          pool.auto("a")
        ],
        (call) => Effect.forkChild(call, { startImmediately: true }),
        { discard: true }
      )
      assert.deepStrictEqual<unknown>(heard, [
        [{ cwd: "/here", model: "opus", prompt: "a" }],
        [[{ prompt: "a" }], { defaults: { cwd: "/here", model: "haiku", maxTurns: 3 } }],
        [{ cwd: "/here", definition: { steps: [{ name: "a", prompt: "b" }], defaults: { model: "opus" } } }],
        ["a", { options: { cwd: "/here", model: "haiku" } }]
      ])
    }))
})
