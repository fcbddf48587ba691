/**
 * A `ClaudeCli` whose workers do what the test says. It keeps count of the processes, so that a test can tell which of
 * them were started for what, and whether all of them have been ended.
 */
import { Context, DateTime, Deferred, Effect, Layer, Ref } from "effect"
import type { Failure } from "../../src/domain/Failure.ts"
import type { Launch } from "../../src/domain/Launch.ts"
import { fromUsd, zeroUsd } from "../../src/domain/MicroUsd.ts"
import type { ModelCost } from "../../src/domain/ModelUsage.ts"
import { SessionId } from "../../src/domain/SessionId.ts"
import { Spend } from "../../src/domain/Spend.ts"
import type { Denial } from "../../src/domain/TaskResult.ts"
import type { Vitals } from "../../src/domain/Vitals.ts"
import { type Answer, ClaudeCli, type ToldMessage, type Turn, type Worker } from "../../src/services/ClaudeCli.ts"

/** One process that was started. */
export interface Started {
  readonly pid: number
  readonly launch: Launch
  readonly session: SessionId
  readonly isLive: Effect.Effect<boolean>
  /** Ends it, as a crash would. */
  readonly crash: Effect.Effect<void>
  /** What it was told while it worked. */
  readonly told: Effect.Effect<ReadonlyArray<ToldMessage>>
}

export const spendOf = (usd: number): Spend => new Spend({ ...Spend.zero, cost: fromUsd(usd), turns: 1 })

export const answer = (output: string): Answer => ({ output, model: "scripted", denials: [] })

export interface Script {
  /** What a worker does with its prompt. What it has spent is in `spent` from the start, as if it were told at once; `answered` tells of a first turn. */
  readonly run?: (turn: Turn, worker: Started, answered: Effect.Effect<void>) => Effect.Effect<Answer, Failure>
  readonly spend?: Spend | ((worker: Started) => Spend)
  /** The same by model; if nothing is said, no worker says it. */
  readonly costs?: (worker: Started) => ReadonlyArray<ModelCost>
  /** How the names of its sessions begin: those of the pool after it are others. */
  readonly sessions?: string
  /** The model's last text, of every worker. */
  readonly said?: string
  /** How many calls of tools every worker makes; if nothing is said, none. */
  readonly toolCalls?: number
  /** What no worker was allowed to do. */
  readonly denials?: ReadonlyArray<Denial>
  /** Whether a worker that is at work takes in what it is told; if nothing is said, it does. */
  readonly tell?: (message: ToldMessage, worker: Started) => Effect.Effect<boolean>
  /** What happens before a process is ready. */
  readonly start?: (launch: Launch) => Effect.Effect<void, Failure>
  /** What happens when the directories of a slot are made. */
  readonly enter?: (slot: number) => Effect.Effect<unknown>
  /** What happens when they are removed. */
  readonly leave?: (slot: number) => Effect.Effect<unknown>
  /** What a worker's events tell of its life; if nothing is said, that it waits for the model. */
  readonly vitals?: (worker: Started) => Effect.Effect<Vitals>
  /** The transcripts of sessions; if nothing is said, there are none. */
  readonly transcript?: ClaudeCli["Service"]["transcript"]
}

export class StartedWorkers extends Context.Service<StartedWorkers, {
  readonly started: Effect.Effect<ReadonlyArray<Started>>
  readonly live: Effect.Effect<ReadonlyArray<Started>>
}>()("claude-pool/test/StartedWorkers") {}

const said = (spend: NonNullable<Script["spend"]>, worker: Started): Spend =>
  typeof spend === "function" ? spend(worker) : spend

const waiting = Effect.map(DateTime.now, (now): Vitals => ({
  phase: "waiting-model",
  phaseSince: now,
  lastEventAt: now,
  tool: null,
  retryAt: null,
  session: null
}))

