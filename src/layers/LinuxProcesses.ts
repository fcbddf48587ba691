/**
 * The processes and the memory of Linux.
 */
import { Effect, Layer } from "effect"
import { readFileSync } from "node:fs"
import { Processes } from "../services/Processes.ts"
import { linuxMemory } from "./processes/LinuxMemory.ts"
import { linuxTable } from "./processes/LinuxTable.ts"

const readText = (path: string): string | null => {
  try {
    return readFileSync(path, "utf8")
  } catch {
    return null
  }
}

export const layer: Layer.Layer<Processes> = Layer.sync(Processes, () => {
  const table = linuxTable()
  return Processes.of({
    marked: (marker) => Effect.sync(() => table.marked(marker)),
    signal: (it, marker, signal) => Effect.sync(() => table.signal(it, marker, signal)),
    usage: (markers) => Effect.sync(() => table.usage(markers)),
    memory: Effect.sync(() => linuxMemory(readText))
  })
})
