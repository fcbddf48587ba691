/**
 * The events of a pool in another process: how they go on with the next one, and who starts that.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, PubSub, Queue, Stream } from "effect"
import { PoolLost } from "../src/domain/EnvironmentFailure.ts"
import { fail, type Failure } from "../src/domain/Failure.ts"
import { PoolEvent } from "../src/domain/PoolEvent.ts"
import { Pool } from "../src/services/Pool.ts"
import { makeReconnecting } from "../src/services/pool/Reconnecting.ts"
import { doneView, sampleId } from "./support/SampleViews.ts"
import { pass, settle } from "./support/Time.ts"

const task = sampleId("a")
const submitted = PoolEvent.cases.Submitted.make({ id: task })

/** How a process goes: with a word to those who listen, or without one. */
type Going = "ends" | "dies"

/** A machine on which processes come and go, a pool that connects to them, and what it tells. */
const machine = Effect.gen(function*() {
  let started = 0
  let here: { readonly hub: PubSub.PubSub<PoolEvent | Failure>; isGone: boolean } | null = null
  let hasEnded = false

  const begin = Effect.map(PubSub.unbounded<PoolEvent | Failure>(), (hub) => {
    hasEnded = false
    return here = { hub, isGone: false }
  })
  const connectTo = Effect.fnUntraced(function*(process: NonNullable<typeof here>) {
    const pool = yield* Effect.provide(
      Pool,
      Layer.mock(Pool, {
        result: () => process.isGone ? Effect.fail(lost) : Effect.succeed(doneView("a")),
        events: Stream.fromPubSub(process.hub).pipe(
          Stream.mapEffect((told) => told._tag === "Failure" ? Effect.fail(told) : Effect.succeed(told))
        )
      })
    )
    return { pool, isLost: Effect.sync(() => process.isGone), wasOpen: Effect.succeed(true) }
  })
  const start = Effect.suspend(() => {
    started++
    return begin
  })
  const pool = yield* makeReconnecting({
    connect: Effect.suspend(() => here === null ? start : Effect.succeed(here)).pipe(Effect.flatMap(connectTo)),
    find: Effect.suspend(() => here === null ? Effect.succeed(null) : connectTo(here)),
    hasEnded: Effect.sync(() => hasEnded),
    key: Effect.succeed("own"),
    atOnce: false
  })
  const told = yield* Queue.unbounded<string>()
  const hear = Stream.runForEach(pool.events, ({ _tag }) => Queue.offer(told, _tag))
  yield* Effect.forkScoped(hear, { startImmediately: true })

  return {
    begin,
    call: pool.result(task),
    tell: Effect.suspend(() => here === null ? Effect.void : PubSub.publish(here.hub, submitted)),
    go: (going: Going) =>
      Effect.suspend(() => {
        const gone = here!
        here = null
        gone.isGone = true
        hasEnded = going === "ends"
        return Effect.andThen(
          going === "ends" ? PubSub.shutdown(gone.hub) : PubSub.publish(gone.hub, lost),
          settle
        )
      }),
    /** All that has been told since it was asked last. */
    told: Effect.andThen(settle, Queue.clear(told)),
    started: () => started
  }
})
const lost = fail(new PoolLost({ pid: 1, detail: "gone" }))

describe("the events of a pool whose process ends", () => {
  it.effect("go on with the one that a call starts, and none is started for them", () =>
    Effect.gen(function*() {
      const { call, go, started, tell, told } = yield* machine
      assert.deepStrictEqual(yield* told, ["Lost"])
      yield* pass("1 hour")
      assert.strictEqual(started(), 0)
      yield* call
      yield* settle
      yield* tell
      assert.deepStrictEqual(yield* told, ["Found", "Submitted"])
      yield* go("ends")
      assert.deepStrictEqual(yield* told, ["Lost"])
      yield* pass("1 hour")
      assert.deepStrictEqual([yield* told, started()], [[], 1])
      yield* call
      yield* settle
      yield* tell
      assert.deepStrictEqual([yield* told, started()], [["Found", "Submitted"], 2])
    }).pipe(Effect.scoped))

  it.effect("go on with the one that somebody else starts", () =>
    Effect.gen(function*() {
      const { begin, call, go, started, tell, told } = yield* machine
      yield* call
      for (const _ of [1, 2, 3, 4, 5, 6]) {
        yield* told
        yield* go("ends")
        yield* begin
        assert.deepStrictEqual(yield* told, ["Lost"])
        yield* pass("2 seconds")
        yield* tell
        assert.deepStrictEqual(yield* told, ["Found", "Submitted"])
      }
      assert.strictEqual(started(), 1)
    }).pipe(Effect.scoped))

  it.effect("have one started in the place of one that died, a few times; then they wait for a call", () =>
    Effect.gen(function*() {
      const { call, go, started, told } = yield* machine
      yield* call
      yield* told
      for (const count of [2, 3, 4, 5]) {
        yield* go("dies")
        assert.deepStrictEqual([yield* told, started()], [["Lost", "Found"], count])
      }
      yield* go("dies")
      yield* pass("1 hour")
      assert.deepStrictEqual([yield* told, started()], [["Lost"], 5])
      yield* call
      assert.deepStrictEqual([yield* told, started()], [["Found"], 6])
    }).pipe(Effect.scoped))
})
