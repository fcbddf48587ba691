/**
 * The processes of a machine as a plain program sees them: what the layers of `Processes` and the reaper share.
 */
import { kill } from "node:process"
import type { ProcessIdentity, ProcessUsage } from "../../services/Processes.ts"

export interface ProcessTable {
  /** Those whose marker begins so; zombies are none. */
  readonly marked: (marker: string) => ReadonlyArray<ProcessIdentity>
  /** Looks at the process again, and signals it in the same breath where it is still that one and carries the marker. */
  readonly signal: (it: ProcessIdentity, marker: string, signal: "SIGTERM" | "SIGKILL") => boolean
  readonly usage: (markers: ReadonlyArray<string>) => ReadonlyArray<ProcessUsage>
}

/** False where it has just ended, or may not be signalled. */
export const sendSignal = (pid: number, signal: "SIGTERM" | "SIGKILL"): boolean => {
  // What is not positive would name a group, or everybody; this process never ends itself so.
  if (pid <= 1 || pid === process.pid) return false
  try {
    return kill(pid, signal)
  } catch {
    return false
  }
}

const noUsage: ProcessUsage = { processes: 0, rssBytes: 0, cpuMs: 0 }

/** What the processes use, added up for each marker that theirs begins with. */
export const addUp = (
  markers: ReadonlyArray<string>,
  processes: Iterable<{ readonly marker: string; readonly rssBytes: number; readonly cpuMs: number }>
): ReadonlyArray<ProcessUsage> => {
  const sums = markers.map(() => ({ ...noUsage }) as { -readonly [K in keyof ProcessUsage]: number })
  for (const { cpuMs, marker, rssBytes } of processes) {
    markers.forEach((wanted, at) => {
      const sum = sums[at]
      if (sum === undefined || !marker.startsWith(wanted)) return
      sum.processes += 1
      sum.rssBytes += rssBytes
      sum.cpuMs += cpuMs
    })
  }
  return sums
}
