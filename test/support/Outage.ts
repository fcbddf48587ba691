/**
 * A pool that meets what all its tasks meet: when attempts were made, what was warned of, and how the tasks stand.
 */
import { Array, Clock, type Duration, Effect, type Layer, Logger, Ref, type Scope, Stream } from "effect"
import { TestClock } from "effect/testing"
import type { Failure } from "../../src/domain/Failure.ts"
import type { PoolEvent } from "../../src/domain/PoolEvent.ts"
import { TaskId } from "../../src/domain/TaskId.ts"
import type { TaskRequest } from "../../src/domain/TaskRequest.ts"
import type { Answer, Turn } from "../../src/services/ClaudeCli.ts"
import { Events } from "../../src/services/Events.ts"
import { Pool } from "../../src/services/Pool.ts"
import { Store } from "../../src/services/Store.ts"
import { answer, type Started } from "./ScriptedClaude.ts"
import { settle } from "./Time.ts"

/** What the world does to attempts; null: nothing. */
export type Trouble = (turn: Turn, worker: Started) => Effect.Effect<Answer, Failure> | null

/** A script whose trouble comes and goes; `at` are the times of the attempts, in seconds. */
export const outage = (duration: Duration.Input = "1 second") => {
  let trouble: Trouble = () => null
  const at: Array<number> = []
  const run = (turn: Turn, worker: Started): Effect.Effect<Answer, Failure> =>
    Effect.gen(function*() {
      at.push((yield* Clock.currentTimeMillis) / 1000)
      const met = trouble(turn, worker)
      if (met !== null) return yield* met
      yield* Effect.sleep(duration)
      return answer(`did ${turn.prompt}`)
    })
  return {
    script: { run },
    at,
    meet: (next: Trouble) =>
      Effect.sync(() => {
        trouble = next
      }),
    recover: Effect.sync(() => {
      trouble = () => null
    })
  }
}

export const submitAll = Effect.fnUntraced(function*(count: number, options: Partial<TaskRequest> = {}) {
  const pool = yield* Pool
  return yield* Effect.forEach(
    Array.range(1, count),
    (n) => Effect.map(pool.submit({ prompt: `task ${n}`, ...options }), ({ id }) => TaskId.make(id))
  )
})

/** How many tasks there are in each state. */
export const counts = Effect.map(Effect.flatMap(Pool, (pool) => pool.status), ({ tasks }) => tasks)

export const holdsNow = Effect.map(Effect.flatMap(Pool, (pool) => pool.status), ({ holds = [] }) => holds)

/** Attempts of a task, as the store has them. */
export const attemptsOf = (id: TaskId) => Effect.flatMap(Store, (store) => store.attempts(id))

/** Lets seconds pass, one by one. */
export const seconds = (count: number): Effect.Effect<void> =>
  Effect.andThen(
    settle,
    Effect.forEach(Array.range(1, count), () => Effect.andThen(TestClock.adjust("1 second"), settle), {
      discard: true
    })
  )

/** What is warned of, by `layer`'s loggers. */
export const warnings = () => {
  const all: Array<string> = []
  const logger = Logger.make(({ logLevel, message }) => {
    if (logLevel === "Warn" || logLevel === "Error") all.push(String(message))
  })
  return { all, layer: Logger.layer([logger]) satisfies Layer.Layer<never> }
}

/** The tags of what is told of holds, from now on. */
export const heldEvents: Effect.Effect<Ref.Ref<ReadonlyArray<PoolEvent>>, never, Events | Scope.Scope> = Effect.gen(
  function*() {
    const heard = yield* Ref.make<ReadonlyArray<PoolEvent>>([])
    yield* (yield* Events).stream.pipe(
      Stream.runForEach((event) =>
        event._tag === "Held" || event._tag === "Lifted" ? Ref.update(heard, (all) => [...all, event]) : Effect.void
      ),
      Effect.forkScoped({ startImmediately: true })
    )
    return heard
  }
)
