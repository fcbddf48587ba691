/**
 * The extension for tasks: calls that the client keeps itself, as it asks after them.
 */
import { Clock, DateTime, Duration, Effect, Option, Schema } from "effect"
import { type Background, type Look, Standing } from "../Background.ts"
import type { Call } from "../Call.ts"
import { type Asked, complete, type Method } from "./Exchange.ts"
import { InputResponses, readAnswers, toInputRequests } from "./Inquiry.ts"
import { makeCall } from "./ModernCall.ts"
import { methodNotFound, missingTasks, readParams, unknown } from "./Protocol.ts"
import { toToolResult } from "./ToolResult.ts"

const mostMessage = 80

/** Young work is asked after often, and old work seldom. */
const pollAfter = (age: Duration.Duration): Duration.Duration =>
  Duration.isLessThan(age, Duration.seconds(30))
    ? Duration.seconds(2)
    : Duration.isLessThan(age, Duration.minutes(5))
    ? Duration.seconds(5)
    : Duration.seconds(15)

const statusOf = Standing.$match({
  Working: () => "working",
  Asking: () => "input_required",
  Ended: () => "completed",
  Cancelled: () => "cancelled",
  Broken: () => "failed"
})

const detailsOf = Standing.$match({
  Working: (): Schema.JsonObject => ({}),
  Asking: ({ forms }): Schema.JsonObject => ({ inputRequests: toInputRequests(forms) }),
  Ended: ({ reply }): Schema.JsonObject => ({ result: toToolResult(reply) }),
  Cancelled: (): Schema.JsonObject => ({}),
  Broken: ({ code, message }): Schema.JsonObject => ({ error: { code, message } })
})

const ageOf = (createdAt: string, now: number): Duration.Duration =>
  Duration.millis(now - Option.match(DateTime.make(createdAt), { onNone: () => now, onSome: DateTime.toEpochMillis }))

const describe = (id: string, { createdAt, message, standing, updatedAt }: Look, background: Background) =>
  Effect.map(Clock.currentTimeMillis, (now): Schema.JsonObject => ({
    taskId: id,
    status: statusOf(standing),
    ...(message === "" ? {} : { statusMessage: message.slice(0, mostMessage) }),
    createdAt,
    lastUpdatedAt: updatedAt,
    ttlMs: background.keptFor === null ? null : Duration.toMillis(background.keptFor),
    pollIntervalMs: Duration.toMillis(pollAfter(ageOf(createdAt, now)))
  }))

/** A call that has been handed in, in the place of its result. */
export const toTask = Effect.fnUntraced(function*(id: string, background: Background) {
  const now = DateTime.formatIso(yield* DateTime.now)
  const accepted: Look = { standing: Standing.Working(), message: "accepted", createdAt: now, updatedAt: now }
  return { resultType: "task", ...(yield* describe(id, accepted, background)) }
})

/** A task as it stands, whole. None: there is none. */
export const lookAt = Effect.fnUntraced(function*(id: string, background: Background, call: Call) {
  const look = yield* background.look(id, call)
  if (Option.isNone(look)) return Option.none<Schema.JsonObject>()
  const details = detailsOf(look.value.standing)
  return Option.some<Schema.JsonObject>({ ...(yield* describe(id, look.value, background)), ...details })
})

/** Who has not declared the extension has no tasks. */
export const backgroundOf = Effect.fnUntraced(function*({ meta, offer, request }: Asked) {
  if (offer.background === undefined) return yield* methodNotFound(request.method)
  if (!meta.hasTasks) return yield* missingTasks
  return offer.background
})

const TaskParams = readParams(Schema.Struct({ taskId: Schema.String }))
const UpdateParams = readParams(Schema.Struct({ taskId: Schema.String, inputResponses: InputResponses }))

export const getTask: Method = Effect.fnUntraced(function*(asked) {
  const background = yield* backgroundOf(asked)
  const { taskId } = yield* TaskParams(asked.request)
  const task = yield* lookAt(taskId, background, makeCall(asked))
  return Option.isNone(task) ? yield* unknown("task", taskId) : { ...complete, ...task.value }
})

export const updateTask: Method = Effect.fnUntraced(function*(asked) {
  const background = yield* backgroundOf(asked)
  const { inputResponses, taskId } = yield* UpdateParams(asked.request)
  const isKnown = yield* background.answer(taskId, yield* readAnswers(inputResponses), makeCall(asked))
  return isKnown ? complete : yield* unknown("task", taskId)
})

export const cancelTask: Method = Effect.fnUntraced(function*(asked) {
  const background = yield* backgroundOf(asked)
  const { taskId } = yield* TaskParams(asked.request)
  return (yield* background.cancel(taskId, makeCall(asked))) ? complete : yield* unknown("task", taskId)
})
