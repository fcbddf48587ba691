/**
 * What macOS says of its processes and its memory, read from the text of `ps`, `vm_stat` and `sysctl`.
 *
 * `ps -E` puts the environment behind the arguments, with nothing in between: so a marker is found as a word of the whole.
 * Nobody outside of a worker's processes knows it, for it is random. macOS hides the environment of the programs that are
 * part of the system: what of those a worker has started is found in no such way.
 */
import { markerVariable } from "../../services/claude/Environment.ts"

/** What `ps` is asked for, in this order: the only column whose end cannot be told comes last. */
export const psColumns = "pid=,stat=,rss=,time=,lstart=,command="

export interface PsProcess {
  readonly pid: number
  readonly isDead: boolean
  readonly rssBytes: number
  readonly cpuMs: number
  /** As `ps` writes it: day and month by name, to the second. */
  readonly startedAt: string
  readonly marker: string | null
}

const row = /^\s*(\d+)\s+(\S+)\s+(\d+)\s+(\S+)\s+(\S+\s+\S+\s+\S+\s+[\d:]+\s+\d{4})\s+(.*)$/

/** `[[days-]hours:]minutes:seconds[.hundredths]`. */
const milliseconds = (time: string): number => {
  const [days, clock] = time.includes("-") ? time.split("-") : ["0", time]
  const seconds = (clock ?? "").split(":").reduce((sum, part) => sum * 60 + Number(part), 0)
  return Math.round((Number(days) * 86_400 + seconds) * 1000)
}

const word = new RegExp(`(?:^|\\s)${markerVariable}=(\\S+)`)

export const parsePs = (text: string): ReadonlyArray<PsProcess> =>
  text.split("\n").flatMap((line): ReadonlyArray<PsProcess> => {
    const [, pid, stat = "", rss, time = "", startedAt = "", command = ""] = row.exec(line) ?? []
    if (pid === undefined) return []
    return [{
      pid: Number(pid),
      isDead: stat.startsWith("Z"),
      rssBytes: Number(rss) * 1024,
      cpuMs: milliseconds(time),
      startedAt: startedAt.replaceAll(/\s+/g, " "),
      marker: word.exec(command)?.[1] ?? null
    }]
  })

/** What is free, and what the kernel can make free at once. */
const reclaimable = ["Pages free", "Pages inactive", "Pages speculative"]

/** Null where the text is another one than is known. */
export const parseVmStat = (text: string): number | null => {
  const pageBytes = Number(/page size of (\d+) bytes/.exec(text)?.[1] ?? Number.NaN)
  const pages = reclaimable.map((name) => Number(new RegExp(`^${name}:\\s+(\\d+)\\.?$`, "m").exec(text)?.[1] ?? 0))
  const sum = pages.reduce((all, some) => all + some, 0) * pageBytes
  return Number.isFinite(sum) ? sum : null
}
