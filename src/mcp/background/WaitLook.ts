/**
 * A wait for work as a call that a client keeps itself.
 */
import { Clock, DateTime, Duration, Effect, Schema } from "effect"
import { fail, type Failure } from "../../domain/Failure.ts"
import { InvalidRequest } from "../../domain/RequestFailure.ts"
import { Pool } from "../../services/Pool.ts"
import { type Look, Standing } from "../Background.ts"
import type { Call } from "../Call.ts"
import { newsSince } from "../News.ts"
import type { Reply, ToolServices } from "../Tool.ts"
import type { ToolRegistry } from "../ToolRegistry.ts"
import { type KeptWait, WaitArguments } from "./WaitId.ts"

const toolName = "pool_wait"
/** Of a wait for which no time was given. */
const longest = Duration.hours(24)
/** More than any look takes. */
const aLook = 10

const readArguments = Schema.decodeUnknownEffect(WaitArguments)

/** How much of it goes on, and whether there is something to tell. */
const lookNow = Effect.fnUntraced(function*({ ids = [], mode, since }: WaitArguments) {
  const pool = yield* Pool
  const { running } = yield* pool.wait({ ids, mode: "all", timeout: Duration.zero })
  if (running.length === 0) return { left: 0, isOver: true }
  const waitsForAll = (mode ?? (since === undefined ? "all" : "any")) === "all"
  if (waitsForAll) return { left: running.length, isOver: false }
  if (since === undefined) return { left: running.length, isOver: running.length < ids.length }
  const news = yield* newsSince({ since, ids, room: 0 })
  return { left: running.length, isOver: news.left > 0 }
})

const answerOf = (
  tools: ToolRegistry,
  args: Schema.JsonObject,
  call: Call
): Effect.Effect<Reply, Failure, ToolServices> => {
  const tool = tools.find(toolName)
  return tool === undefined
    ? Effect.die(new Error(`there is no ${toolName}`))
    : Effect.catchTag(tool.answer(args, call), "InputNeeded", Effect.die)
}

export interface WaitLookOptions {
  readonly tools: ToolRegistry
  readonly isGivenUp: boolean
}

export const lookAtWait = Effect.fnUntraced(function*(
  { args, at }: KeptWait,
  { isGivenUp, tools }: WaitLookOptions,
  call: Call
): Effect.fn.Return<Look, Failure, ToolServices> {
  const asked = yield* Effect.mapError(
    readArguments(args),
    () => fail(new InvalidRequest({ issues: ["that is no wait"], hint: "call pool_wait again" }))
  )
  const now = yield* Clock.currentTimeMillis
  const limit = asked.wait_s === undefined ? longest : Duration.seconds(asked.wait_s)
  const times = {
    createdAt: DateTime.formatIso(DateTime.makeUnsafe(at)),
    updatedAt: DateTime.formatIso(DateTime.makeUnsafe(now))
  }
  if (isGivenUp) return { standing: Standing.Cancelled(), message: "given up", ...times }
  const { isOver, left } = yield* lookNow(asked)
  if (!isOver && now < at + Duration.toMillis(limit)) {
    return { standing: Standing.Working(), message: `waits for ${left}`, ...times }
  }
  const reply = yield* answerOf(tools, { ...args, wait_s: isOver ? aLook : 0 }, call)
  return { standing: Standing.Ended({ reply }), message: isOver ? "ended" : "the time is over", ...times }
})
