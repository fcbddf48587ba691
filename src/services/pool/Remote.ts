/**
 * A pool in another process: every call goes there and comes back. What it starts there goes on without this process,
 * but for a call that is interrupted here.
 */
import { Cause, Data, Effect, Stream } from "effect"
import { RpcClient, type RpcClientError } from "effect/rpc"
import { Socket } from "effect/socket"
import { roughBytes } from "../../domain/ByteSize.ts"
import { PoolLost } from "../../domain/EnvironmentFailure.ts"
import { Failure } from "../../domain/Failure.ts"
import { InvalidRequest } from "../../domain/RequestFailure.ts"
import type { Pool } from "../Pool.ts"
import { PoolRpcs } from "./PoolRpcs.ts"

type Lost = RpcClientError.RpcClientError

/** What the way to the other process throws at a call that does not fit through it. */
export class CallTooLong extends Data.TaggedError("CallTooLong")<{
  readonly bytes: number
  readonly longest: number
}> {}

const tooLong = ({ bytes, longest }: CallTooLong) =>
  new Failure({
    reason: new InvalidRequest({
      issues: [`the request has ${roughBytes(bytes)}, and ${roughBytes(longest)} reach the pool`],
      hint: "hand it in in parts, or have long texts read from files by the workers"
    })
  })

/** What is not said is not sent. */
const said = <const Name extends string, A>(name: Name, value: A | undefined) =>
  (value === undefined ? {} : { [name]: value }) as { readonly [N in Name]?: A }

/** Who runs the pool that is called. */
export interface RemoteOptions {
  /** Of the process that runs the pool. */
  readonly pid: number | null
  /** Since when it does. */
  readonly since?: string
}

export const makeRemote = Effect.fnUntraced(function*({ pid, since }: RemoteOptions) {
  const there = yield* RpcClient.make(PoolRpcs)
  const host = pid === null || since === undefined ? {} : { host: { pid, since } }

  const lost = (error: Lost | Socket.SocketError) =>
    new Failure({ reason: new PoolLost({ pid, detail: error.message }) })
  const ended = new Failure({ reason: new PoolLost({ pid, detail: "it has ended" }) })
  // A pool that ends interrupts what it is asked; whoever is interrupted here is not asked what follows.
  const answered = <A>(call: Effect.Effect<A, Failure | Lost>): Effect.Effect<A, Failure> =>
    call.pipe(
      Effect.catchTag("RpcClientError", lost),
      Effect.catchDefect((defect) => {
        if (defect instanceof CallTooLong) return tooLong(defect)
        // It went away while the call was written.
        return Socket.isSocketError(defect) ? lost(defect) : Effect.die(defect)
      }),
      Effect.catchCauseIf(Cause.hasInterruptsOnly, () => ended)
    )

  return {
    submit: (request) => answered(there.submit({ request })),
    run: (request) => answered(there.run({ request })),
    fanOut: (items, options) => answered(there.fanOut({ items, ...said("options", options) })),
    runFanOut: (items, options) => answered(there.runFanOut({ items, ...said("options", options) })),
    group: (id) => answered(there.group({ id })),
    groups: (page) => answered(there.groups({ page })),
    items: (id, page) => answered(there.items({ id, page })),
    retry: (id, options) => answered(there.retry({ id, ...said("options", options) })),
    refan: (id, items, options) => answered(there.refan({ id, items, ...said("options", options) })),
    submitChain: (request) => answered(there.submitChain({ request })),
    runChain: (request) => answered(there.runChain({ request })),
    chain: (id) => answered(there.chain({ id })),
    chains: (page) => answered(there.chains({ page })),
    resumeChain: (id, options) => answered(there.resumeChain({ id, ...said("options", options) })),
    forecast: (chain) => answered(there.forecast({ chain })),
    route: (prompt, hints) => answered(there.route({ prompt, ...said("hints", hints) })),
    auto: (prompt, options) => answered(there.auto({ prompt, ...said("options", options) })),
    approve: (id, options) => answered(there.approve({ id, ...said("options", options) })),
    reject: (id, feedback) => answered(there.reject({ id, feedback })),
    setContext: (scope, key, value) => answered(there.setContext({ scope, key, value })),
    getContext: (scope, key) => answered(there.getContext({ scope, key })),
    deleteContext: (scope, key) => answered(there.deleteContext({ scope, key })),
    listContext: (scope) => answered(there.listContext({ scope })),
    sendMessage: (to, text, options) => answered(there.sendMessage({ to, text, ...said("options", options) })),
    readMessages: (options) => answered(there.readMessages({ options })),
    listMessages: (page) => answered(there.listMessages({ page })),
    wait: (options) => answered(there.wait({ options })),
    result: (id) => answered(there.result({ id })),
    output: (id, page) => answered(there.output({ id, page })),
    changes: (id) => answered(there.changes({ id })),
    list: (options) => answered(there.list({ options })),
    cancel: (ids, note) => answered(there.cancel({ ids, note })),
    status: Effect.map(answered(there.status({})), (status) => ({ ...status, pool: "elsewhere" as const, ...host })),
    slots: (filter) => answered(there.slots(said("filter", filter))),
    scaleUp: (slots) => answered(there.scaleUp({ slots })),
    scaleDown: (slots) => answered(there.scaleDown({ slots })),
    setTargetSlots: (target) => answered(there.setTargetSlots({ target })),
    configureSlot: (slot, change) => answered(there.configureSlot({ slot, change })),
    drain: (options) => answered(there.drain(said("options", options))),
    resume: answered(there.resume({})),
    prune: (options) => answered(there.prune({ options })),
    worktrees: (options) => answered(there.worktrees(said("options", options))),
    worktree: (id) => answered(there.worktree({ id })),
    rescueWorktree: (id) => answered(there.rescueWorktree({ id })),
    pruneWorktrees: (options) => answered(there.pruneWorktrees({ options })),
    mergeForecast: (request) => answered(there.mergeForecast({ request })),
    merge: (request) => answered(there.merge({ request })),
    undoMerge: (id) => answered(there.undoMerge({ id })),
    merges: answered(there.merges({})),
    publication: (id) => answered(there.publication({ id })),
    inbox: (options) => answered(there.inbox({ options })),
    acknowledge: (reader, seq) => answered(there.acknowledge({ reader, seq })),
    attempts: (id) => answered(there.attempts({ id })),
    turns: (id, page) => answered(there.turns({ id, page })),
    metrics: (options) => answered(there.metrics({ options })),
    events: there.events().pipe(
      Stream.catchTag("RpcClientError", (error) => Stream.fail(lost(error))),
      Stream.catchCauseIf(Cause.hasInterruptsOnly, () => Stream.fail(ended))
    )
  } satisfies Pool["Service"] as Pool["Service"]
})
