/**
 * The supervisor of a pool in this process, as the settings want it, and what is done again and again in its name.
 */
import { Duration, Effect, Layer } from "effect"
import type { Settings } from "../domain/Settings.ts"
import { Holds } from "../services/Holds.ts"
import { makeToldPrune } from "../services/pool/Pruning.ts"
import { Processes } from "../services/Processes.ts"
import { Slots } from "../services/Slots.ts"
import { Supervisor } from "../services/Supervisor.ts"
import { Tasks } from "../services/Tasks.ts"
import { makeAutoscale } from "../services/tasks/Autoscale.ts"
import * as MachineProcesses from "./MachineProcesses.ts"

/** How often the number of slots is looked at. */
const scaleEvery = Duration.seconds(5)

const pruneEvery = Duration.hours(1)

const prune = ({ keepBytes, keepFor }: Settings) =>
  Effect.map(makeToldPrune, (prune) => ({
    name: "prune",
    every: pruneEvery,
    run: prune({ olderThan: keepFor, keepBytes, dryRun: false })
  }))

const autoscale = Effect.fnUntraced(function*({ minFreeMemory }: Settings) {
  const holds = yield* Holds
  const processes = yield* Processes
  const scale = yield* makeAutoscale(yield* Slots, yield* Tasks)
  const run = Effect.gen(function*() {
    const held = yield* holds.current
    const { availableBytes } = yield* processes.memory
    return yield* scale({ isHeld: held.length > 0, freeMemory: availableBytes, minFreeMemory })
  })
  return { name: "autoscale", every: scaleEvery, run }
})

/** `lives`: the pool is there for as long as it is wanted, and keeps its own house. */
export const supervisor = (settings: Settings, lives: boolean) => {
  if (!settings.supervise) return Layer.empty
  const steps = Effect.all([
    ...(lives ? [prune(settings)] : []),
    ...(lives && settings.autoscale ? [autoscale(settings)] : [])
  ])
  return Layer.unwrap(Effect.map(steps, (all) => Supervisor.layer({ ...settings, steps: all }))).pipe(
    Layer.provide(MachineProcesses.layer)
  )
}
