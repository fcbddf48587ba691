/**
 * A `ClaudeCli` whose workers do what the test says. It keeps count of the processes, so that a test can tell which of
 * them were started for what, and whether all of them have been ended.
 */
import { Context, Deferred, Effect, Layer, Ref } from "effect"
import type { Failure } from "../../src/domain/Failure.ts"
import type { Launch } from "../../src/domain/Launch.ts"
import { fromUsd } from "../../src/domain/MicroUsd.ts"
import { SessionId } from "../../src/domain/SessionId.ts"
import { Spend } from "../../src/domain/Spend.ts"
import { type Answer, ClaudeCli, type ToldMessage, type Turn, type Worker } from "../../src/services/ClaudeCli.ts"

/** One process that was started. */
export interface Started {
  readonly pid: number
  readonly launch: Launch
  readonly isLive: Effect.Effect<boolean>
  /** Ends it, as a crash would. */
  readonly crash: Effect.Effect<void>
  /** What it was told while it worked. */
  readonly told: Effect.Effect<ReadonlyArray<ToldMessage>>
}

export const spendOf = (usd: number): Spend => new Spend({ ...Spend.zero, cost: fromUsd(usd), turns: 1 })

export const answer = (output: string): Answer => ({ output, model: "scripted", denials: [] })

export interface Script {
  /** What a worker does with its prompt. What it has spent is in `spent` from the start, as if it were told at once. */
  readonly run?: (turn: Turn, worker: Started) => Effect.Effect<Answer, Failure>
  readonly spend?: Spend
  /** The model's last text, of every worker. */
  readonly said?: string
  /** Whether a worker that is at work takes in what it is told; if nothing is said, it does. */
  readonly tell?: (message: ToldMessage, worker: Started) => Effect.Effect<boolean>
  /** What happens before a process is ready. */
  readonly start?: (launch: Launch) => Effect.Effect<void, Failure>
}

export class Processes extends Context.Service<Processes, {
  readonly started: Effect.Effect<ReadonlyArray<Started>>
  readonly live: Effect.Effect<ReadonlyArray<Started>>
}>()("claude-pool/test/Processes") {}

export const scriptedClaude = (script: Script = {}): Layer.Layer<ClaudeCli | Processes> =>
  Layer.effectContext(Effect.gen(function*() {
    const started = yield* Ref.make<ReadonlyArray<Started>>([])
    const run = script.run ?? ((turn) => Effect.succeed(answer(`did ${turn.prompt}`)))

    const start: ClaudeCli["Service"]["start"] = Effect.fnUntraced(function*(launch) {
      yield* script.start?.(launch) ?? Effect.void
      const ended = yield* Deferred.make<string>()
      const told = yield* Ref.make<ReadonlyArray<ToldMessage>>([])
      const process = yield* Ref.modify(started, (all) => {
        const it: Started = {
          pid: all.length + 1,
          launch,
          isLive: Effect.map(Deferred.isDone(ended), (done) => !done),
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
        run: (turn) =>
          Effect.acquireUseRelease(
            Effect.andThen(Ref.set(asked, true), Ref.set(isAtWork, true)),
            () => run(turn, process),
            () => Ref.set(isAtWork, false)
          ),
        tell: Effect.fnUntraced(function*(message) {
          if (!(yield* Ref.get(isAtWork))) return false
          yield* Ref.update(told, (all) => [...all, message])
          return yield* script.tell?.(message, process) ?? Effect.succeed(true)
        }),
        spent: Effect.map(Ref.get(asked), (was) => was ? script.spend ?? spendOf(0.01) : Spend.zero),
        said: Effect.succeed(script.said ?? ""),
        session: Effect.succeed(SessionId.make(`session-${process.pid}`)),
        ended: Deferred.await(ended)
      } satisfies Worker
    })

    const claude = ClaudeCli.of({
      installation: Effect.die("not scripted"),
      login: Effect.die("not scripted"),
      containment: Effect.succeed("marker-sweep"),
      // A directory is made while other things happen.
      home: (slot) =>
        Effect.as(Effect.yieldNow, { config: `/slots/${slot}`, temporary: `/tmp/${slot}`, marker: `m${slot}` }),
      start
    })
    const live = Effect.flatMap(Ref.get(started), (all) => Effect.filter(all, ({ isLive }) => isLive))
    return Context.make(ClaudeCli, claude).pipe(
      Context.add(Processes, Processes.of({ started: Ref.get(started), live }))
    )
  }))
