/**
 * Which files differ from a commit, in which of its lines: also those that have no lines, are gone, or are only there.
 */
import { Effect } from "effect"
import type { CommitId } from "../../domain/Commit.ts"
import type { Failure } from "../../domain/Failure.ts"
import type { ChangedLines } from "../../domain/Overlap.ts"
import type { Checkout, Git, GitOutput } from "../Git.ts"
import { plain } from "./Diff.ts"
import { readRanges } from "./Ranges.ts"
import { statusOf } from "./Status.ts"

export interface TouchedFile {
  /** What it is in the commit: two commits that have the same there have the same lines; null: it is not in it. */
  readonly before: string | null
  readonly lines: ChangedLines
}

/** By their paths. One that was renamed is gone from one path and new at the other. */
export type TouchedFiles = ReadonlyMap<string, TouchedFile>

/** Of a larger diff, the files at its end are known without their lines. */
const mostBytes = 8 * 2 ** 20

/** Lines are told apart as a merge does it, which may find other ones than a diff for people. */
const asMerged = ["--diff-algorithm=histogram", "--no-indent-heuristic"]

const flags = ["--raw", "--no-abbrev", "-z", "-p", "-U0", "--no-renames", "--no-prefix", ...asMerged, ...plain]

const whole: TouchedFile = { before: null, lines: null }

/** What a checkout has otherwise than a commit: committed since, or not, or not even known to git. */
export const touchedSince = Effect.fnUntraced(
  function*(git: Git["Service"], checkout: Checkout, from: CommitId): Effect.fn.Return<TouchedFiles, Failure> {
    const changed = readTouched(yield* git.run(checkout, ["diff", ...flags, from, "--"], { mostBytes }))
    const unknown = (yield* statusOf(git, checkout)).filter(({ code }) => code === "??")
    for (const { path } of unknown) {
      const name = path.replace(/\/$/, "")
      // It may be in the commit, and not in the index any more.
      changed.set(name, { ...whole, before: changed.get(name)?.before ?? null })
    }
    return changed
  }
)

/** As between two commits. */
export const touchedBetween = (
  git: Git["Service"],
  checkout: Checkout,
  from: CommitId,
  to: CommitId
): Effect.Effect<TouchedFiles, Failure> =>
  Effect.map(git.run(checkout, ["diff-tree", "-r", ...flags, from, to, "--"], { mostBytes }), readTouched)

/** The fields of an entry, and its path; then, after an empty one, the patch. */
const readTouched = ({ bytes, stdout }: GitOutput): Map<string, TouchedFile> => {
  const files = new Map<string, TouchedFile>()
  let at = 0
  const next = () => {
    const end = stdout.indexOf("\0", at)
    const field = stdout.slice(at, end === -1 ? stdout.length : end)
    at = end === -1 ? stdout.length : end + 1
    return field
  }
  while (stdout.startsWith(":", at)) {
    const [, , before = ""] = next().split(" ")
    files.set(next(), { before: /^0*$/.test(before) ? null : before, lines: null })
  }
  const patch = stdout.slice(at + 1)
  // The last file of what was cut off may have more lines than are there.
  const known = bytes > mostBytes ? patch.slice(0, Math.max(0, patch.lastIndexOf("\ndiff --git "))) : patch
  for (const [path, lines] of readRanges(known)) {
    const file = files.get(path)
    // Without lines it got another mode, or has none: then all of it is meant.
    if (file !== undefined && file.before !== null && lines.length > 0) files.set(path, { ...file, lines })
  }
  return files
}
