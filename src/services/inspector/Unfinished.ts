/**
 * Merges, rebases and the like that a worker has begun and not ended: what they hold beside the files is kept, and git
 * forgets that they were begun.
 */
import { Effect, FileSystem, Option, Path, Schema } from "effect"
import { CommitId } from "../../domain/Commit.ts"
import { plainText } from "../git/PlainFile.ts"

/** Files and directories of a git directory that say what is under way. */
const states = [
  "MERGE_HEAD",
  "MERGE_MODE",
  "MERGE_MSG",
  "MERGE_RR",
  "MERGE_AUTOSTASH",
  "SQUASH_MSG",
  "AUTO_MERGE",
  "CHERRY_PICK_HEAD",
  "REVERT_HEAD",
  "REBASE_HEAD",
  "BISECT_START",
  "BISECT_LOG",
  "BISECT_NAMES",
  "BISECT_TERMS",
  "BISECT_EXPECTED_REV",
  "BISECT_ANCESTORS_OK",
  "BISECT_HEAD",
  "rebase-merge",
  "rebase-apply",
  "sequencer"
]

/** Those that name commits which may be part of nothing else: the other side of a merge, what was put aside. */
const holding = [
  "MERGE_HEAD",
  "MERGE_AUTOSTASH",
  "CHERRY_PICK_HEAD",
  "rebase-merge/orig-head",
  "rebase-merge/autostash",
  "rebase-apply/orig-head",
  "rebase-apply/autostash"
]

const readCommit = Schema.decodeUnknownOption(CommitId)

export const makeUnfinished = Effect.gen(function*() {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const read = (file: string) => Effect.map(plainText(fs)(file), (text) => text ?? "")

  /** Commits that it names. */
  const commitsOf = (gitDir: string): Effect.Effect<ReadonlyArray<CommitId>> =>
    Effect.map(
      Effect.forEach(holding, (name) => read(path.join(gitDir, name))),
      (texts) => texts.flatMap((text) => text.split("\n").flatMap((line) => Option.toArray(readCommit(line.trim()))))
    )

  /** Where HEAD has been, the latest first: a branch that is deleted has left nothing else. */
  const trailOf = (gitDir: string): Effect.Effect<ReadonlyArray<CommitId>> =>
    Effect.map(read(path.join(gitDir, "logs", "HEAD")), (text) =>
      text.split("\n").toReversed().flatMap((line) => {
        const [before, after] = line.split(" ")
        return [after, before].flatMap((name) => Option.toArray(readCommit(name)))
      }).filter((commit) => !/^0+$/.test(commit)))

  const forget = (gitDir: string) =>
    Effect.forEach(states, (name) => fs.remove(path.join(gitDir, name), { recursive: true, force: true }), {
      discard: true
    })

  return { commitsOf, trailOf, forget }
})
