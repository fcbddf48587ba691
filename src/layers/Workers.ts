/**
 * Who does the work, as the settings want it on this machine: the `claude` CLI or the simulator in its place, and the
 * commands that decide whether work may go on.
 */
import { Effect, Layer, Path } from "effect"
import { fileURLToPath } from "node:url"
import type { Settings } from "../domain/Settings.ts"
import { Checks } from "../services/Checks.ts"
import { tracingVariables } from "../services/claude/Environment.ts"
import { Transcripts } from "../services/claude/Transcripts.ts"
import { ClaudeCli } from "../services/ClaudeCli.ts"
import { Machine } from "../services/Machine.ts"
import * as MachineContainment from "./MachineContainment.ts"

/** The simulator lies beside the bundle, and one folder up from this source. */
const simulator = fileURLToPath(
  new URL(import.meta.url.endsWith(".ts") ? "../simulator.ts" : "./simulator.js", import.meta.url)
)

const definedIn = (env: Machine["Service"]["env"]): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(env).flatMap(([name, value]) => value === undefined ? [] : [[name, value]]))

/** Where slots have their directories, and whatever else starts processes. */
export const slotsIn = (path: Path.Path, store: string): string => path.join(store, "slots")

/** `temporary` is where the slots' temporary directories are. */
export const claudeCli = (settings: Settings, temporary: string) =>
  Layer.unwrap(Effect.gen(function*() {
    const machine = yield* Machine
    const path = yield* Path.Path
    const env = settings.simulate
      ? { CLAUDE_POOL_SIMULATOR_STATE: path.join(temporary, "simulator-state"), ...definedIn(machine.env) }
      : definedIn(machine.env)
    return ClaudeCli.layer({
      named: settings.claude,
      standIn: settings.simulate ? [machine.node, simulator] : null,
      env,
      home: machine.home,
      platform: machine.platform,
      passEnv: [
        ...settings.passEnv,
        ...settings.simulate ? simulatorVariables(env) : [],
        ...settings.otlp === null ? [] : tracingVariables(env)
      ],
      directories: {
        slots: slotsIn(path, settings.store),
        sessions: sessionsOf(path, settings),
        temporary
      },
      stallAfter: settings.supervise ? null : settings.stallAfter,
      figuresWithin: settings.shutdownGrace
    }).pipe(Layer.provide(MachineContainment.layer))
  }))

const simulatorVariables = (env: Readonly<Record<string, string>>): ReadonlyArray<string> =>
  Object.keys(env).filter((name) => name.startsWith("CLAUDE_POOL_SIMULATOR"))

/** The commands of chains, of set-ups and of expectations: they see no more of the user's environment than a shell needs. */
export const checks = ({ passEnv, store }: Settings, { env }: Machine["Service"]) =>
  Layer.unwrap(Effect.map(Path.Path, (path) => {
    const directory = path.join(slotsIn(path, store), "checks")
    return Checks.layer({ env: definedIn(env), passEnv, directory }).pipe(Layer.provide(MachineContainment.layer))
  }))

const sessionsOf = (path: Path.Path, { store }: Settings): string => path.join(store, "sessions")

export const transcripts = (settings: Settings) =>
  Layer.unwrap(Effect.map(Path.Path, (path) => Transcripts.layer({ sessions: sessionsOf(path, settings) })))