const firstTurn = (observe: Parameters<Worker["run"]>[1]) =>
  Effect.flatMap(
    DateTime.now,
    (now) => observe({ phase: "waiting-model", tool: null, turns: 1, outputTokens: 1, cost: zeroUsd, lastEventAt: now })
  )

export const scriptedClaude = (script: Script = {}): Layer.Layer<ClaudeCli | StartedWorkers> =>
  Layer.effectContext(Effect.gen(function*() {
    const started = yield* Ref.make<ReadonlyArray<Started>>([])
    const run = script.run ?? ((turn) => Effect.succeed(answer(`did ${turn.prompt}`)))

    const start: ClaudeCli["Service"]["start"] = Effect.fnUntraced(function*(launch) {
      yield* script.start?.(launch) ?? Effect.void
      const ended = yield* Deferred.make<string>()
      const told = yield* Ref.make<ReadonlyArray<ToldMessage>>([])
      const concluded = yield* Deferred.make<Answer, Failure>()
      const process = yield* Ref.modify(started, (all) => {
        const it: Started = {
          pid: all.length + 1,
          launch,
          isLive: Effect.map(Deferred.isDone(ended), (done) => !done),
          session: SessionId.make(`${script.sessions ?? "session"}-${all.length + 1}`),
          crash: Effect.asVoid(Deferred.succeed(ended, "crashed")),
          told: Ref.get(told)
        }
        return [it, [...all, it]]
      })
      yield* Effect.addFinalizer(() => Deferred.succeed(ended, "closed"))
      const asked = yield* Ref.make(false)
      const isAtWork = yield* Ref.make(false)
      return {
        pid: process.pid,
        launch,
        name: process.session,
        run: (turn, observe) =>
          Effect.acquireUseRelease(
            Effect.andThen(Ref.set(asked, true), Ref.set(isAtWork, true)),
            () => Effect.raceFirst(run(turn, process, firstTurn(observe)), Deferred.await(concluded)),
            () => Ref.set(isAtWork, false)
          ),
        conclude: (outcome) => Effect.asVoid(Deferred.done(concluded, outcome)),
        vitals: script.vitals?.(process) ?? waiting,
        tell: Effect.fnUntraced(function*(message) {
          if (!(yield* Ref.get(isAtWork))) return false
          yield* Ref.update(told, (all) => [...all, message])
          return yield* script.tell?.(message, process) ?? Effect.succeed(true)
        }),
        spent: Effect.map(Ref.get(asked), (was) => was ? said(script.spend ?? spendOf(0.01), process) : Spend.zero),
        costs: Effect.map(Ref.get(asked), (was) => was ? script.costs?.(process) ?? [] : []),
        said: Effect.succeed(script.said ?? ""),
        toolCalls: Effect.succeed(script.toolCalls ?? 0),
        denials: Effect.succeed(script.denials ?? []),
        session: Effect.succeed(process.session),
        ended: Deferred.await(ended)
      } satisfies Worker
    })

    const claude = ClaudeCli.of({
      installation: Effect.die("not scripted"),
      login: Effect.die("not scripted"),
      containment: Effect.succeed("marker-sweep"),
      // A directory is made while other things happen.
      home: (slot) =>
        Effect.acquireRelease(
          Effect.as(Effect.andThen(Effect.yieldNow, script.enter?.(slot) ?? Effect.void), {
            config: `/slots/${slot}`,
            temporary: `/tmp/${slot}`,
            marker: `m${slot}`
          }),
          () => script.leave?.(slot) ?? Effect.void
        ),
      start,
      transcript: script.transcript ?? (() => Effect.succeed(null)),
      transcriptSize: (session) => (script.transcript ?? (() => Effect.succeed(null)))(session)
    })
    const live = Effect.flatMap(Ref.get(started), (all) => Effect.filter(all, ({ isLive }) => isLive))
    return Context.make(ClaudeCli, claude).pipe(
      Context.add(StartedWorkers, StartedWorkers.of({ started: Ref.get(started), live }))
    )
  }))
