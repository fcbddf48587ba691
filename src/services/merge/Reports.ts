/**
 * A landing as it is told.
 */
import { DateTime } from "effect"
import { branchOf } from "../../domain/Commit.ts"
import type { Merge, MergeReport } from "../../domain/Merge.ts"
import { shellWords } from "../../domain/ShellWords.ts"

/** `publication`: the commands that push it, as words. */
export const reportOf = (merge: Merge, publication: ReadonlyArray<ReadonlyArray<string>>): MergeReport => {
  const { after, at, before, id, landed, left, notUpdated, pending, strategy, target, undoneAt, updated } = merge
  const isThere = landed.length > 0 && undoneAt === null
  return {
    id,
    target,
    strategy,
    before,
    after,
    ...(isThere ? { branch: branchOf(id) } : {}),
    landed,
    left,
    updated,
    ...(notUpdated === null ? pending === "target" ? { not_updated: "it was on its way when this was written" } : {} : {
      not_updated: notUpdated
    }),
    undone: undoneAt !== null,
    at: DateTime.formatIso(at),
    commands: isThere ? publication.map(shellWords) : []
  }
}

/** What takes a landing back with a commit, where the target has gone on since. */
export const revertCommand = ({ after, before, landed, strategy }: Merge): string =>
  strategy === "merge"
    ? shellWords(["git", "revert", "-m", "1", ...landed.map(({ commit }) => commit).toReversed()])
    : shellWords(["git", "revert", `${before}..${after}`])
