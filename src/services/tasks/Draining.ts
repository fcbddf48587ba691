/**
 * Drains: nothing more is started or taken in, what runs has a while to finish, and what has not finished then waits
 * again. A drain ends within its grace and what it takes to stop workers, whatever workers or the store do.
 */
import { Clock, Deferred, Duration, Effect, Exit, Fiber, type FiberMap, Option, Queue } from "effect"
import type { DrainReport } from "../../domain/DrainReport.ts"
import type { Task } from "../../domain/Task.ts"
import type { TaskId } from "../../domain/TaskId.ts"
import type { Backlog } from "./Backlog.ts"

/** The fibers of the tasks that run; each ends with the task as it then is, or with null where that is not known. */
export type RunningTasks = FiberMap.FiberMap<TaskId, Task | null, never>

export interface DrainingOptions {
  readonly backlog: Backlog
  readonly running: RunningTasks
  /** How long it takes at most to stop workers, and to have that on record. */
  readonly stopWithin: Duration.Duration
}

export interface Draining {
  /** Whether nothing is to be started or taken in. */
  readonly isClosed: () => boolean
  /** Waits until work may be started. */
  readonly open: Effect.Effect<void>
  /** Who drains a pool that is being drained joins in, with the shorter grace of the two. */
  readonly drain: (grace: Duration.Duration) => Effect.Effect<DrainReport>
  readonly resume: Effect.Effect<void>
  /** Work that is no task: begun while the pool is open, let finish or cut off by a drain, and begun anew after it. */
  readonly beside: <A, E, R>(work: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
}

interface Drain {
  deadline: number
  isTakenBack: boolean
  /** Says that one of the two has changed. */
  readonly changed: Queue.Queue<void>
  readonly report: Deferred.Deferred<DrainReport>
}

interface Beside {
  readonly cut: Deferred.Deferred<void>
  readonly ended: Deferred.Deferred<void>
}

export const makeDraining = Effect.fnUntraced(function*(options: DrainingOptions) {
  const { backlog, stopWithin } = options
  const running = () => Array.from(options.running)
  const own = yield* Effect.scope
  /** While the pool is closed; it is done when it opens. */
  let gate: Deferred.Deferred<void> | null = null
  let current: Drain | null = null
  const others = new Set<Beside>()

  const open: Effect.Effect<void> = Effect.suspend(() => gate === null ? Effect.void : Deferred.await(gate))

  /** Waits until nothing runs, and notes how each task ended. */
  const ended = (ends: Map<TaskId, Exit.Exit<Task | null>>) => {
    const follow = ([id, fiber]: readonly [TaskId, Fiber.Fiber<Task | null>]) =>
      Effect.map(Fiber.await(fiber), (exit) => ends.set(id, exit))
    return Effect.gen(function*() {
      while (running().length + others.size > 0) {
        yield* Effect.forEach(running(), follow, { concurrency: "unbounded", discard: true })
        yield* Effect.forEach([...others], (other) => Deferred.await(other.ended), { discard: true })
      }
    })
  }

  /** Waits for the end of the grace, which may come nearer meanwhile. */
  const graceIsOver = Effect.fnUntraced(function*(drain: Drain) {
    while (!drain.isTakenBack) {
      const left = drain.deadline - (yield* Clock.currentTimeMillis)
      if (left <= 0) return
      yield* Effect.timeoutOption(Queue.take(drain.changed), left)
    }
  })

  const cutOff = Effect.gen(function*() {
    yield* Effect.forkIn(Fiber.interruptAll(running().map(([, fiber]) => fiber)), own, { startImmediately: true })
    yield* Effect.forEach([...others], ({ cut }) => Deferred.succeed(cut, undefined), { discard: true })
  })

  const conduct = Effect.fnUntraced(function*(drain: Drain) {
    const began = yield* Clock.currentTimeMillis
    const ends = new Map<TaskId, Exit.Exit<Task | null>>()
    yield* Effect.raceFirst(ended(ends), graceIsOver(drain))
    const cut = drain.isTakenBack ? [] : running().map(([id]) => id)
    if (!drain.isTakenBack) {
      yield* cutOff
      yield* Effect.timeoutOption(ended(ends), stopWithin)
    }
    const finished = [...ends].filter(([, exit]) => hasFinished(exit)).map(([id]) => id)
    const left = running().filter(([id]) => cut.includes(id))
    return {
      finished,
      cut: cut.filter((id) => !finished.includes(id)),
      // What the store has not taken yet is not in the queue either, and comes to it.
      queued: (yield* backlog.size) + left.length,
      ...(drain.isTakenBack ? { taken_back: true as const } : {}),
      s: ((yield* Clock.currentTimeMillis) - began) / 1000
    } satisfies DrainReport
  })

  const begin = Effect.fnUntraced(function*(deadline: number) {
    const drain: Drain = {
      deadline,
      isTakenBack: false,
      changed: yield* Queue.sliding<void>(1),
      report: Deferred.makeUnsafe()
    }
    current = drain
    // In a fiber of its own: it goes on when whoever asked for it has gone.
    yield* conduct(drain).pipe(
      Effect.onExit((exit) => {
        current = null
        return Deferred.done(drain.report, exit)
      }),
      Effect.forkIn(own, { startImmediately: true })
    )
    return drain
  })

  const drain = Effect.fn("Tasks.drain")((grace: Duration.Duration) =>
    Effect.uninterruptibleMask((restore) =>
      Effect.gen(function*() {
        gate ??= Deferred.makeUnsafe()
        const deadline = (yield* Clock.currentTimeMillis) + Duration.toMillis(grace)
        const it = current ?? (yield* begin(deadline))
        if (deadline < it.deadline) {
          it.deadline = deadline
          yield* Queue.offer(it.changed, undefined)
        }
        return yield* restore(Deferred.await(it.report))
      })
    )
  )

  const resume = Effect.gen(function*() {
    if (gate === null) return
    const closed = gate
    gate = null
    if (current !== null) {
      current.isTakenBack = true
      yield* Queue.offer(current.changed, undefined)
    }
    yield* Deferred.succeed(closed, undefined)
    yield* backlog.poke
  }).pipe(Effect.uninterruptible, Effect.withSpan("Tasks.resume"))

  const beside = Effect.fnUntraced(function*<A, E, R>(work: Effect.Effect<A, E, R>): Effect.fn.Return<A, E, R> {
    while (true) {
      yield* open
      if (gate !== null) continue
      const it: Beside = { cut: Deferred.makeUnsafe(), ended: Deferred.makeUnsafe() }
      others.add(it)
      const came = yield* Effect.raceFirst(
        Effect.asSome(work),
        Effect.as(Deferred.await(it.cut), Option.none<A>())
      ).pipe(Effect.ensuring(Effect.suspend(() => {
        others.delete(it)
        return Deferred.succeed(it.ended, undefined)
      })))
      if (Option.isSome(came)) return came.value
    }
  })

  return { isClosed: () => gate !== null, open, drain, resume, beside } satisfies Draining as Draining
})

/** It came to an end, good or bad, or to its review. */
const hasFinished = (exit: Exit.Exit<Task | null>): boolean => Exit.isSuccess(exit) && exit.value?.isSettled === true
