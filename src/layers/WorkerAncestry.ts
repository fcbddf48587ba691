/**
 * Whether a worker runs this process. Each worker has a mark in its environment, and hands it on to what it starts. A
 * program can leave the mark out of its child's environment, but not out of its own: so the ancestors are asked too, as
 * far as Linux shows them. What makes a worker's process an orphan is asked no further than the init that adopts it: in a
 * namespace of its own, that is the worker.
 */
import { readFileSync } from "node:fs"
import { markerVariable } from "../services/claude/Environment.ts"

/** More than any tree of shells has, and an end to whatever is wrong with one. */
const mostAncestors = 64

/** Empty where there is no such process, or none that may be looked at. */
const readProcess = (pid: number, file: "environ" | "stat"): string => {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8")
  } catch {
    return ""
  }
}

const isMarked = (pid: number): boolean =>
  readProcess(pid, "environ").split("\0").some((variable) => variable.startsWith(`${markerVariable}=`))

/** Its name may hold anything, brackets and spaces too; the state and the parent come after the last bracket. */
const parentOf = (pid: number): number => {
  const stat = readProcess(pid, "stat")
  return Number(stat.slice(stat.lastIndexOf(")") + 1).trim().split(" ")[1] ?? 0)
}

/** `pid` is this process, and `env` its environment as it is now. */
export const isInWorker = (pid: number, env: Readonly<Record<string, string | undefined>>): boolean => {
  if (env[markerVariable] !== undefined) return true
  let ancestor = pid
  for (let count = 0; count <= mostAncestors && ancestor > 0; count++) {
    if (isMarked(ancestor)) return true
    ancestor = parentOf(ancestor)
  }
  return false
}
