/**
 * Commands that the user has asked to be run as the user would run them: in the foreground, with the user's own
 * environment, configuration and login. Nothing that a worker has written is in them but the names of branches.
 */
import { Context, Effect, Layer } from "effect"
import { ChildProcess, ChildProcessSpawner } from "effect/process"

export class Foreground extends Context.Service<Foreground, {
  /** Waits for its end. What went wrong, in words; null: it exited with 0. */
  readonly run: (words: ReadonlyArray<string>, cwd: string) => Effect.Effect<string | null>
}>()("claude-pool/services/Foreground") {
  static readonly layer = Layer.effect(
    this,
    Effect.gen(function*() {
      const spawner = yield* ChildProcessSpawner.ChildProcessSpawner
      const inherited = { stdin: "inherit", stdout: "inherit", stderr: "inherit" } as const

      const run = Effect.fn("Foreground.run")(([program = "", ...args]: ReadonlyArray<string>, cwd: string) =>
        spawner.exitCode(ChildProcess.make(program, args, { cwd, extendEnv: true, ...inherited })).pipe(
          Effect.map((code) => code === 0 ? null : `exited with ${code}`),
          Effect.catch(({ message }) => Effect.succeed(`could not be started: ${message}`))
        )
      )

      return { run }
    })
  )
}
