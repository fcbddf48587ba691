/**
 * How a process that the pool has started is ended, and all that came from it. The steps, each of which is bounded:
 *
 * 1. A turn that is under way is interrupted with a message, so that the worker tells what it has cost. That is a matter
 *    of the conversation (`Worker.run`), and takes at most `figuresWithin`; a worker that answers does so within 50 ms.
 * 2. Its input ends: it leaves by itself, if it is idle.
 * 3. SIGTERM to it and its process group: it ends its tools, and leaves.
 * 4. SIGKILL to the group.
 * 5. SIGKILL to whatever carries its marker: its tools run in sessions of their own (`Containment.sweep`).
 *
 * A step is left out where the process is gone already; the last one never is, for also a process that has left in good
 * order, with exit code 0, may have left others behind.
 */
import { Duration, Effect, Exit, Scope } from "effect"
import { type ChildProcess, ChildProcessSpawner } from "effect/process"
import { Containment, type ContainmentLevel } from "../Containment.ts"
import { withThrown } from "./SpawnFailure.ts"

/** An idle CLI leaves 22 to 50 ms after the end of its input (measured on 2.1.329): ten times that. */
export const leavesAfterInput = Duration.millis(500)

/**
 * From SIGTERM to SIGKILL. The CLI needs 1.4 to 1.7 s to end its tools (measured on 2.1.329); in a namespace the kernel
 * does that, and nothing has to wait for it.
 */
export const leavesAfterTerm: { readonly [K in ContainmentLevel]: Duration.Duration } = {
  "pid-namespace": Duration.millis(500),
  "reaper": Duration.seconds(2),
  "marker-sweep": Duration.seconds(2)
}

export interface EndingOptions {
  /** What its environment has as its marker, and everything that it starts inherits. */
  readonly marker: string
  /** Ends its input; null: it has none. */
  readonly endInput: Effect.Effect<unknown> | null
}

/** Starts a command so that it and all that came from it is ended, in these steps, when the scope closes. */
export const spawnContained = Effect.fnUntraced(
  function*(make: (leavesAfterTerm: Duration.Duration) => ChildProcess.Command, options: EndingOptions) {
    const spawner = yield* ChildProcessSpawner.ChildProcessSpawner
    const containment = yield* Containment
    const command = make(leavesAfterTerm[yield* containment.level])
    yield* Effect.addFinalizer(() => containment.sweep(options.marker))
    // Closing this scope is the third and the fourth step.
    const own = yield* Effect.acquireRelease(Scope.make(), (scope) => Scope.close(scope, Exit.void))
    const handle = yield* withThrown(Scope.provide(spawner.spawn(command), own))

    // Its group is signalled while it is there, and right after its end, but not later: somebody else's group may have
    // its number by then.
    yield* Effect.exit(handle.exitCode).pipe(
      Effect.andThen(Effect.orElseSucceed(handle.isRunning, () => false)),
      Effect.flatMap((isRunning) => isRunning ? Effect.void : Scope.close(own, Exit.void)),
      Effect.forkScoped
    )
    const left = Effect.timeoutOption(Effect.exit(handle.exitCode), leavesAfterInput)
    const { endInput } = options
    yield* Effect.addFinalizer(() => endInput === null ? Effect.void : Effect.andThen(endInput, left))
    return handle
  }
)
