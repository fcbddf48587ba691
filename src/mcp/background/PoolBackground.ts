/**
 * The pool's own work as calls that a client keeps itself: their ids are the ids of tasks, groups and chains, which the
 * store keeps; a wait is kept in its id.
 */
import { Effect, Option, Ref, Schema, Stream } from "effect"
import type { Failure } from "../../domain/Failure.ts"
import type { PoolEvent } from "../../domain/PoolEvent.ts"
import type { Settings } from "../../domain/Settings.ts"
import { isTaskId, WorkId } from "../../domain/WorkId.ts"
import { Pool } from "../../services/Pool.ts"
import { type Background, type Look, Standing } from "../Background.ts"
import type { Call } from "../Call.ts"
import { replyWith } from "../Tool.ts"
import type { ToolRegistry } from "../ToolRegistry.ts"
import { makeReviewQuestions } from "./ReviewQuestions.ts"
import { readWait } from "./WaitId.ts"
import { lookAtWait } from "./WaitLook.ts"
import { lookAtWork, type WorkLook } from "./WorkLook.ts"

export interface PoolBackgroundOptions extends Pick<Settings, "reviewBy" | "keepFor"> {
  readonly tools: ToolRegistry
}

const remembered = 500

const readWorkId = Schema.decodeUnknownOption(WorkId)

/** After these, work may stand otherwise than before. */
const telling: ReadonlySet<PoolEvent["_tag"]> = new Set([
  "Started",
  "Requeued",
  "Presented",
  "Finished",
  "GroupFinished",
  "StepStarted",
  "StepFinished",
  "ChainFinished",
  "Found"
])

/** A task's own events are enough; whatever has parts may be told of by any of them. */
const mayConcern = (id: string) => (event: PoolEvent): boolean =>
  telling.has(event._tag) && (!isTaskId(id) || !("id" in event) || event.id === id)

const ifThere = <A, R>(effect: Effect.Effect<A, Failure, R>): Effect.Effect<Option.Option<A>, Failure, R> =>
  Effect.catchIf(
    Effect.asSome(effect),
    ({ reason }) => reason._tag === "NotFound",
    () => Effect.succeedNone
  )

export const poolBackground = ({ keepFor, reviewBy, tools }: PoolBackgroundOptions): Background => {
  const questions = makeReviewQuestions()
  const givenUp = Ref.makeUnsafe<ReadonlyArray<string>>([])
  const asksPerson = (call: Call): boolean => reviewBy === "human" && call.ask !== undefined

  const ended = Effect.fnUntraced(function*({ end, id, state }: WorkLook, call: Call) {
    const value = yield* end
    yield* call.unseen.show([id], state === "ended" ? undefined : "review")
    return Standing.Ended({ reply: yield* replyWith(value, call) })
  })

  const standingOf = Effect.fnUntraced(function*(look: WorkLook, call: Call) {
    if (look.state === "ended") return yield* ended(look, call)
    if (look.state === "cancelled") {
      yield* call.unseen.show([look.id])
      return Standing.Cancelled()
    }
    const open = asksPerson(call) ? yield* questions.open(look.reviews) : []
    if (open.length > 0) return Standing.Asking({ forms: yield* questions.forms(open) })
    // What no person decides is for the session to decide: it has to be told.
    return look.isStuck ? yield* ended(look, call) : Standing.Working()
  })

  const lookAt = Effect.fnUntraced(function*(id: WorkId, call: Call) {
    const look = yield* lookAtWork(id)
    const { createdAt, message, updatedAt } = look
    return { standing: yield* standingOf(look, call), message, createdAt, updatedAt } satisfies Look as Look
  })

  const lookAtKept = Effect.fnUntraced(function*(id: string, call: Call) {
    const kept = readWait(id)
    if (Option.isNone(kept)) return Option.none<Look>()
    const isGivenUp = (yield* Ref.get(givenUp)).includes(id)
    return yield* ifThere(lookAtWait(kept.value, { tools, isGivenUp }, call))
  })

  return {
    keptFor: keepFor,
    look: (id, call) =>
      Option.match(readWorkId(id), {
        onNone: () => lookAtKept(id, call),
        onSome: (work) => ifThere(lookAt(work, call))
      }),
    answer: (id, answers, call) =>
      Option.match(readWorkId(id), {
        onNone: () => Effect.succeed(Option.isSome(readWait(id))),
        onSome: (work) =>
          lookAtWork(work).pipe(
            Effect.flatMap(({ reviews }) => asksPerson(call) ? questions.decide(reviews, answers) : Effect.void),
            ifThere,
            Effect.map(Option.isSome)
          )
      }),
    cancel: (id, call) =>
      Option.match(readWorkId(id), {
        onNone: () =>
          Option.isNone(readWait(id))
            ? Effect.succeed(false)
            : Effect.as(Ref.update(givenUp, (all) => [...all, id].slice(-remembered)), true),
        onSome: (work) =>
          Effect.flatMap(Pool, (pool) => pool.cancel([work], "its client cancelled it")).pipe(
            Effect.tap(() => call.unseen.show([work])),
            ifThere,
            Effect.map(Option.isSome)
          )
      }),
    changes: (id) => Stream.unwrap(Effect.map(Pool, (pool) => Stream.filter(pool.events, mayConcern(id))))
  }
}
