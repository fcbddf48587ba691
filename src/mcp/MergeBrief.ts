/**
 * Landings as a coordinator reads them: in a few words of ours, and what workers wrote apart from it.
 */
import type { ConflictHunk, MergeForecast, MergeReport } from "../domain/Merge.ts"
import { capText, cleanLine } from "../domain/UntrustedText.ts"
import { fitting } from "./Tokens.ts"

const mostHunks = 8
const maxHunk = 2000
const mostPaths = 5

const paths = (all: ReadonlyArray<string>): ReadonlyArray<string> =>
  [...new Set(all)].slice(0, mostPaths).map((path) => cleanLine(path, 200))

const conflictPaths = (conflicts: ReadonlyArray<ConflictHunk> = []) =>
  conflicts.length === 0 ? {} : { conflicts: paths(conflicts.map(({ path }) => path)) }

/** In tokens. */
const roomForPairs = 3000

const fittingPairs = (
  pairs: ReadonlyArray<{ readonly ids: ReadonlyArray<string>; readonly conflicts: ReadonlyArray<string> }>
) => {
  const shown = fitting(pairs, roomForPairs)
  return { pairs: shown, ...(shown.length < pairs.length ? { more_pairs: pairs.length - shown.length } : {}) }
}

export const briefForecast = ({ branches, pairs, target, unfinished = [] }: MergeForecast) => ({
  dry_run: true,
  into: cleanLine(target.branch, 200),
  branches: branches.map(({ added, conflicts, files, id, onto, removed, warnings = [] }) => ({
    id,
    onto,
    diff: `${files} file${files === 1 ? "" : "s"}, +${added} -${removed}`,
    ...conflictPaths(conflicts),
    ...(warnings.length === 0 ? {} : { warnings: warnings.slice(0, mostPaths).map((one) => cleanLine(one, 160)) })
  })),
  ...fittingPairs(
    pairs.map(({ first, paths: shared, second }) => ({ ids: [first, second], conflicts: paths(shared) }))
  ),
  ...(unfinished.length === 0 ? {} : { unfinished: unfinished.map(({ id }) => id) })
})

export const briefMerge = (report: MergeReport) => ({
  id: report.id,
  into: cleanLine(report.target, 200),
  ...(report.branch === undefined ? {} : { branch: report.branch }),
  landed: report.landed.map(({ id }) => id),
  left: report.left.map(({ conflicts, id, task, why }) => ({
    id,
    why,
    ...conflictPaths(conflicts),
    ...(task === undefined ? {} : { task })
  })),
  updated: report.updated,
  ...(report.not_updated === undefined ? {} : { not_updated: cleanLine(report.not_updated, 200) })
})

interface Foreign {
  readonly id: string
  readonly conflicts?: ReadonlyArray<ConflictHunk>
  readonly output?: string
}

/** What workers and commands wrote of a branch, to be fenced; null: nothing. */
export const foreignText = ({ conflicts = [], output }: Foreign): string | null => {
  const hunks = conflicts.slice(0, mostHunks).map(({ kind, path, text }) =>
    `${cleanLine(path, 200)} (${cleanLine(kind, 40)})\n${capText(text, maxHunk)}`
  )
  const parts = [...hunks, ...(output === undefined || output === "" ? [] : [output.slice(-maxHunk)])]
  return parts.length === 0 ? null : parts.join("\n\n")
}
