/**
 * A pool that is killed while its git is at work: the process of git gets a SIGKILL, and from then on nothing that this
 * pool does gets through, neither to git nor on record.
 */
import { Context, Effect, Layer } from "effect"
import { ChildProcess, ChildProcessSpawner } from "effect/process"
import { Store } from "../../src/services/Store.ts"

export interface Doom {
  /** How many of its processes live to their end; the next one is killed. */
  left: number
  /** So many milliseconds after its start. */
  readonly after: number
  isDead: boolean
}

/** Whose fate it is: what a pool does, it does in fibers that know theirs. */
export const Doomed = Context.Reference<Doom | null>("claude-pool/test/Doomed", { defaultValue: () => null })

const nowhere = ChildProcess.make("/nowhere/git", [])

/** Starts processes, the doomed one too. */
export const mortalSpawner = Layer.effect(
  ChildProcessSpawner.ChildProcessSpawner,
  Effect.gen(function*() {
    const spawner = yield* ChildProcessSpawner.ChildProcessSpawner
    return ChildProcessSpawner.make((command) =>
      Effect.gen(function*() {
        const doom = yield* Doomed
        if (doom === null) return yield* spawner.spawn(command)
        if (doom.isDead) return yield* spawner.spawn(nowhere)
        const child = yield* spawner.spawn(command)
        if (doom.left-- > 0) return child
        doom.isDead = true
        yield* Effect.sleep(doom.after)
        yield* Effect.ignore(child.kill({ killSignal: "SIGKILL" }))
        return child
      })
    )
  })
)

export const mortalStore = (store: Store["Service"]): Store["Service"] =>
  Store.of({
    ...store,
    workspaces: {
      ...store.workspaces,
      keep: (workspace) =>
        Effect.flatMap(Doomed, (doom) =>
          doom?.isDead === true ? Effect.die(new Error("the pool is dead")) : store.workspaces.keep(workspace))
    }
  })
