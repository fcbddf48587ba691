/**
 * Which lines came and which went between two commits, whatever attributes say of the files, and without renames: so it
 * can be held against what a merge made of it.
 */
import { Effect } from "effect"
import type { CommitId } from "../../domain/Commit.ts"
import type { Failure } from "../../domain/Failure.ts"
import type { Checkout, Git } from "../Git.ts"
import { plain } from "./Diff.ts"
import { pathOf } from "./Ranges.ts"

export interface LineChanges {
  /** Whether the file is only on one of both sides. */
  readonly oneSided: boolean
  /** How often each line came, and how often it went. */
  readonly added: ReadonlyMap<string, number>
  readonly removed: ReadonlyMap<string, number>
}

const most = 32 * 2 ** 20

/** By path; null: it is too much to be looked at. Lines are told apart as git's own merges do it. */
export const lineChanges = (
  git: Git["Service"],
  checkout: Checkout,
  from: CommitId,
  to: CommitId
): Effect.Effect<ReadonlyMap<string, LineChanges> | null, Failure> =>
  from === to ? Effect.succeed(new Map()) : Effect.map(
    git.run(checkout, [
      "diff-tree",
      "-r",
      "-p",
      "-U0",
      "--text",
      "--no-renames",
      "--histogram",
      "--no-prefix",
      ...plain,
      from,
      to,
      "--"
    ], { mostBytes: most }),
    ({ bytes, stdout }) => bytes > most ? null : readChanges(stdout)
  )

const readChanges = (text: string): ReadonlyMap<string, LineChanges> => {
  const files = new Map<string, { oneSided: boolean; added: Map<string, number>; removed: Map<string, number> }>()
  let file = { oneSided: false, added: new Map<string, number>(), removed: new Map<string, number>() }
  let left = 0
  for (const line of text.split("\n")) {
    if (left > 0) {
      const side = line.startsWith("+") ? file.added : line.startsWith("-") ? file.removed : null
      if (side === null) continue
      side.set(line.slice(1), (side.get(line.slice(1)) ?? 0) + 1)
      left--
      continue
    }
    const [, both] = /^diff --git (.+)$/.exec(line) ?? []
    if (both !== undefined) {
      const name = pathOf(both)
      // A change of kind comes as two.
      file = files.get(name) ?? { oneSided: false, added: new Map(), removed: new Map() }
      files.set(name, file)
    } else if (line.startsWith("new file mode ") || line.startsWith("deleted file mode ")) file.oneSided = true
    const [, removed = "1", added = "1"] = /^@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@/.exec(line) ?? []
    if (line.startsWith("@@ ")) left = Number(removed) + Number(added)
  }
  return files
}
