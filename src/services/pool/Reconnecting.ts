/**
 * A pool in another process that may die: whoever waits for something there, or asks for what can be asked twice, goes on
 * with the process that comes after it. What is handed in has a key, so that its second delivery is the same work. All
 * other calls fail with `PoolLost` where nobody can say whether they were heard.
 */
import { Clock, Duration, Effect, Exit, Predicate, Scope, Semaphore, SubscriptionRef } from "effect"
import type { WaitOptions } from "../../domain/CallOptions.ts"
import { ChainId } from "../../domain/ChainId.ts"
import { PoolLost } from "../../domain/EnvironmentFailure.ts"
import { Failure } from "../../domain/Failure.ts"
import { GroupId } from "../../domain/GroupId.ts"
import type { KeyConflict } from "../../domain/RequestFailure.ts"
import { TaskId } from "../../domain/TaskId.ts"
import type { TaskRequest } from "../../domain/TaskRequest.ts"
import type { TaskView } from "../../domain/TaskView.ts"
import type { Pool } from "../Pool.ts"
import { following } from "./Following.ts"

type Calls = Pool["Service"]

export interface Connection {
  readonly pool: Calls
  /** The other process has ended, or the way to it. */
  readonly isLost: Effect.Effect<boolean>
  /** Whether it was ever there to be spoken to: if not, nothing was heard. */
  readonly wasOpen: Effect.Effect<boolean>
}

export interface ReconnectingOptions {
  /** To the process that has the pool now; until the scope closes. */
  readonly connect: Effect.Effect<Connection, Failure, Scope.Scope>
  /** The same, where there is one: none is started; null: there is none. */
  readonly find: Effect.Effect<Connection | null, never, Scope.Scope>
  /** Whether the process that was lost meant to end: it is not to be replaced for the sake of calls that it cut off. */
  readonly hasEnded: Effect.Effect<boolean>
  /** A key that nobody else has. */
  readonly key: Effect.Effect<string>
  /** Whether there is to be a process before the first call; else nobody who makes none starts one. */
  readonly atOnce: boolean
}

/** So often is a call made again. */
const tries = 4

/** Longer than any attempt may take. */
const longest = Duration.days(7)

const isLoss = ({ reason }: Failure): boolean => Predicate.isTagged(reason, "PoolLost")

/** Where it is seen what has become of a call. */
const looks = {
  tasks: "`claude-pool list`",
  nothing: "it changes nothing, and may only be paid for twice",
  context: "`claude-pool context list`",
  messages: "`claude-pool message list`",
  slots: "`claude-pool slots`",
  status: "`claude-pool status`",
  worktrees: "`claude-pool worktrees`",
  merges: "`claude-pool merge list`"
}

/** A loss, and what more is known of what was lost. */
const withMore = (
  failure: Failure,
  more: { readonly look: string } | { readonly work: WaitOptions["ids"] }
): Failure => {
  const { reason } = failure
  if (reason._tag !== "PoolLost") return failure
  return new Failure({ reason: new PoolLost({ pid: reason.pid, detail: reason.detail, ...more }) })
}

interface Held extends Connection {
  readonly scope: Scope.Closeable
}

