/**
 * Who is in a directory on Linux: by `/proc`, which shows of each process of ours where it works, what it runs, and what it
 * has open. What has ended in the meantime, or belongs to somebody else, is not there to be read.
 */
import { readdirSync, readlinkSync } from "node:fs"
import { processIds } from "./ProcFiles.ts"

const target = (link: string): string | null => {
  try {
    return readlinkSync(link)
  } catch {
    return null
  }
}

const names = (directory: string): ReadonlyArray<string> => {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}

export const linuxInside = (directory: string, root = "/proc"): ReadonlyArray<number> => {
  const below = `${directory}/`
  const isBelow = (link: string) => {
    const place = target(link)
    return place !== null && (place === directory || place.startsWith(below))
  }
  return processIds(root).filter((pid) => {
    const of = `${root}/${pid}`
    return isBelow(`${of}/cwd`) || isBelow(`${of}/exe`) || names(`${of}/fd`).some((name) => isBelow(`${of}/fd/${name}`))
  })
}
