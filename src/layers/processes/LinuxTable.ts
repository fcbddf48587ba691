/**
 * The processes of Linux, by `/proc`. A process is its id and the tick of the clock at which it started, and its marker
 * is the one in the environment that it was started with.
 *
 * To end processes, every environment is read anew. To measure them, each is read once: what a marked process runs since
 * is of the worker all the same, whatever it has made of its environment. That a process has no marker is believed only
 * once it is a few seconds old: before, it may be one that was forked and has not begun its own program.
 *
 * Between the look and the signal nothing but a few microseconds can pass. For a foreign process to be hit, the right one
 * would have to end, be collected, and its id be given out again in that time, which takes a turn through all ids.
 */
import type { ProcessIdentity } from "../../services/Processes.ts"
import { addUp, type ProcessTable, sendSignal } from "./ProcessTable.ts"
import {
  countingUnits,
  markerIn,
  processIds,
  type ProcessStat,
  readMarker,
  readProcFile,
  readResidentPages,
  readStat
} from "./ProcFiles.ts"

interface Known {
  readonly startedAt: string
  readonly marker: string | null
}

/** From its start to its own program a process needs less than a millisecond; more than a busy machine makes of that. */
const settledMs = 10_000

const isLive = (stat: ProcessStat | null): stat is ProcessStat => stat !== null && !stat.isDead && !stat.isKernel

export const linuxTable = (root = "/proc"): ProcessTable => {
  const { pageBytes, tickMs } = countingUnits(root)
  const known = new Map<number, Known>()

  const marked: ProcessTable["marked"] = (marker) => {
    const identify = (pid: number) => {
      const stat = readStat(pid, root)
      return isLive(stat) ? [{ pid, startedAt: stat.startedAt }] : []
    }
    // Most have another environment or none: so that is asked first.
    const look = (pid: number): ReadonlyArray<ProcessIdentity> | "empty" => {
      const environment = readProcFile(`${root}/${pid}/environ`)
      if (environment === null) return []
      if (environment.length === 0) return "empty"
      return markerIn(environment)?.startsWith(marker) === true ? identify(pid) : []
    }
    const looks = processIds(root).map((pid) => ({ pid, found: look(pid) }))
    // While a process goes over to another program it has no environment, for a moment: so those are asked again.
    return looks.flatMap(({ found, pid }) => {
      if (found !== "empty") return found
      const again = isLive(readStat(pid, root)) ? look(pid) : []
      return again === "empty" ? [] : again
    })
  }

  const signal: ProcessTable["signal"] = (it, marker, signal) => {
    const stat = readStat(it.pid, root)
    return isLive(stat) && stat.startedAt === it.startedAt &&
      readMarker(it.pid, root)?.startsWith(marker) === true && sendSignal(it.pid, signal)
  }

  /** Milliseconds since the machine was started. */
  const uptime = (): number => Number.parseFloat(String(readProcFile(`${root}/uptime`) ?? "0")) * 1000

  const usage: ProcessTable["usage"] = (markers) => {
    const now = uptime()
    const markerOf = ({ pid, startedAt }: ProcessStat): string | null => {
      const before = known.get(pid)
      if (before !== undefined && before.startedAt === startedAt) return before.marker
      const marker = readMarker(pid, root)
      const isSettled = marker !== null || now - Number(startedAt) * tickMs > settledMs
      if (isSettled) known.set(pid, { startedAt, marker })
      else known.delete(pid)
      return marker
    }
    const pids = processIds(root)
    const found = pids.flatMap((pid) => {
      const stat = readStat(pid, root)
      const marker = isLive(stat) ? markerOf(stat) : null
      if (stat === null || marker === null) return []
      const pages = readResidentPages(pid, root)
      return pages === null ? [] : [{ marker, rssBytes: pages * pageBytes, cpuMs: stat.cpuTicks * tickMs }]
    })
    const there = new Set(pids)
    for (const pid of known.keys()) if (!there.has(pid)) known.delete(pid)
    return addUp(markers, found)
  }

  return { marked, signal, usage }
}
