/**
 * What a test holds while it runs, of what is to be gone when it ends: processes, files, descriptors. A directory says
 * what is whose: its processes name it in what they were given, and its files lie in it.
 */
import { readdirSync, readFileSync, readlinkSync } from "node:fs"
import { join } from "node:path"
import process from "node:process"

/** How often is looked until what is on its way out has gone: far more often than it needs. */
const looks = 2000

const attempt = (look: () => string): string => {
  try {
    return look()
  } catch {
    // It has ended or was closed in the meantime, or belongs to somebody else.
    return ""
  }
}

const processes = (): ReadonlyArray<string> => readdirSync("/proc").filter((name) => /^\d+$/.test(name))

/** Whether a process names the directory in what it was given. */
const isOurs = (own: string) => (pid: string): boolean =>
  Number(pid) !== process.pid &&
  ["environ", "cmdline"].some((name) => attempt(() => readFileSync(`/proc/${pid}/${name}`, "utf8")).includes(own))

/** Open descriptors, by number and by what they are of. Those of the runner's own channels do not change. */
const descriptors = (): ReadonlyArray<string> =>
  readdirSync("/proc/self/fd").flatMap((fd) => {
    const target = attempt(() => readlinkSync(`/proc/self/fd/${fd}`))
    // Those of the runtime itself, which come with the first use of something and stay, and this look's own.
    return target === "" || /^anon_inode:|^\/proc\/|^\/dev\/|node_modules/.test(target) ? [] : [`${fd} ${target}`]
  })

export interface Held {
  readonly processes: ReadonlySet<string>
  readonly files: ReadonlySet<string>
  readonly descriptors: ReadonlySet<string>
}

const take = (own: string): Held => ({
  processes: new Set(processes()),
  files: new Set(readdirSync(own)),
  descriptors: new Set(descriptors())
})

const leaksSince = (own: string, before: Held): ReadonlyArray<string> => [
  ...processes().filter((pid) => !before.processes.has(pid) && isOurs(own)(pid)).map((pid) =>
    `process ${pid} ${attempt(() => readFileSync(`/proc/${pid}/cmdline`, "utf8")).replaceAll("\0", " ")}`
  ),
  ...readdirSync(own).filter((name) => !before.files.has(name)).map((name) => `file ${join(own, name)}`),
  ...descriptors().filter((one) => !before.descriptors.has(one)).map((one) => `descriptor ${one}`)
]

const pass = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve)
  })

const settled = async (own: string, before: Held): Promise<ReadonlyArray<string>> => {
  let found = leaksSince(own, before)
  for (let look = 0; look < looks && found.length > 0; look++) {
    // oxlint-disable-next-line eslint/no-await-in-loop -- it looks again and again
    await pass()
    found = leaksSince(own, before)
  }
  return found
}

/** The processes of a directory that are there now. */
const alive = (own: string): ReadonlyArray<string> => processes().filter(isOurs(own))

export const Leaks = { alive, settled, since: leaksSince, take }
