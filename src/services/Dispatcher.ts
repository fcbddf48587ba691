/**
 * Brings tasks and slots together: for each role that slots have, the one loop that takes a free slot and gives it the
 * next task. A pool without it accepts and keeps tasks, and runs none.
 */
import { Cause, Effect, Exit, FiberMap, Layer, Option, Schedule, Scope, Stream } from "effect"
import { PoolDefect } from "../domain/WorkerFailure.ts"
import { Holds } from "./Holds.ts"
import { Slots } from "./Slots.ts"
import { Tasks } from "./Tasks.ts"

/** How a slot that could not be opened is tried again, before a task is told. */
const reopen = Schedule.exponential("100 millis").pipe(Schedule.upTo({ times: 6 }))

export const Dispatcher = {
  layer: Layer.effectDiscard(Effect.gen(function*() {
    const holds = yield* Holds
    const slots = yield* Slots
    const tasks = yield* Tasks

    /** Lends the next free slot of a role to the next task that it may take; false if none can start now. */
    const step = (role: string | null) =>
      Effect.uninterruptibleMask((restore) =>
        Effect.gen(function*() {
          const refusal = yield* restore(holds.opened)
          if (refusal !== null) return yield* Effect.as(tasks.refuseNext(role, refusal), true)
          const scope = yield* Scope.make()
          const giveBack = Scope.close(scope, Exit.void)
          const slot = yield* slots.borrow(role).pipe(
            Scope.provide(scope),
            // A slot may fail to open because the last pool's processes are just dying in its directory.
            Effect.retry(reopen),
            restore,
            Effect.onError(() => giveBack)
          )
          // Asked for with the slot in hand: it may have been long until there was one.
          const pass = yield* holds.admit
          if (pass === null) return yield* Effect.as(giveBack, true)
          yield* Scope.addFinalizer(scope, holds.giveBack(pass))
          const started = yield* tasks.dispatch({ slot, pass, scope })
          if (!started) yield* giveBack
          return started
        })
      ).pipe(
        Effect.catch((failure) => Effect.as(tasks.refuseNext(role, failure.reason), true)),
        Effect.catchCauseIf(
          (cause) => !Cause.hasInterruptsOnly(cause),
          (cause) =>
            Effect.logError("dispatch failed", cause).pipe(
              Effect.andThen(
                tasks.refuseNext(role, new PoolDefect({ detail: String(Cause.squash(cause)).slice(0, 200) }))
              ),
              // Where the refusal cannot be recorded either, the same task comes again: not at full speed.
              Effect.andThen(Effect.sleep("1 second")),
              Effect.as(true)
            )
        )
      )

    const loop = Effect.fnUntraced(function*(role: string | null) {
      const changed = yield* tasks.watch
      const turn = Effect.gen(function*() {
        const started = (yield* tasks.hasReady(role)) && (yield* step(role))
        if (!started) yield* changed
      })
      return yield* Effect.forever(turn)
    })
    // The tasks that run go before the slots that they run on.
    yield* Effect.addFinalizer(() => Effect.andThen(slots.windDown, tasks.stop))

    const loops = yield* FiberMap.make<string | null>()
    const follow = Effect.fnUntraced(function*(roles: ReadonlyArray<string | null>) {
      const gone = Array.from(loops, ([role]) => role).filter((role) => role !== null && !roles.includes(role))
      yield* Effect.forEach(gone, (role) => FiberMap.remove(loops, role), { discard: true })
      yield* Effect.forEach(
        roles,
        (role) => FiberMap.run(loops, role, loop(role), { onlyIfMissing: true }),
        { discard: true }
      )
    })
    // Who may do any task is asked before those whose role may be asked for.
    yield* FiberMap.run(loops, null, loop(null))
    yield* Effect.flatMap(Stream.runHead(slots.roles), (now) => follow(Option.getOrElse(now, () => [])))
    yield* Effect.forkScoped(Stream.runForEach(slots.roles, follow))
  }))
}
