/**
 * Chains: steps that feed each other, each of them journalled, so that what is done once is not done again. What there is
 * to do is in `chains/`; here is who does it, and who waits for it.
 */
import { Context, Deferred, Effect, Fiber, FiberMap, Layer, Option, Semaphore } from "effect"
import type { ResumeOptions } from "../domain/CallOptions.ts"
import type { Chain } from "../domain/Chain.ts"
import type { ChainRequest } from "../domain/ChainDefinition.ts"
import type { ChainId } from "../domain/ChainId.ts"
import type { ChainForecast } from "../domain/ChainView.ts"
import { Failure } from "../domain/Failure.ts"
import { PoolEvent } from "../domain/PoolEvent.ts"
import { InvalidRequest, NotFound, ShuttingDown } from "../domain/RequestFailure.ts"
import { Budget } from "./Budget.ts"
import { endingOf, makeChainEnd } from "./chains/ChainEnd.ts"
import { makeChainRun } from "./chains/ChainRun.ts"
import { type Foreseen, makeForecast } from "./chains/Forecasting.ts"
import { mustHave, planOf, takenBack } from "./chains/Resumption.ts"
import { makeSubmission, type SubmissionOptions } from "./chains/Submission.ts"
import { Events } from "./Events.ts"
import { Store } from "./Store.ts"
import { Tasks } from "./Tasks.ts"
import { makeInputFiles } from "./tasks/InputFiles.ts"

/** How far chains are run in this process. */
export interface ChainsOptions extends SubmissionOptions {
  /** Whether chains are run here; else they are accepted, and wait for a pool that does. */
  readonly run: boolean
  /** Whether those are taken up again that an earlier pool has left. */
  readonly resume: boolean
}

