/**
 * A conflict as a task: whoever does it merges the branch on top of what has landed, and settles what is at odds.
 */
import { Option, Schema } from "effect"
import { branchOf, type CommitId } from "../../domain/Commit.ts"
import { Expect } from "../../domain/Expect.ts"
import type { ConflictHunk, MergeId } from "../../domain/Merge.ts"
import type { TaskRequest } from "../../domain/TaskRequest.ts"
import type { Candidate } from "./Candidates.ts"

const readExpect = Schema.decodeUnknownOption(Expect)

/** A path as a pattern that names only that path; none where a pattern cannot say it. */
const patternOf = (path: string): ReadonlyArray<string> => {
  const pattern = path.replaceAll(/[\\*?[\]]/g, "\\$&")
  return Option.isSome(readExpect({ only: [pattern] })) ? [pattern] : []
}

export const conflictTask = (
  { after, candidate: { evidence: { branch, head }, id, repository, tasks }, checks, conflicts, merge }: {
    readonly merge: MergeId
    readonly candidate: Candidate
    readonly conflicts: ReadonlyArray<ConflictHunk>
    /** What has landed. */
    readonly after: CommitId
    readonly checks: ReadonlyArray<string>
  }
): TaskRequest => {
  // Where a file has no text, whoever settles it may well leave it as it is.
  const changed = conflicts.filter(({ text }) => text !== "").flatMap(({ path }) => patternOf(path))
  const gate = tasks.findLast(({ options }) => options.review !== undefined)?.options.review
  const said = checks.map((check) => `- \`${check}\` exits with 0`)
  return {
    prompt: [
      `The branch ${branch} (the work of ${id}) conflicts with what has landed before it. Your workspace stands at what has landed.`,
      `Run \`git merge ${branch}\` in it; the branch stands at ${head}. Then settle each conflict by hand and commit the merge.`,
      "Keep what both sides meant: read both, and write what does the work of both. Drop no line that either side added, "
      + "unless the other one takes its place and does its work too. Do not take one side as a whole, and use no merge strategy that does.",
      `The files at odds:\n${conflicts.map(({ kind, path }) => `- ${JSON.stringify(path)} (${kind})`).join("\n")}`,
      ...(said.length === 0 ? [] : [`When you are done:\n${said.join("\n")}`])
    ].join("\n\n"),
    name: `settle the conflict of ${id}`,
    key: `${branchOf(merge)} ${branch}`,
    cwd: repository.checkout ?? repository.common,
    isolation: "task",
    base: after,
    ...(gate === undefined ? {} : { review: gate }),
    expect: {
      ...(checks.length === 0 ? {} : { commands: checks }),
      ...(changed.length === 0 ? {} : { changed })
    }
  }
}
