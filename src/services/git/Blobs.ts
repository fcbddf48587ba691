/**
 * What is in files as they were committed, without a checkout of them.
 */
import { Effect } from "effect"
import type { CommitId } from "../../domain/Commit.ts"
import type { Failure } from "../../domain/Failure.ts"
import type { Checkout, Git } from "../Git.ts"

/** How long these objects are, in bytes. What is not there has no length. */
export const objectSizes = (
  git: Git["Service"],
  checkout: Checkout,
  objects: ReadonlyArray<string>
): Effect.Effect<ReadonlyMap<string, number>, Failure> =>
  objects.length === 0 ? Effect.succeed(new Map()) : Effect.map(
    git.run(checkout, ["cat-file", "--batch-check=%(objectname) %(objectsize)"], { input: `${objects.join("\n")}\n` }),
    ({ stdout }) =>
      new Map(
        stdout.split("\n").flatMap((line): ReadonlyArray<[string, number]> => {
          const [, object, size] = /^([0-9a-f]+) (\d+)$/.exec(line) ?? []
          return object === undefined ? [] : [[object, Number(size)]]
        })
      )
  )

/** The beginning of one. */
export const objectText = (
  git: Git["Service"],
  checkout: Checkout,
  object: string
): Effect.Effect<string, Failure> =>
  Effect.map(git.run(checkout, ["cat-file", "blob", object], { mostBytes: 8192 }), ({ stdout }) => stdout)

/** So many paths are given to one command, and so many characters of them. */
const most = { paths: 500, chars: 100_000 }

const inParts = (paths: ReadonlyArray<string>): ReadonlyArray<ReadonlyArray<string>> => {
  const parts: Array<Array<string>> = []
  let chars = Infinity
  for (const path of paths) {
    if (chars + path.length > most.chars || (parts.at(-1)?.length ?? 0) >= most.paths) {
      parts.push([])
      chars = 0
    }
    parts.at(-1)?.push(path)
    chars += path.length
  }
  return parts
}

const marks = ["--all-match", "-e", "^<<<<<<< ", "-e", "^>>>>>>> "]

/** Those of these files in which a commit has both marks of a conflict. An attribute does not hide them. */
export const filesWithConflicts = (
  git: Git["Service"],
  checkout: Checkout,
  commit: CommitId,
  paths: ReadonlyArray<string>
): Effect.Effect<ReadonlyArray<string>, Failure> =>
  Effect.map(
    Effect.forEach(inParts(paths), (part) =>
      git.run(
        checkout,
        ["--literal-pathspecs", "grep", "-l", "-z", "--text", "--no-color", ...marks, commit, "--", ...part],
        { answers: [1] }
      )),
    (outputs) =>
      outputs.flatMap(({ stdout }) =>
        stdout.split("\0").filter((name) => name !== "").map((name) => name.slice(commit.length + 1))
      )
  )