export const makeReconnecting = Effect.fnUntraced(function*(
  { atOnce, connect, find, hasEnded, key }: ReconnectingOptions
) {
  const held = yield* SubscriptionRef.make<Held | null>(null)
  const one = yield* Semaphore.make(1)

  const leave = Effect.gen(function*() {
    const left = yield* SubscriptionRef.getAndSet(held, null)
    if (left !== null) yield* Scope.close(left.scope, Exit.void)
  })
  yield* Effect.addFinalizer(() => leave)

  /** Whoever does not want to wait for the process any more does not have to. */
  const hold = <None extends null, E>(
    reach: Effect.Effect<Connection | None, E, Scope.Scope>
  ): Effect.Effect<Held | None, E> =>
    one.withPermit(
      Effect.uninterruptibleMask((restore) =>
        Effect.gen(function*() {
          const before = yield* SubscriptionRef.get(held)
          if (before !== null && !(yield* before.isLost)) return before
          yield* leave
          const scope = yield* Scope.make()
          const connection = yield* restore(Scope.provide(reach, scope)).pipe(
            Effect.onError((cause) => Scope.close(scope, Exit.failCause(cause)))
          )
          if (connection === null) {
            yield* Scope.close(scope, Exit.void)
            return connection
          }
          const made: Held = { ...connection, scope }
          yield* SubscriptionRef.set(held, made)
          return made
        })
      )
    )
  const current = hold<never, Failure>(connect)
  if (atOnce) yield* current

  const mayRepeat = Effect.fnUntraced(function*(connection: Connection, isSafe: boolean) {
    if (!(yield* connection.wasOpen)) return true
    return isSafe && !(yield* hasEnded)
  })

  /** `again`: what is asked where the call may have been heard before; null: it is not to be made twice. */
  const asked = <A>(
    ask: (pool: Calls) => Effect.Effect<A, Failure>,
    again: ((pool: Calls) => Effect.Effect<A, Failure>) | null,
    left = tries
  ): Effect.Effect<A, Failure> =>
    Effect.flatMap(
      current,
      (connection) =>
        Effect.catchIf(ask(connection.pool), isLoss, (failure) =>
          Effect.gen(function*(): Effect.fn.Return<A, Failure> {
            if (left === 0 || !(yield* mayRepeat(connection, again !== null))) return yield* failure
            const wasHeard = again !== null && (yield* connection.wasOpen)
            return yield* asked(wasHeard ? again : ask, again, left - 1)
          }))
    )

  const safe = <A>(ask: (pool: Calls) => Effect.Effect<A, Failure>) => asked(ask, ask)

  /** `look`: what shows whether it was heard. */
  const once = <A>(look: string, ask: (pool: Calls) => Effect.Effect<A, Failure>) =>
    Effect.mapError(asked(ask, null), (failure) => withMore(failure, { look }))

  /**
   * With a key, where the caller has not given one. The host that comes after may have other settings, and then takes the
   * second delivery for something else: the key is ours, so it is not.
   */
  const keyed = <A, Asked extends { readonly key?: string }>(
    request: Asked,
    ask: (pool: Calls, request: Asked) => Effect.Effect<A, Failure>,
    known: (pool: Calls, id: string) => Effect.Effect<A, Failure>
  ): Effect.Effect<A, Failure> => {
    if (request.key !== undefined) return safe((pool) => ask(pool, request))
    return Effect.flatMap(key, (own) => {
      const named = { ...request, key: own }
      return asked((pool) => ask(pool, named), (pool) =>
        Effect.catchIf(
          ask(pool, named),
          ({ reason }) => Predicate.isTagged(reason, "KeyConflict"),
          ({ reason }) => known(pool, (reason as KeyConflict).id)
        ))
    })
  }

  /** What is left of the time, where it is asked again. */
  const wait = (options: WaitOptions) =>
    Effect.flatMap(Clock.currentTimeMillis, (begun) =>
      safe((pool) =>
        Effect.flatMap(Clock.currentTimeMillis, (now) => {
          const spent = Duration.millis(now - begun)
          return pool.wait({
            ...options,
            timeout: Duration.max(Duration.zero, Duration.subtract(options.timeout, spent))
          })
        })
      )).pipe(Effect.mapError((failure) => withMore(failure, { work: options.ids })))

  const submit = (request: TaskRequest) =>
    keyed(request, (pool, named) => pool.submit(named), (pool, id) => pool.result(TaskId.make(id)))

  const settled = (id: TaskId): Effect.Effect<TaskView, Failure> =>
    Effect.flatMap(wait({ ids: [id], mode: "all", timeout: longest }), ({ done, review = [] }) => {
      const found = done[0] ?? review[0]
      return found === undefined ? settled(id) : Effect.succeed(found)
    })

  const cancel: Calls["cancel"] = (ids, note) => safe((pool) => pool.cancel(ids, note))

  /** Cancelled by a word, and not by the end of this process: that, the task outlives. */
  const run: Calls["run"] = (request) =>
    Effect.uninterruptibleMask((restore) =>
      Effect.flatMap(submit(request), (view) => {
        const id = TaskId.make(view.id)
        return restore(settled(id)).pipe(
          Effect.onInterrupt(() => Effect.ignore(cancel([id], "the caller went away")))
        )
      })
    )

  const events = following({
    held: SubscriptionRef.get(held),
    changes: SubscriptionRef.changes(held),
    current,
    found: hold(find),
    // Who was never there to be heard may have been about to end.
    isReplaced: (lost) => Effect.flatMap(lost.wasOpen, (open) => open ? mayRepeat(lost, true) : Effect.succeed(false)),
    tries
  })

  return {
    submit,
    run,
    fanOut: (items, options = {}) =>
      keyed(options, (pool, named) => pool.fanOut(items, named), (pool, id) => pool.group(GroupId.make(id))),
    runFanOut: (items, options = {}) =>
      keyed(options, (pool, named) => pool.runFanOut(items, named), (pool, id) => pool.group(GroupId.make(id))),
    group: (id) => safe((pool) => pool.group(id)),
    groups: (page) => safe((pool) => pool.groups(page)),
    items: (id, page) => safe((pool) => pool.items(id, page)),
    retry: (id, options) => once(looks.tasks, (pool) => pool.retry(id, options)),
    refan: (id, items, options) => once(looks.tasks, (pool) => pool.refan(id, items, options)),
    submitChain: (request) =>
      keyed(request, (pool, named) => pool.submitChain(named), (pool, id) => pool.chain(ChainId.make(id))),
    runChain: (request) =>
      keyed(request, (pool, named) => pool.runChain(named), (pool, id) => pool.chain(ChainId.make(id))),
    chain: (id) => safe((pool) => pool.chain(id)),
    chains: (page) => safe((pool) => pool.chains(page)),
    resumeChain: (id, options) => once(looks.tasks, (pool) => pool.resumeChain(id, options)),
    forecast: (chain) => safe((pool) => pool.forecast(chain)),
    // A model may be asked, and started work has no key.
    route: (prompt, hints) => once(looks.nothing, (pool) => pool.route(prompt, hints)),
    auto: (prompt, options) => once(looks.tasks, (pool) => pool.auto(prompt, options)),
    approve: (id, options) => safe((pool) => pool.approve(id, options)),
    reject: (id, feedback) => once(looks.tasks, (pool) => pool.reject(id, feedback)),
    setContext: (scope, name, value) => safe((pool) => pool.setContext(scope, name, value)),
    getContext: (scope, name) => safe((pool) => pool.getContext(scope, name)),
    deleteContext: (scope, name) => once(looks.context, (pool) => pool.deleteContext(scope, name)),
    listContext: (scope) => safe((pool) => pool.listContext(scope)),
    sendMessage: (to, text, options) => once(looks.messages, (pool) => pool.sendMessage(to, text, options)),
    readMessages: (options) =>
      options.peek === true
        ? safe((pool) => pool.readMessages(options))
        : once(looks.messages, (pool) => pool.readMessages(options)),
    listMessages: (page) => safe((pool) => pool.listMessages(page)),
    wait,
    result: (id) => safe((pool) => pool.result(id)),
    output: (id, page) => safe((pool) => pool.output(id, page)),
    changes: (id) => safe((pool) => pool.changes(id)),
    list: (options) => safe((pool) => pool.list(options)),
    cancel,
    status: safe((pool) => pool.status),
    slots: (filter) => safe((pool) => pool.slots(filter)),
    scaleUp: (slots) => once(looks.slots, (pool) => pool.scaleUp(slots)),
    scaleDown: (slots) => once(looks.slots, (pool) => pool.scaleDown(slots)),
    setTargetSlots: (target) => safe((pool) => pool.setTargetSlots(target)),
    configureSlot: (slot, change) => once(looks.slots, (pool) => pool.configureSlot(slot, change)),
    drain: (options) => once(looks.status, (pool) => pool.drain(options)),
    resume: safe((pool) => pool.resume),
    prune: (options) => once(looks.tasks, (pool) => pool.prune(options)),
    worktrees: (options) => safe((pool) => pool.worktrees(options)),
    worktree: (id) => safe((pool) => pool.worktree(id)),
    rescueWorktree: (id) => once(looks.worktrees, (pool) => pool.rescueWorktree(id)),
    pruneWorktrees: (options) => once(looks.worktrees, (pool) => pool.pruneWorktrees(options)),
    mergeForecast: (request) => safe((pool) => pool.mergeForecast(request)),
    merge: (request) => once(looks.merges, (pool) => pool.merge(request)),
    undoMerge: (id) => once(looks.merges, (pool) => pool.undoMerge(id)),
    merges: safe((pool) => pool.merges),
    publication: (id) => safe((pool) => pool.publication(id)),
    inbox: (options) => safe((pool) => pool.inbox(options)),
    acknowledge: (reader, seq) => safe((pool) => pool.acknowledge(reader, seq)),
    attempts: (id) => safe((pool) => pool.attempts(id)),
    turns: (id, page) => safe((pool) => pool.turns(id, page)),
    metrics: (options) => safe((pool) => pool.metrics(options)),
    events
  } satisfies Calls as Calls
})
