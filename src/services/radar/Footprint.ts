/**
 * What one branch touches, and where two of them meet. Pure.
 */
import type { CommitId } from "../../domain/Commit.ts"
import { commonLines, type Overlap } from "../../domain/Overlap.ts"
import type { TaskId } from "../../domain/TaskId.ts"
import type { TouchedFile, TouchedFiles } from "../git/Touched.ts"

export interface Footprint {
  readonly task: TaskId
  /** The repository, by the directory that all of its worktrees share. */
  readonly common: string
  /** The branch, or what stands for it: whoever works on the same one continues its work. */
  readonly branch: string
  readonly base: CommitId
  readonly files: TouchedFiles
}

/** Of more of them a pair is told only so much: they do the same work, or ignore too little. */
const mostPaths = 200

const meet = (one: TouchedFile, other: TouchedFile, isSameBase: boolean) => {
  if (one.before === null || other.before === null) return null
  return isSameBase || one.before === other.before ? commonLines(one.lines, other.lines) : null
}

/** A file that one of them has where the other has a folder. */
const folderIn = (files: TouchedFiles, path: string): string | undefined => {
  for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1)) {
    const folder = path.slice(0, end)
    if (files.has(folder)) return folder
  }
  return undefined
}

const found = (first: Footprint, second: Footprint): ReadonlyArray<Overlap> => {
  const lines = new Map<string, Overlap["lines"]>()
  for (const [path, mine] of first.files) {
    const theirs = second.files.get(path)
    const common = theirs === undefined ? undefined : meet(mine, theirs, first.base === second.base)
    if (common !== undefined) lines.set(path, common)
    const folder = folderIn(second.files, path)
    if (folder !== undefined) lines.set(folder, null)
  }
  for (const path of second.files.keys()) {
    const folder = folderIn(first.files, path)
    if (folder !== undefined) lines.set(folder, null)
  }
  return [...lines].toSorted(([one], [other]) => one < other ? -1 : 1).slice(0, mostPaths)
    .map(([path, common]) => ({ first: first.task, second: second.task, path, lines: common }))
}

/** All pairs, each in the same order whenever it is asked for. */
export const overlapsOf = (footprints: ReadonlyArray<Footprint>): ReadonlyArray<Overlap> => {
  const sorted = footprints.filter(({ files }) => files.size > 0).toSorted((one, other) =>
    one.task < other.task ? -1 : 1
  )
  return sorted.flatMap((first, at) =>
    sorted.slice(at + 1)
      .filter((second) => second.common === first.common && second.branch !== first.branch)
      .flatMap((second) => found(first, second))
  )
}

/** The same overlap, whichever lines it has come to by now. */
export const overlapKey = ({ first, path, second }: Overlap): string => `${first} ${second} ${path}`
