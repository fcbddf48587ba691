/**
 * The processes and the memory of macOS. It is written from the manuals and tested on recorded text: there was no Mac to
 * try it on.
 */
import { Effect, Layer } from "effect"
import os from "node:os"
import { Processes } from "../services/Processes.ts"
import { darwinTable, runText } from "./processes/DarwinTable.ts"
import { insideOf, lsofWords } from "./processes/LsofText.ts"
import { parsePs, parseVmStat, psColumns } from "./processes/PsText.ts"

export const layer: Layer.Layer<Processes> = Layer.sync(Processes, () => {
  const table = darwinTable()
  return Processes.of({
    marked: (marker) => Effect.sync(() => table.marked(marker)),
    signal: (it, marker, signal) => Effect.sync(() => table.signal(it, marker, signal)),
    usage: (markers) => Effect.sync(() => table.usage(markers)),
    inside: (directory) => Effect.sync(() => insideOf(directory, runText("/usr/sbin/lsof", lsofWords))),
    startOf: (pid) =>
      Effect.sync(() => {
        const found = parsePs(runText("/bin/ps", ["-p", String(pid), "-E", "-ww", "-o", psColumns]))
        return found.find((it) => it.pid === pid && !it.isDead)?.startedAt ?? null
      }),
    memory: Effect.sync(() => {
      const total = Number.parseInt(runText("/usr/sbin/sysctl", ["-n", "hw.memsize"]), 10)
      const totalBytes = Number.isFinite(total) ? total : os.totalmem()
      return { totalBytes, availableBytes: parseVmStat(runText("/usr/bin/vm_stat", [])) ?? os.freemem() }
    })
  })
})
