/**
 * A stream of notifications, for as long as its request lasts: what has changed, and how the client's tasks stand.
 */
import { Effect, Option, Schema, Stream } from "effect"
import type { Failure } from "../../domain/Failure.ts"
import type { ToolServices } from "../Tool.ts"
import { type Asked, complete, type Method } from "./Exchange.ts"
import { makeCall } from "./ModernCall.ts"
import { metaKeys, readParams } from "./Protocol.ts"
import { backgroundOf, lookAt } from "./TaskCalls.ts"

/** So many addresses and tasks are followed by one stream. */
const mostFollowed = 100

const Texts = Schema.optionalKey(Schema.Array(Schema.String))

const ListenParams = readParams(Schema.Struct({
  notifications: Schema.Struct({
    toolsListChanged: Schema.optionalKey(Schema.Boolean),
    promptsListChanged: Schema.optionalKey(Schema.Boolean),
    resourcesListChanged: Schema.optionalKey(Schema.Boolean),
    resourceSubscriptions: Texts,
    taskIds: Texts
  })
}))

type Sent = Stream.Stream<readonly [method: string, params: Schema.JsonObject], Failure, ToolServices>

/** What makes a task's standing another, as against what is only said of it. */
const standingOf = (task: Schema.JsonObject): string =>
  JSON.stringify([task["status"], Object.keys(task["inputRequests"] ?? {})])

/** How a task stands, each time that it stands otherwise. */
const followTask = (id: string, asked: Asked): Sent => {
  const { background } = asked.offer
  if (background === undefined) return Stream.empty
  // Listens before it looks: what happens in between is not missed.
  return background.changes(id).pipe(
    Stream.merge(Stream.succeed(null)),
    Stream.mapEffect(() => lookAt(id, background, makeCall(asked))),
    Stream.flatMap((task) => Option.isSome(task) ? Stream.succeed(task.value) : Stream.empty),
    Stream.changesWith((one, other) => standingOf(one) === standingOf(other)),
    Stream.map((task) => ["notifications/tasks", task] as const)
  )
}

/** Answers only when the server ends it: until then, it is the client's to take back. */
export const listen: Method = Effect.fnUntraced(function*(asked) {
  const { closing, exchange, offer: { resources }, request } = asked
  const { notifications } = yield* ListenParams(request)
  const wanted = notifications.taskIds ?? []
  if (wanted.length > 0) yield* backgroundOf(asked)
  const uris = new Set((notifications.resourceSubscriptions ?? []).slice(0, mostFollowed))
  const taskIds = [...new Set(wanted)].slice(0, mostFollowed)
  const _meta = { [metaKeys.subscription]: request.id }
  const send = (method: string, params: Schema.JsonObject) =>
    exchange.notify({ jsonrpc: "2.0", method, params: { ...params, _meta } })

  const streams: ReadonlyArray<Sent> = [
    ...(notifications.resourcesListChanged === true
      ? [Stream.map(resources.listChanged, () => ["notifications/resources/list_changed", {}] as const)]
      : []),
    ...(uris.size > 0
      ? [
        resources.updated(() => uris).pipe(
          Stream.filter((uri) => uris.has(uri)),
          Stream.map((uri) => ["notifications/resources/updated", { uri }] as const)
        )
      ]
      : []),
    ...taskIds.map((id) => followTask(id, asked))
  ]

  // Of tools and prompts there are as many as there were: nothing is promised that never comes.
  yield* send("notifications/subscriptions/acknowledged", {
    notifications: {
      ...(notifications.resourcesListChanged === true ? { resourcesListChanged: true } : {}),
      ...(uris.size > 0 ? { resourceSubscriptions: [...uris] } : {}),
      ...(taskIds.length > 0 ? { taskIds } : {})
    }
  })
  const told = Stream.mergeAll(streams, { concurrency: "unbounded" }).pipe(
    Stream.runForEach(([method, params]) => send(method, params)),
    Effect.catchTag("Failure", (failure) => Effect.logWarning("the pool is not followed", failure)),
    Effect.andThen(Effect.never)
  )
  yield* Effect.raceFirst(told, closing)
  return { ...complete, _meta }
})
