/**
 * The processes and the memory of Linux.
 */
import { Effect, Layer } from "effect"
import { readFileSync } from "node:fs"
import { Processes } from "../services/Processes.ts"
import { linuxInside } from "./processes/LinuxInside.ts"
import { linuxMemory } from "./processes/LinuxMemory.ts"
import { linuxTable } from "./processes/LinuxTable.ts"
import { readStat } from "./processes/ProcFiles.ts"

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
    inside: (directory) => Effect.sync(() => linuxInside(directory)),
    startOf: (pid) =>
      Effect.sync(() => {
        const stat = readStat(pid)
        return stat === null || stat.isDead ? null : stat.startedAt
      }),
    memory: Effect.sync(() => linuxMemory(readText))
  })
})
