/**
 * How much memory there is on Linux: what the machine has, or what the control groups of this process leave it, whichever
 * is less. Files that the kernel keeps in memory and can drop at once count as free, for the machine as for a group.
 */

/** The text of a file, or null where there is none. */
export type ReadText = (path: string) => string | null

export interface Memory {
  readonly totalBytes: number
  readonly availableBytes: number
}

/** The files of a control group, by the version of the interface. */
interface GroupFiles {
  readonly mount: string
  readonly limit: string
  readonly usage: string
  /** The line of `memory.stat` that counts what can be dropped. */
  readonly droppable: RegExp
}

const unified: GroupFiles = {
  mount: "/sys/fs/cgroup",
  limit: "memory.max",
  usage: "memory.current",
  droppable: /^inactive_file (\d+)$/m
}

const legacy: GroupFiles = {
  mount: "/sys/fs/cgroup/memory",
  limit: "memory.limit_in_bytes",
  usage: "memory.usage_in_bytes",
  droppable: /^total_inactive_file (\d+)$/m
}

const numberIn = (text: string | null): number | null => {
  const number = Number.parseInt(text ?? "", 10)
  return Number.isFinite(number) ? number : null
}

/** A group and all that it is in: each may have a limit of its own. */
const withAncestors = (group: string): ReadonlyArray<string> => {
  const parts = group.split("/").filter((part) => part !== "" && part !== "..")
  return [...parts.map((_, at) => `/${parts.slice(0, parts.length - at).join("/")}`), ""]
}

const groupMemory = (read: ReadText, files: GroupFiles, group: string): ReadonlyArray<Memory> =>
  withAncestors(group).flatMap((path) => {
    const at = `${files.mount}${path}`
    const limit = numberIn(read(`${at}/${files.limit}`))
    const usage = numberIn(read(`${at}/${files.usage}`))
    if (limit === null || usage === null) return []
    const droppable = numberIn(files.droppable.exec(read(`${at}/memory.stat`) ?? "")?.[1] ?? null) ?? 0
    return [{ totalBytes: limit, availableBytes: Math.max(0, limit - Math.max(0, usage - droppable)) }]
  })

/** Inside of a container the group may be named as the host sees it, and be mounted as the root: that is looked at too. */
const groupsOf = (read: ReadText): ReadonlyArray<Memory> =>
  (read("/proc/self/cgroup") ?? "").split("\n").flatMap((line) => {
    const [, controllers, ...path] = line.split(":")
    const group = path.join(":")
    if (controllers === "") return groupMemory(read, unified, group)
    return controllers?.split(",").includes("memory") === true ? groupMemory(read, legacy, group) : []
  })

const kilobytes = (text: string, name: string): number =>
  (numberIn(new RegExp(`^${name}: +(\\d+) kB$`, "m").exec(text)?.[1] ?? null) ?? 0) * 1024

export const linuxMemory = (read: ReadText): Memory => {
  const text = read("/proc/meminfo") ?? ""
  const machine = { totalBytes: kilobytes(text, "MemTotal"), availableBytes: kilobytes(text, "MemAvailable") }
  const all = [machine, ...groupsOf(read)]
  return {
    totalBytes: Math.min(...all.map(({ totalBytes }) => totalBytes)),
    availableBytes: Math.min(...all.map(({ availableBytes }) => availableBytes))
  }
}