export class Chains extends Context.Service<Chains, {
  /** Accepts a chain, durably, and begins with it. Whatever is wrong with it is said now, before anything is spent. */
  readonly submit: (request: ChainRequest) => Effect.Effect<Chain, Failure>
  readonly find: (id: ChainId) => Effect.Effect<Chain, Failure>
  /** Waits for the end of a chain, good or bad. */
  readonly ended: (id: ChainId) => Effect.Effect<Chain, Failure>
  /** Stops a chain and all that it has started for good; false if it had ended before. */
  readonly cancel: (id: ChainId, note: string) => Effect.Effect<boolean, Failure>
  /** Takes up a chain again that has ended: what its journal has is not run again. */
  readonly resume: (id: ChainId, options?: ResumeOptions) => Effect.Effect<Chain, Failure>
  /** What a chain would do, and the most that it may cost. Nothing is started. */
  readonly forecast: (chain: Foreseen) => Effect.Effect<ChainForecast, Failure>
}>()("claude-pool/services/Chains") {
  static readonly layer = (options: ChainsOptions) =>
    Layer.effect(
      this,
      Effect.gen(function*() {
        const store = yield* Store
        const events = yield* Events
        const budget = yield* Budget
        const tasks = yield* Tasks
        const prepare = yield* makeSubmission(options)
        const files = yield* makeInputFiles
        let stopping = false
        const isStopping = () => stopping
        const run = yield* makeChainRun({ files, isStopping })
        const end = yield* makeChainEnd({ files, isStopping })
        const forecast = yield* makeForecast(options.defaults.budget)

        const notes = new Map<ChainId, string>()
        const ends = new Map<ChainId, Deferred.Deferred<Chain, Failure>>()
        // What decides whether a chain has a run, one at a time: taking it up, and ending it where it has none.
        const alone = yield* Semaphore.make(1)

        const running = yield* FiberMap.make<ChainId>()
        yield* Effect.addFinalizer(() =>
          Effect.suspend(() => {
            stopping = true
            return Fiber.interruptAll(Array.from(running, ([, fiber]) => fiber))
          })
        )

        const find = Effect.fnUntraced(function*(id: ChainId) {
          const found = yield* store.chains.find(id)
          if (Option.isNone(found)) return yield* new Failure({ reason: new NotFound({ id }) })
          return found.value
        })

        /** Tells whoever waits for the end of a chain. */
        const tell = (id: ChainId, outcome: Effect.Effect<Chain, Failure>) =>
          Effect.suspend(() => {
            const wait = ends.get(id)
            ends.delete(id)
            return wait === undefined ? Effect.void : Effect.asVoid(Deferred.completeWith(wait, outcome))
          })

        const announce = (chain: Chain) => chain.isFinished ? tell(chain.id, Effect.succeed(chain)) : Effect.void

        /** Nothing can be put on record: the chain is left as it is, for the next pool. */
        const unrecorded = (id: ChainId, failure: Failure) =>
          Effect.andThen(Effect.logError(`chain ${id} does not go on: ${failure.message}`), tell(id, failure))

        /** A chain from where it is to its end. Cut off by the end of the pool, it stays as it is. */
        const conduct = (chain: Chain) =>
          Effect.uninterruptibleMask((restore) =>
            Effect.gen(function*() {
              const exit = yield* Effect.exit(restore(run(chain)))
              if (stopping) return
              const ending = yield* Effect.fromResult(endingOf(exit, notes.get(chain.id) ?? null))
              if (ending !== null) yield* announce(yield* end(chain, ending))
            }).pipe(
              Effect.catchTags({
                Failure: (failure) => unrecorded(chain.id, failure),
                // Somebody else has ended it.
                IllegalTransition: () =>
                  Effect.flatMap(Effect.option(find(chain.id)), (found) =>
                    Option.isSome(found) ? announce(found.value) : Effect.void)
              }),
              Effect.ensuring(budget.close(chain.id))
            )
          )

        /** The purse is open before any of its tasks can be dispatched. */
        const begin = Effect.fnUntraced(function*(chain: Chain) {
          if (!options.run || chain.isFinished || FiberMap.hasUnsafe(running, chain.id)) {
            return
          }
          const { cost } = yield* store.chains.spent(chain.id)
          yield* budget.open(chain.id, { cap: chain.budget, settled: cost, within: null })
          yield* FiberMap.run(running, chain.id, conduct(chain))
        })

        const submit = Effect.fn("Chains.submit")(function*(request: ChainRequest) {
          if (stopping) {
            return yield* new Failure({ reason: new ShuttingDown({}) })
          }
          yield* tasks.room(0)
          const chain = yield* prepare(request)
          const accept = Effect.gen(function*() {
            const kept = yield* store.chains.accept(chain)
            if (kept.id === chain.id) {
              yield* events.publish(PoolEvent.cases.ChainSubmitted.make({ id: kept.id }))
            }
            // A chain of that key may be left from an earlier pool: who asks for it wants it to be run.
            yield* alone.withPermits(1)(Effect.flatMap(find(kept.id), begin))
            return kept
          })
          return yield* Effect.uninterruptible(accept)
        })

        const ended = Effect.fn("Chains.ended")(function*(id: ChainId) {
          const wait = ends.get(id) ?? Deferred.makeUnsafe<Chain, Failure>()
          ends.set(id, wait)
          // Looked at after the wait is set up, so that an end in between is not missed.
          const chain = yield* find(id)
          if (!chain.isFinished) {
            return yield* Deferred.await(wait)
          }
          ends.delete(id)
          return chain
        })

        /** Waits until nothing of a run is left, be it over or not. */
        const windDown = (id: ChainId) =>
          Option.match(FiberMap.getUnsafe(running, id), {
            onNone: () =>
              Effect.void,
            onSome: (fiber) => Effect.asVoid(Fiber.await(fiber))
          })

        /** Ends a chain that nobody runs; false if somebody does, or it has ended. */
        const cancelAtRest = Effect.fnUntraced(
          function*(id: ChainId, note: string) {
            const chain = yield* find(id)
            if (chain.isFinished || FiberMap.hasUnsafe(running, id)) return false
            yield* announce(yield* end(chain, { _tag: "Cancelled", note }))
            return true
          },
          Effect.catchTag("IllegalTransition", () => Effect.succeed(false)),
          alone.withPermits(1),
          Effect.uninterruptible
        )

        const cancelRun = Effect.fnUntraced(function*(id: ChainId, fiber: Fiber.Fiber<unknown, unknown>, note: string) {
          notes.set(id, note)
          yield* Fiber.interrupt(fiber)
          notes.delete(id)
        })

        const cancel = Effect.fn("Chains.cancel")(function*(id: ChainId, note: string) {
          let stopped = false
          while (true) {
            const chain = yield* find(id)
            if (chain.isFinished) return stopped && chain.state._tag === "Cancelled"
            const fiber = FiberMap.getUnsafe(running, id)
            if (Option.isSome(fiber)) {
              yield* cancelRun(id, fiber.value, note)
              stopped = true
            } else if (yield* cancelAtRest(id, note)) {
              return true
            }
          }
        })

        const resume = Effect.fn("Chains.resume")(
          function*(id: ChainId, { budget, from }: ResumeOptions = {}) {
            if (stopping) return yield* new Failure({ reason: new ShuttingDown({}) })
            yield* tasks.room(0)
            const chain = yield* find(id)
            if (!chain.isFinished) {
              // One that a killed pool has left has not ended, and nobody runs it.
              const isLeft = from === undefined && budget === undefined && !FiberMap.hasUnsafe(running, id)
              return isLeft ? yield* Effect.as(begin(chain), chain) : yield* stillRuns(id)
            }
            const plan = yield* planOf(chain)
            yield* mustHave(id, plan, from)
            yield* windDown(id)
            const resumed = yield* Effect.fromResult(chain.resume(budget ?? chain.budget))
            // First taken back, then opened: what is killed in between has ended still, and is resumed again.
            yield* store.chains.forget(id, takenBack(plan, yield* store.chains.journal(id), from ?? null))
            const event = PoolEvent.cases.ChainSubmitted.make({ id })
            yield* store.chains.commit({ chain: resumed, event })
            yield* events.publish(event)
            yield* begin(resumed)
            return resumed
          },
          (effect, id) => Effect.catchTag(effect, "IllegalTransition", () => stillRuns(id)),
          alone.withPermits(1),
          Effect.uninterruptible
        )

        /** One that is asked for is checked as it would be if it were handed in. */
        const foresee = (asked: Foreseen) =>
          Effect.andThen("request" in asked ? Effect.asVoid(prepare(asked.request)) : Effect.void, forecast(asked))

        if (options.resume) yield* Effect.forEach(yield* store.chains.open, begin, { discard: true })

        return { submit, find, ended, cancel, resume, forecast: foresee }
      })
    )
}

const stillRuns = (id: ChainId) =>
  new Failure({
    reason: new InvalidRequest({
      issues: [`${id} is running: only a chain that has ended is taken up again`],
      hint: "wait for it, or cancel it first"
    })
  })
