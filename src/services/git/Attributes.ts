/**
 * What attributes say of the files of a commit, read from that commit.
 */
import { Effect } from "effect"
import type { CommitId } from "../../domain/Commit.ts"
import type { Failure } from "../../domain/Failure.ts"
import type { Checkout, Git } from "../Git.ts"
import { readable } from "./Names.ts"
import { at } from "./Status.ts"

const nothing: ReadonlySet<string> = new Set(["unspecified", "unset"])

/**
 * Files that a program of the user's turns into something else, such as of Git LFS or git-crypt: `filter=…`. The pool runs
 * no such program, so what it would check out, and commit, is not what a worker is to see. None is run for this either.
 */
export const filteredPaths = (
  git: Git["Service"],
  checkout: Checkout,
  commit: CommitId
): Effect.Effect<ReadonlyArray<string>, Failure> =>
  Effect.scoped(Effect.gen(function*() {
    // Attributes are read from an index where no file is looked for: one that is nobody's.
    const index = at(yield* git.indexCopy(checkout))
    yield* git.run(checkout, ["read-tree", commit], index)
    const names = yield* git.run(checkout, ["ls-files", "-z"], { ...index, names: "bytes" })
    const said = yield* git.run(checkout, [
      "-c",
      // Those of the repository itself: our own are in their place.
      `core.attributesFile=${checkout.repository.common}/info/attributes`,
      "check-attr",
      "--cached",
      "--stdin",
      "-z",
      "filter"
    ], { ...index, names: "bytes", input: Uint8Array.from(names.stdout, (one) => one.charCodeAt(0)) })
    const fields = said.stdout.split("\0")
    return fields.flatMap((name, place) =>
      place % 3 === 0 && place + 2 < fields.length && !nothing.has(fields[place + 2]!) ? [readable(name)] : []
    )
  }))
