/**
 * The processes of the machine that this runs on.
 */
import { Layer } from "effect"
import { platform } from "node:process"
import type { Processes } from "../services/Processes.ts"
import * as DarwinProcesses from "./DarwinProcesses.ts"
import * as LinuxProcesses from "./LinuxProcesses.ts"

export const layer: Layer.Layer<Processes> = Layer.suspend(() =>
  platform === "linux" ? LinuxProcesses.layer : DarwinProcesses.layer
)
