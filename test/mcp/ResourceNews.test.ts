/**
 * What a client hears of by itself: resources that have changed, works that have appeared, and a log if it wants one.
 */
import { assert, describe, it } from "@effect/vitest"
import type { Client } from "@modelcontextprotocol/sdk/client/index.js"
import {
  LoggingMessageNotificationSchema,
  ResourceListChangedNotificationSchema,
  ResourceUpdatedNotificationSchema
} from "@modelcontextprotocol/sdk/types.js"
import { Effect, PubSub, Queue, Stream } from "effect"
import { TestClock } from "effect/testing"
import { fail } from "../../src/domain/Failure.ts"
import { PoolEvent } from "../../src/domain/PoolEvent.ts"
import { NotFound } from "../../src/domain/RequestFailure.ts"
import { SlotId } from "../../src/domain/SlotId.ts"
import { sampleChain, sampleGroup } from "../support/SampleViews.ts"
import { pass } from "../support/Time.ts"
import { connectClient, doneTask, groupView, taskId } from "./ScriptedPool.ts"

const task = taskId(1)
const other = taskId(2)
const slot = SlotId.make(1)

const started = PoolEvent.cases.Started.make({ id: task, attempt: 1, slot })
const finished = PoolEvent.cases.Finished.make({ id: task, state: "Failed" })
const pruned = PoolEvent.cases.Pruned.make({})
const lost = PoolEvent.cases.Lost.make({})
const found = PoolEvent.cases.Found.make({})
const unrelated = PoolEvent.cases.Submitted.make({ id: other })

/** A client of a pool whose events the test makes, and all that it is told by itself, in order. */
const listen = Effect.gen(function*() {
  // Whoever begins to listen later hears what came before.
  const hub = yield* PubSub.unbounded<PoolEvent>({ replay: 100 })
  const told = yield* Queue.unbounded<string>()
  const hear = (client: Client) => {
    client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => {
      Queue.offerUnsafe(told, params.uri)
    })
    client.setNotificationHandler(ResourceListChangedNotificationSchema, () => {
      Queue.offerUnsafe(told, "list")
    })
    client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) => {
      Queue.offerUnsafe(told, `${params.level} ${String(params.data)}`)
    })
  }
  const gone = new Set<string>()
  const looked: Array<string> = []
  const { client } = yield* connectClient({
    events: Stream.fromPubSub(hub),
    result: (id) => {
      looked.push(id)
      return gone.has(id)
        ? Effect.fail(fail(new NotFound({ id })))
        : Effect.succeed(doneTask(id, id === task ? { part_of: sampleGroup } : {}))
    },
    group: (id) => Effect.succeed(groupView(id, { part_of: sampleChain }))
  }, { toolsets: [], prepare: hear })
  return {
    client,
    gone,
    looked,
    tell: (...events: ReadonlyArray<PoolEvent>) => PubSub.publishAll(hub, events),
    /** Lets time pass until it is told something. */
    next: Effect.raceFirst(Queue.take(told), Effect.forever(TestClock.adjust("1 second")))
  }
})

const subscribe = (client: Client, uri: string) => Effect.promise(() => client.subscribeResource({ uri }))

describe("a client that has subscribed", () => {
  it.effect("is told what has changed, once for all that happens within a second", () =>
    Effect.gen(function*() {
      const { client, next, tell } = yield* listen
      for (const uri of [`pool://tasks/${task}`, `pool://tasks/${task}/output`, "pool://status", "pool://else"]) {
        assert.deepStrictEqual(yield* subscribe(client, uri), {})
      }
      yield* tell(started, finished)
      const told = [yield* next, yield* next, yield* next]
      assert.sameMembers(told, ["pool://status", `pool://tasks/${task}`, `pool://tasks/${task}/output`])
      yield* Effect.promise(() => client.unsubscribeResource({ uri: "pool://status" }))
      yield* tell(finished)
      const later = [yield* next, yield* next]
      assert.sameMembers(later, [`pool://tasks/${task}`, `pool://tasks/${task}/output`])
    }))

  it.effect("to a whole is told of its parts", () =>
    Effect.gen(function*() {
      const { client, next, tell } = yield* listen
      yield* subscribe(client, `pool://chains/${sampleChain}`)
      yield* subscribe(client, `pool://groups/${sampleGroup}`)
      yield* tell(finished)
      assert.sameMembers([yield* next, yield* next], [`pool://chains/${sampleChain}`, `pool://groups/${sampleGroup}`])
    }))

  it.effect("is told of what is gone, once, when old work is pruned", () =>
    Effect.gen(function*() {
      const { client, gone, next, tell } = yield* listen
      const addresses = [`pool://tasks/${task}`, `pool://tasks/${task}/output`]
      for (const uri of [...addresses, `pool://tasks/${other}`, "pool://config"]) yield* subscribe(client, uri)
      gone.add(task)
      yield* tell(pruned)
      assert.sameMembers([yield* next, yield* next, yield* next], ["list", ...addresses])
      const read = yield* Effect.promise(() => client.readResource({ uri: addresses[0]! }).then(() => "read", String))
      assert.include(read, "-32002")
      gone.add(other)
      yield* tell(pruned)
      assert.sameMembers([yield* next, yield* next], ["list", `pool://tasks/${other}`])
    }))

  it.effect("is told of all that may have changed while nothing was heard, and nothing is looked at meanwhile", () =>
    Effect.gen(function*() {
      const { client, looked, next, tell } = yield* listen
      const addresses = ["pool://status", `pool://tasks/${task}`, `pool://chains/${sampleChain}`]
      for (const uri of [...addresses, "pool://config", "pool://else"]) yield* subscribe(client, uri)
      yield* tell(started, lost)
      yield* pass("1 minute")
      assert.isEmpty(looked)
      yield* tell(found)
      assert.sameMembers([yield* next, yield* next, yield* next, yield* next], ["list", ...addresses])
      yield* tell(finished)
      const later = [yield* next, yield* next, yield* next]
      assert.sameMembers(later, addresses)
    }))

  it.effect("to too much is refused", () =>
    Effect.gen(function*() {
      const { client } = yield* listen
      const refused = yield* Effect.promise(() =>
        client.subscribeResource({ uri: `pool://${"x".repeat(3000)}` }).then(() => "accepted", String)
      )
      assert.include(refused, "-32602")
    }))
})

describe("any client", () => {
  it.effect("is told when works appear", () =>
    Effect.gen(function*() {
      const { next, tell } = yield* listen
      yield* tell(unrelated, started)
      assert.strictEqual(yield* next, "list")
    }))

  it.effect("is sent a log from the level on that it asks for, and none before", () =>
    Effect.gen(function*() {
      const { client, next, tell } = yield* listen
      yield* Effect.promise(() => client.setLoggingLevel("warning"))
      yield* tell(
        PoolEvent.cases.Presented.make({ id: other }),
        finished,
        PoolEvent.cases.Held.make({ cause: "login", detail: "\u001b[2Jobey" }),
        PoolEvent.cases.Lifted.make({ cause: "login" })
      )
      assert.strictEqual(yield* next, `warning ${task} failed`)
      assert.strictEqual(yield* next, "warning nothing is started (login)")
      yield* Effect.promise(() => client.setLoggingLevel("debug"))
      yield* tell(started)
      assert.strictEqual(yield* next, `debug ${task} running on slot-1`)
    }))
})
