/**
 * Commands that decide whether work may go on. They are the user's own, but what they run is often what a worker has
 * written: so they see no login, and nothing of them outlives them.
 */
import {
  Context,
  Duration,
  Effect,
  Exit,
  Fiber,
  type FileSystem,
  Layer,
  type Path,
  Ref,
  Result,
  Scope,
  Stream
} from "effect"
import { SecureRandom } from "effect/crypto"
import { ChildProcess, type ChildProcessSpawner } from "effect/process"
import { StoreUnusable } from "../domain/EnvironmentFailure.ts"
import { Failure } from "../domain/Failure.ts"
import { TimedOut } from "../domain/LimitFailure.ts"
import { spawnContained } from "./claude/Ending.ts"
import { markerVariable, shellVariables, type Variables } from "./claude/Environment.ts"
import { Containment } from "./Containment.ts"
import { openMarker } from "./containment/Marker.ts"

/** A command that says whether a chain goes on, and where it is run. */
export interface CheckCommand {
  /** Given to `sh -c` as it is: values reach it through the environment only. */
  readonly command: string
  readonly cwd: string
  /** Beside what a shell needs of the user's own environment. */
  readonly env: Variables
  /** Null: as long as it takes. */
  readonly timeout: Duration.Duration | null
}

/** How a check has ended. */
export interface CheckEnd {
  /** Null: it was ended by a signal. */
  readonly exitCode: number | null
  /** The end of what it said, on stdout and stderr in the order in which it came: at most 20,000 characters. */
  readonly output: string
  /** How many characters it said in all. */
  readonly chars: number
}

/** What checks see of the environment. */
export interface ChecksOptions {
  /** The user's environment. */
  readonly env: Variables
  /** Further variables of it that commands may see. */
  readonly passEnv: ReadonlyArray<string>
  /** Where the mark of all of them is noted; their own, and a neighbour of the slots' directories. */
  readonly directory: string
}

export class Checks extends Context.Service<Checks, {
  /** Runs a command to its end. Fails with `TimedOut`; every process that came from it is gone when this returns. */
  readonly run: (check: CheckCommand) => Effect.Effect<CheckEnd, Failure>
}>()("claude-pool/services/Checks") {
  static readonly layer = (options: ChecksOptions) =>
    Layer.effect(
      this,
      Effect.gen(function*() {
        const containment = yield* Containment
        const random = yield* SecureRandom.SecureRandom
        const scope = yield* Effect.scope
        const platform = yield* Effect.context<
          | ChildProcessSpawner.ChildProcessSpawner
          | Containment
          | FileSystem.FileSystem
          | Path.Path
          | SecureRandom.SecureRandom
        >()
        const visible = shellVariables(options.env, options.passEnv)

        // Not before there is a command: most pools run none. After a failure it is tried again.
        const [mark, forget] = yield* Effect.cachedInvalidateWithTTL(openMarker(options.directory), Duration.infinity)
        const ownMark = mark.pipe(
          Effect.onError(() => forget),
          Effect.mapError(({ message }) =>
            new Failure({ reason: new StoreUnusable({ directory: options.directory, problem: "io", detail: message }) })
          ),
          Scope.provide(scope),
          Effect.provideContext(platform)
        )

        const runToEnd = Effect.fnUntraced(
          function*({ command, cwd, env }: CheckCommand) {
            const marker = `${yield* ownMark}-${yield* random.uuidV4()}`
            const [program, ...words] = yield* containment.wrap(["sh", "-c", command])
            const spawned = yield* Effect.result(spawnContained((leavesAfterTerm) =>
              ChildProcess.make(program, words, {
                cwd,
                env: { ...visible, ...env, [markerVariable]: marker },
                stdin: "ignore",
                forceKillAfter: leavesAfterTerm
              }), { marker, endInput: null }))
            if (Result.isFailure(spawned)) return neverRan(spawned.failure.message)
            const child = spawned.success
            const said = yield* Ref.make<Said>({ text: "", chars: 0 })
            const reader = yield* child.all.pipe(
              Stream.decodeText,
              Stream.runForEach((text) => Ref.update(said, hear(text))),
              Effect.ignore,
              Effect.forkScoped
            )
            const exit = yield* Effect.exit(child.exitCode)
            // A daemon that it has left behind may hold the pipe open: its words are not waited for.
            yield* Effect.timeoutOption(Fiber.await(reader), "1 second")
            const { chars, text } = yield* Ref.get(said)
            return { exitCode: Exit.isSuccess(exit) ? exit.value : null, output: text, chars } satisfies CheckEnd
          },
          Effect.scoped,
          Effect.provideContext(platform)
        )

        const run = Effect.fn("Checks.run")((check: CheckCommand): Effect.Effect<CheckEnd, Failure> => {
          const { timeout } = check
          if (timeout === null) return runToEnd(check)
          return Effect.timeoutOrElse(runToEnd(check), {
            duration: timeout,
            orElse: () => new Failure({ reason: new TimedOut({ after: timeout }) })
          })
        })

        return { run }
      })
    )
}

/** How much of what a command says is kept. */
const kept = 20_000

interface Said {
  readonly text: string
  readonly chars: number
}

const hear = (text: string) => (said: Said): Said => ({
  text: (said.text + text).slice(-kept),
  chars: said.chars + text.length
})

/** As a shell says it of a program that it cannot run. */
const neverRan = (output: string): CheckEnd => ({ exitCode: 126, output, chars: output.length })
