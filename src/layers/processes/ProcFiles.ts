/**
 * What Linux shows of a process in `/proc`, read at once and without a break: between a look at a process and a signal
 * to it nothing else of this program runs.
 */
import { closeSync, openSync, readdirSync, readSync } from "node:fs"
import { markerVariable } from "../../services/claude/Environment.ts"

/** A line of `stat`. Times are in ticks of the kernel's clock. */
export interface ProcessStat {
  readonly pid: number
  readonly parent: number
  /** Ended, and only waiting to be collected. */
  readonly isDead: boolean
  /** A thread of the kernel's own: it has no environment. */
  readonly isKernel: boolean
  readonly cpuTicks: number
  readonly startedAt: string
}

/** More than a line of `stat` has, and than most environments have. */
const buffer = Buffer.allocUnsafe(64 * 1024)

/** Null where there is no such file, or it may not be read: the process has ended, or belongs to somebody else. */
export const readProcFile = (path: string): Buffer | null => {
  let file: number
  try {
    file = openSync(path, "r")
  } catch {
    return null
  }
  try {
    let length = readSync(file, buffer)
    if (length < buffer.length) return buffer.subarray(0, length)
    // Larger than the buffer, which the next one to read needs again.
    const parts = [Buffer.from(buffer)]
    while ((length = readSync(file, buffer)) > 0) parts.push(Buffer.from(buffer.subarray(0, length)))
    return Buffer.concat(parts)
  } catch {
    return null
  } finally {
    closeSync(file)
  }
}

/** `PF_KTHREAD` of the kernel's `sched.h`. */
const kernelThread = 0x00200000

/** The name of a program may hold anything, brackets and spaces too: what is counted comes after the last bracket. */
export const parseStat = (line: string): ProcessStat | null => {
  const nameEnd = line.lastIndexOf(")")
  const fields = line.slice(nameEnd + 2).split(" ")
  // The third field of the line is the first one here.
  const [state, parent] = fields
  const startedAt = fields[19]
  if (nameEnd < 0 || state === undefined || startedAt === undefined) return null
  return {
    pid: Number.parseInt(line, 10),
    parent: Number(parent),
    isDead: state === "Z" || state === "X" || state === "x",
    isKernel: (Number(fields[6]) & kernelThread) !== 0,
    cpuTicks: Number(fields[11]) + Number(fields[12]),
    startedAt
  }
}

export const readStat = (pid: number, root = "/proc"): ProcessStat | null => {
  const text = readProcFile(`${root}/${pid}/stat`)
  return text === null ? null : parseStat(text.toString("latin1"))
}

/**
 * Resident memory, in pages, as `statm` has it: counted to the page since Linux 6.16. The figure in `stat` leaves out what
 * each processor has yet to hand in (a small process shows 0, and on a machine with many processors hundreds of megabytes
 * can be missing). Null: there is no such process.
 */
export const readResidentPages = (pid: number, root = "/proc"): number | null => {
  const text = readProcFile(`${root}/${pid}/statm`)
  return text === null ? null : Number(text.toString("latin1").split(" ")[1])
}

const assignment = Buffer.from(`${markerVariable}=`)
const separated = Buffer.concat([Buffer.of(0), assignment])

/** The marker that an environment holds, as a process was given it when it began; null: none. */
export const markerIn = (environment: Buffer): string | null => {
  const isFirst = environment.subarray(0, assignment.length).equals(assignment)
  const at = isFirst ? 0 : environment.indexOf(separated) + 1
  if (at === 0 && !isFirst) return null
  const from = at + assignment.length
  const end = environment.indexOf(0, from)
  return environment.toString("latin1", from, end < 0 ? environment.length : end)
}

export const readMarker = (pid: number, root = "/proc"): string | null => {
  const environment = readProcFile(`${root}/${pid}/environ`)
  return environment === null ? null : markerIn(environment)
}

/** Of all processes that there are. */
export const processIds = (root = "/proc"): ReadonlyArray<number> =>
  readdirSync(root).map(Number).filter((pid) => Number.isSafeInteger(pid) && pid > 0)

/** Entries of the vector that the kernel gives each process: the size of a page, and ticks in a second. */
const pageSizeEntry = 6n
const ticksEntry = 17n

/** In what `stat` and `statm` count: bytes of a page, and milliseconds of a tick. */
export const countingUnits = (root = "/proc"): { readonly pageBytes: number; readonly tickMs: number } => {
  const vector = readProcFile(`${root}/self/auxv`) ?? Buffer.alloc(0)
  const entries = new Map<bigint, number>()
  // Pairs of words, each of 64 bits on every machine that this runs on.
  for (let at = 0; at + 16 <= vector.length; at += 16) {
    entries.set(vector.readBigUInt64LE(at), Number(vector.readBigUInt64LE(at + 8)))
  }
  return { pageBytes: entries.get(pageSizeEntry) ?? 4096, tickMs: 1000 / (entries.get(ticksEntry) ?? 100) }
}
