/**
 * How a worker's whole process tree is ended. A process group is not enough: the CLI's tools run in sessions of their own.
 *
 * Level `pid-namespace` (Linux, as root or with user namespaces): the worker is the first process of a namespace, and
 * the kernel ends everything in it with it, also when this process is killed. Level `marker-sweep`: descendants are
 * found by a random marker in their environment and killed one by one.
 */
import { Context, Effect, FileSystem, Layer, Schedule } from "effect"
import { ChildProcess, ChildProcessSpawner } from "effect/process"
import { markerVariable } from "./claude/Environment.ts"

export type ContainmentLevel = "pid-namespace" | "marker-sweep"

/** A program and its arguments. */
export type CommandWords = readonly [string, ...ReadonlyArray<string>]

const parentDeath: CommandWords = ["setpriv", "--pdeathsig", "KILL"]
const namespace = ["unshare", "--pid", "--fork", "--kill-child=KILL", "--mount-proc"]

/** The ways into a namespace, the plainest first: root has the right to it, others need a user namespace. */
const wrappers: ReadonlyArray<CommandWords> = [
  [...parentDeath, ...namespace, "--"],
  [...parentDeath, ...namespace, "--user", "--map-current-user", "--"]
]

export class Containment extends Context.Service<Containment, {
  /** The strongest level that this machine allows; tried out once. */
  readonly level: Effect.Effect<ContainmentLevel>
  /** A command, so changed that its descendants can be ended with it. */
  readonly wrap: (command: CommandWords) => Effect.Effect<CommandWords>
  /** Ends every process whose marker begins so. Costs nothing where the kernel has done it. */
  readonly sweep: (marker: string) => Effect.Effect<void>
}>()("claude-pool/services/Containment") {
  /** The strongest level that there is. */
  static readonly layer = Layer.suspend(() => Layer.effect(this, make(wrappers)))

  /** The level that every machine has. */
  static readonly layerMarkerSweep = Layer.suspend(() => Layer.effect(this, make([])))
}

const make = Effect.fnUntraced(function*(ways: ReadonlyArray<CommandWords>) {
  const spawner = yield* ChildProcessSpawner.ChildProcessSpawner
  const fs = yield* FileSystem.FileSystem

  const works = ([program, ...words]: CommandWords) =>
    spawner.exitCode(ChildProcess.make(program, [...words, "true"], { stdin: "ignore", extendEnv: true })).pipe(
      Effect.map((code) => code === 0),
      Effect.timeoutOrElse({ duration: "2 seconds", orElse: () => Effect.succeed(false) }),
      Effect.orElseSucceed(() => false)
    )

  const wrapper = yield* Effect.cached(Effect.findFirst(ways, works))

  const level = Effect.map(
    wrapper,
    (found): ContainmentLevel => found._tag === "Some" ? "pid-namespace" : "marker-sweep"
  )

  const wrap = (command: CommandWords) =>
    Effect.map(wrapper, (found): CommandWords => found._tag === "Some" ? [...found.value, ...command] : command)

  /** The processes that carry the marker, by what Linux shows of their environment. */
  const marked = Effect.fnUntraced(function*(marker: string) {
    const entry = `${markerVariable}=${marker}`
    const processes = (yield* fs.readDirectory("/proc")).filter((name) => /^\d+$/.test(name))
    return yield* Effect.filter(processes, (pid) =>
      fs.readFileString(`/proc/${pid}/environ`).pipe(
        Effect.map((environment) => environment.split("\0").some((variable) => variable.startsWith(entry))),
        Effect.orElseSucceed(() => false)
      ))
  })

  const kill = (pids: ReadonlyArray<string>) =>
    spawner.exitCode(
      ChildProcess.make("kill", ["-KILL", ...pids], { stdin: "ignore", extendEnv: true, stderr: "ignore" })
    )

  // A process may fork while its siblings are being counted: so again, until none is left.
  const sweepOnce = (marker: string) =>
    Effect.flatMap(
      marked(marker),
      (pids) => pids.length === 0 ? Effect.succeed(0) : Effect.as(kill(pids), pids.length)
    )

  const sweep = Effect.fn("Containment.sweep")(function*(marker: string) {
    if ((yield* level) === "pid-namespace") return
    yield* sweepOnce(marker).pipe(
      Effect.repeat({
        until: (killed) => killed === 0,
        schedule: Schedule.spaced("20 millis").pipe(Schedule.upTo({ times: 20 }))
      }),
      Effect.ignore
    )
  })

  return { level, wrap, sweep }
})
