/**
 * How a worker's whole process tree is ended. A process group is not enough: the CLI's tools run in sessions of their own.
 * Every process that comes from a worker has a random marker in its environment, by which it is found.
 *
 * Level `pid-namespace` (Linux, as root or with user namespaces): the worker is the first process of a namespace, and
 * the kernel ends everything in it with it, also when this process is killed: it tells the worker so with the death of
 * the thread that started it, so workers are started from the main thread. A program that gains rights when it starts
 * loses that word of the kernel's; the CLI is none. Ubuntu from 23.10 on lets programs make user namespaces only where
 * AppArmor knows them: there this level is not found, except as root.
 *
 * Level `reaper`: a helper process ends whatever carries a marker as soon as this process has ended, however it did.
 * Level `marker-sweep`: the next pool on the same store does. At every level, this process does so while it lives.
 */
import { Context, Effect, Layer, type Scope } from "effect"
import { ChildProcess, ChildProcessSpawner } from "effect/process"
import type { CommandWords } from "./containment/CommandWords.ts"
import { Reaper } from "./containment/Reaper.ts"
import { sweepMarked } from "./containment/Sweep.ts"
import { Processes } from "./Processes.ts"

/** From the strongest to the weakest. */
export type ContainmentLevel = "pid-namespace" | "reaper" | "marker-sweep"

const parentDeath: CommandWords = ["setpriv", "--pdeathsig", "KILL"]
const namespace = ["unshare", "--pid", "--fork", "--kill-child=KILL", "--mount-proc"]

/** The ways into a namespace, the plainest first: root has the right to it, others need a user namespace. */
const wrappers: ReadonlyArray<CommandWords> = [
  [...parentDeath, ...namespace, "--"],
  [...parentDeath, ...namespace, "--user", "--map-current-user", "--"]
]

export class Containment extends Context.Service<Containment, {
  /** The strongest level that there is here and now: a reaper that has died leaves less than was found at first. */
  readonly level: Effect.Effect<ContainmentLevel>
  /** A command, so changed that its descendants can be ended with it. */
  readonly wrap: (command: CommandWords) => Effect.Effect<CommandWords>
  /** Sees to it that processes whose marker begins so outlive this one as little as they can, until the scope closes. */
  readonly watch: (marker: string) => Effect.Effect<void, never, Scope.Scope>
  /** Ends every process whose marker begins so. True once none is left. */
  readonly sweep: (marker: string) => Effect.Effect<boolean>
}>()("claude-pool/services/Containment") {
  /** The strongest level that there is. */
  static readonly layer = Layer.suspend(() => Layer.effect(this, make(wrappers)))

  /** No namespaces, as on macOS. */
  static readonly layerReaper = Layer.suspend(() => Layer.effect(this, make([])))

  /** The level that every machine has. */
  static readonly layerMarkerSweep = Layer.suspend(() => this.layerReaper.pipe(Layer.provide(Reaper.layerNone)))
}

/** Making a namespace takes three milliseconds. */
const probedWithin = "2 seconds"

const make = Effect.fnUntraced(function*(ways: ReadonlyArray<CommandWords>) {
  const spawner = yield* ChildProcessSpawner.ChildProcessSpawner
  const processes = yield* Processes
  const reaper = yield* Reaper

  const works = ([program, ...words]: CommandWords) =>
    spawner.exitCode(ChildProcess.make(program, [...words, "true"], { stdin: "ignore", extendEnv: true })).pipe(
      Effect.map((code) => code === 0),
      Effect.timeoutOrElse({ duration: probedWithin, orElse: () => Effect.succeed(false) }),
      Effect.orElseSucceed(() => false)
    )

  const wrapper = yield* Effect.cached(Effect.findFirst(ways, works))
  const inNamespace = Effect.map(wrapper, ({ _tag }) => _tag === "Some")

  const level = Effect.gen(function*(): Effect.fn.Return<ContainmentLevel> {
    if (yield* inNamespace) return "pid-namespace"
    return (yield* reaper.isOnWatch) ? "reaper" : "marker-sweep"
  })

  return Containment.of({
    level,
    wrap: (command) =>
      Effect.map(wrapper, (found): CommandWords => found._tag === "Some" ? [...found.value, ...command] : command),
    watch: (marker) =>
      Effect.flatMap(inNamespace, (contained) => contained ? Effect.void : Effect.asVoid(reaper.watch(marker))),
    sweep: Effect.fn("Containment.sweep")(function*(marker: string) {
      return yield* sweepMarked(processes, marker, (yield* inNamespace) ? 1 : 2)
    })
  })
})
