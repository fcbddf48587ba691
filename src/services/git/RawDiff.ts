/**
 * What lies between two commits, entry by entry: kinds and objects, and no content.
 */
import { Effect } from "effect"
import type { CommitId } from "../../domain/Commit.ts"
import type { Failure } from "../../domain/Failure.ts"
import type { Checkout, Git } from "../Git.ts"

export interface RawChange {
  readonly path: string
  /** As git writes them: `100644`, `100755`, `120000`, `160000`; `000000`: it is not there. */
  readonly before: string
  readonly after: string
  /** The object that it is now. */
  readonly object: string
}

export const modes = { nothing: "000000", executable: "100755", link: "120000", repository: "160000" } as const

export interface RawDiff {
  readonly changes: ReadonlyArray<RawChange>
  /** As git wrote it: the same for the same change, whatever its size. */
  readonly text: string
}

/** Renames are taken apart. */
export const rawDiff = (
  git: Git["Service"],
  checkout: Checkout,
  from: CommitId,
  to: CommitId
): Effect.Effect<RawDiff, Failure> =>
  Effect.map(
    git.run(checkout, ["diff-tree", "-r", "-z", "--raw", "--no-renames", "--no-abbrev", from, to, "--"]),
    ({ stdout }) => {
      const fields = stdout.split("\0")
      const changes: Array<RawChange> = []
      for (let at = 0; at + 1 < fields.length; at += 2) {
        const [before = "", after = "", , object = ""] = fields[at]!.slice(1).split(" ")
        changes.push({ path: fields[at + 1]!, before, after, object })
      }
      return { changes, text: stdout }
    }
  )
