/**
 * Whether a worker runs this process. Each worker has a mark in its environment, and hands it on to what it starts. A
 * program can leave the mark out of its child's environment, but not out of its own: so the ancestors are asked too, as
 * far as Linux shows them. What makes a worker's process an orphan is asked no further than the init that adopts it: in a
 * namespace of its own, that is the worker.
 */
import { markerVariable } from "../services/claude/Environment.ts"
import { readMarker, readStat } from "./processes/ProcFiles.ts"

/** More than any tree of shells has, and an end to whatever is wrong with one. */
const mostAncestors = 64

/** `pid` is this process, and `env` its environment as it is now. */
export const isInWorker = (pid: number, env: Readonly<Record<string, string | undefined>>): boolean => {
  if (env[markerVariable] !== undefined) return true
  let ancestor = pid
  for (let count = 0; count <= mostAncestors && ancestor > 0; count++) {
    if (readMarker(ancestor) !== null) return true
    ancestor = readStat(ancestor)?.parent ?? 0
  }
  return false
}
