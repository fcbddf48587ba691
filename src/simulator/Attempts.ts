/**
 * Counts how often something was tried, over all processes that share a directory: each try claims the next file that
 * nobody has made yet, and the file system sees to it that only one succeeds.
 */
import { closeSync, mkdirSync, openSync } from "node:fs"
import { join } from "node:path"

/** Whether this try is one of the first `times` under that key. */
export const isAmongFirst = (directory: string, key: string, times: number): boolean => {
  mkdirSync(directory, { recursive: true })
  for (let index = 0; index < times; index++) {
    try {
      closeSync(openSync(join(directory, `${key}.${index}`), "wx"))
      return true
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error
    }
  }
  return false
}
