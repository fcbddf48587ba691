/**
 * Containment on the machine that this runs on, with its processes and with the reaper that lies beside this program.
 */
import { Layer } from "effect"
import { execPath } from "node:process"
import { fileURLToPath } from "node:url"
import { Containment } from "../services/Containment.ts"
import { Reaper } from "../services/containment/Reaper.ts"
import * as MachineProcesses from "./MachineProcesses.ts"

/** It lies beside the bundle, and one folder up from this source. */
const reaper = fileURLToPath(
  new URL(import.meta.url.endsWith(".ts") ? "../reaper.ts" : "./reaper.js", import.meta.url)
)

const machine = Layer.mergeAll(MachineProcesses.layer, Reaper.layer([execPath, reaper]))

/** The strongest level that there is. */
export const layer = Containment.layer.pipe(Layer.provide(machine))

/** Without namespaces, wherever it runs. */
export const layerReaper = Containment.layerReaper.pipe(Layer.provide(machine))

/** Without a reaper too. */
export const layerMarkerSweep = Containment.layerMarkerSweep.pipe(Layer.provide(machine))
