/**
 * What workers are told beside their prompts: keys and values of the pool, of a group or chain, of a task.
 */
import { Cache, Context, DateTime, Duration, Effect, Exit, Layer, Option, Schema, Semaphore } from "effect"
import { briefingText } from "../domain/Briefing.ts"
import { ContextEntry, type ContextScope } from "../domain/ContextEntry.ts"
import { Failure } from "../domain/Failure.ts"
import type { GroupId } from "../domain/GroupId.ts"
import { issueLines } from "../domain/Issues.ts"
import type { Parent } from "../domain/Parent.ts"
import { type ContextView, viewEntry } from "../domain/PoolView.ts"
import { InvalidRequest, NotFound } from "../domain/RequestFailure.ts"
import type { Task } from "../domain/Task.ts"
import type { ContextValues } from "../domain/TaskRequest.ts"
import { isChainId, isGroupId, type WorkId } from "../domain/WorkId.ts"
import { Store } from "./Store.ts"

/** The most keys that one scope may have. */
export const mostKeys = 200

/** What of it every caller of a pool may ask for. */
export interface SharedContextCalls {
  readonly set: (scope: ContextScope, key: string, value: string) => Effect.Effect<ContextView, Failure>
  /** Null where there is none. */
  readonly get: (scope: ContextScope, key: string) => Effect.Effect<ContextView | null, Failure>
  /** False where there was none. */
  readonly delete: (scope: ContextScope, key: string) => Effect.Effect<boolean, Failure>
  readonly list: (scope: ContextScope) => Effect.Effect<ReadonlyArray<ContextView>, Failure>
}

export class SharedContext extends Context.Service<
  SharedContext,
  SharedContextCalls & {
    /** What the pool's workers are told now: a chain takes it with it when it is accepted. */
    readonly snapshot: Effect.Effect<ContextValues, Failure>
    /** What is appended to the system prompt of a task's worker, in a stable order; undefined where there is nothing. */
    readonly briefing: (task: Task) => Effect.Effect<string | undefined, Failure>
  }
>()("claude-pool/services/SharedContext") {
  /** Over a store that nobody else writes to: what has been read of it is kept. */
  static readonly layer = Layer.effect(
    this,
    Effect.gen(function*() {
      const store = yield* Store
      const setting = yield* Semaphore.make(1)
      // Most tasks have nothing of their own: the store is not asked about a scope that is not among these.
      const used = new Set<ContextScope>(yield* store.context.scopes)
      const kept = yield* cacheOf((scope: ContextScope) =>
        Effect.map(
          store.context.list(scope),
          (entries): ContextValues => Object.fromEntries(entries.map(({ key, value }) => [key, value]))
        )
      )
      // What a group is within does not change.
      const chainOf = yield* cacheOf((id: GroupId) =>
        Effect.map(store.groups.find(id), (group) => Option.getOrNull(group)?.within ?? null)
      )

      const workOf = (id: WorkId): Effect.Effect<Option.Option<{ readonly isFinished: boolean }>, Failure> => {
        if (isChainId(id)) return store.chains.find(id)
        return isGroupId(id) ? store.groups.find(id) : store.find(id)
      }

      /** Whether the work is over that a scope belongs to. The pool's never is. */
      const isOver = Effect.fnUntraced(function*(scope: ContextScope) {
        if (scope === "pool") return false
        const work = yield* workOf(scope)
        if (Option.isNone(work)) return yield* new Failure({ reason: new NotFound({ id: scope }) })
        return work.value.isFinished
      })

      const mustHaveRoom = Effect.fnUntraced(function*(scope: ContextScope, key: string) {
        const entries = yield* store.context.list(scope)
        if (entries.length < mostKeys || entries.some((entry) => entry.key === key)) return
        return yield* invalid([`${scope} has ${mostKeys} keys already`], "delete those that are not needed any more")
      })

      const set = Effect.fn("SharedContext.set")(function*(scope: ContextScope, key: string, value: string) {
        const entry = yield* Effect.mapError(
          decode({ scope, key, value, setAt: yield* DateTime.now }),
          (error) => new Failure({ reason: new InvalidRequest({ issues: issueLines(error), hint: "correct it" }) })
        )
        if (yield* isOver(scope)) {
          return yield* invalid([`${scope} has finished`], "set it for work that has not finished, or for the pool")
        }
        yield* mustHaveRoom(scope, key)
        yield* Effect.uninterruptible(Effect.andThen(store.context.set(entry), forget(scope)))
        return viewEntry(entry)
      }, setting.withPermit)

      /** So that the next one who asks reads it anew. */
      const forget = (scope: ContextScope) =>
        Effect.suspend(() => {
          used.add(scope)
          return Cache.invalidate(kept, scope)
        })

      const valuesOf = (scope: ContextScope): Effect.Effect<ContextValues, Failure> =>
        used.has(scope) ? Cache.get(kept, scope) : Effect.succeed({})

      /** From the widest to the narrowest. */
      const scopesAbove = Effect.fnUntraced(function*(parent: Parent | null) {
        if (parent === null) return []
        if (parent._tag === "Step") return [parent.id]
        const chain = yield* Cache.get(chainOf, parent.id)
        return chain === null ? [parent.id] : [chain, parent.id]
      })

      const snapshot = Effect.suspend(() => valuesOf("pool"))

      return {
        set,
        get: Effect.fn("SharedContext.get")(function*(scope: ContextScope, key: string) {
          yield* isOver(scope)
          return Option.getOrNull(Option.map(yield* store.context.get(scope, key), viewEntry))
        }),
        delete: Effect.fn("SharedContext.delete")(function*(scope: ContextScope, key: string) {
          yield* isOver(scope)
          return yield* Effect.uninterruptible(Effect.tap(store.context.delete(scope, key), () => forget(scope)))
        }, setting.withPermit),
        list: Effect.fn("SharedContext.list")(function*(scope: ContextScope) {
          yield* isOver(scope)
          return (yield* store.context.list(scope)).map(viewEntry)
        }),
        snapshot,
        briefing: Effect.fn("SharedContext.briefing")(function*(task: Task) {
          const first = task.options.context ?? (yield* snapshot)
          const scopes = [...(yield* scopesAbove(task.parent)), task.id]
          const rest = yield* Effect.forEach(scopes, valuesOf)
          return briefingText(Object.assign({}, first, ...rest))
        })
      }
    })
  )
}

const decode = Schema.decodeUnknownEffect(Schema.toType(ContextEntry), { errors: "all" })

const invalid = (issues: ReadonlyArray<string>, hint: string) =>
  new Failure({ reason: new InvalidRequest({ issues, hint }) })

/** Keeps what was found; a failure is not kept. */
const cacheOf = <K, A>(lookup: (key: K) => Effect.Effect<A, Failure>) =>
  Cache.makeWith(lookup, {
    capacity: 1000,
    timeToLive: (exit) => Exit.isSuccess(exit) ? Duration.infinity : Duration.zero
  })
