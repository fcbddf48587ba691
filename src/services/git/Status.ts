/**
 * What of a checkout is not committed.
 */
import { Effect } from "effect"
import type { Failure } from "../../domain/Failure.ts"
import type { Checkout, Git, GitOptions } from "../Git.ts"
import { listed, readable } from "./Names.ts"

export interface StatusEntry {
  /** Two letters, as git's short format has them: the index, then the tree; `??` is not known to git. */
  readonly code: string
  /** As people read it: bytes that are no UTF-8 are U+FFFD. */
  readonly path: string
  /** Whether it is a repository of its own: a submodule, or one that lies there. */
  readonly isRepository: boolean
}

/** Everything that is not as in HEAD, but for what git ignores. Nothing is written, and no submodule is looked into. */
export const statusOf = (
  git: Git["Service"],
  checkout: Checkout
): Effect.Effect<ReadonlyArray<StatusEntry>, Failure> =>
  Effect.map(
    entriesOf(git, checkout),
    (entries) => entries.map((entry) => ({ ...entry, path: readable(entry.path) }))
  )

/** The same, with names of bytes. `index`: by this one; nothing in it is hidden. */
export const entriesOf = Effect.fnUntraced(function*(
  git: Git["Service"],
  checkout: Checkout,
  index?: string
): Effect.fn.Return<ReadonlyArray<StatusEntry>, Failure> {
  const hidden = hiddenIn(git, checkout)
  // With another index in its place, the checkout's own may be past reading.
  const { absent, unseen } = yield* index === undefined ? hidden : Effect.orElseSucceed(hidden, () => nothingHidden)
  const entries = index !== undefined
    ? yield* readStatus(git, checkout, index)
    : unseen.length === 0 && absent.size === 0
    ? yield* readStatus(git, checkout)
    : yield* Effect.scoped(Effect.gen(function*() {
      const copy = yield* git.indexCopy(checkout)
      yield* showHidden(git, checkout, [...unseen, ...absent], copy)
      return yield* readStatus(git, checkout, copy)
    }))
  // A sparse checkout does not have them, and nobody has deleted them.
  return entries.filter(({ code, path }) => !(code.endsWith("D") && absent.has(path)))
})

interface Hidden {
  /** Said to be unchanged, whatever lies there. */
  readonly unseen: ReadonlyArray<string>
  /** Said not to be there, whether they are or not. */
  readonly absent: ReadonlySet<string>
}

const nothingHidden: Hidden = { unseen: [], absent: new Set() }

/** What the index hides from git: a worker's `update-index --assume-unchanged`, or a sparse checkout. */
export const hiddenIn = (git: Git["Service"], checkout: Checkout): Effect.Effect<Hidden, Failure> =>
  Effect.map(git.run(checkout, ["ls-files", "-v", "-z"], { names: "bytes" }), ({ stdout }) => {
    const marked = stdout.split("\0").filter((line) => /^(?:S|[a-z]) /.test(line))
    return {
      unseen: marked.filter((line) => !/^S/i.test(line)).map((line) => line.slice(2)),
      absent: new Set(marked.filter((line) => /^S/i.test(line)).map((line) => line.slice(2)))
    }
  })

/** Git looks at these again. */
export const showHidden = (
  git: Git["Service"],
  checkout: Checkout,
  paths: ReadonlyArray<string>,
  index?: string
): Effect.Effect<void, Failure> => {
  const options = { ...at(index), input: listed(paths) }
  return Effect.forEach(
    ["--no-assume-unchanged", "--no-skip-worktree"],
    (mark) => git.run(checkout, ["update-index", mark, "-z", "--stdin"], options),
    { discard: true }
  ).pipe(Effect.when(Effect.succeed(paths.length > 0)), Effect.asVoid)
}

/** For a command that goes by that index. */
export const at = (index: string | undefined): GitOptions =>
  index === undefined ? {} : { env: { GIT_INDEX_FILE: index } }

const readStatus = (
  git: Git["Service"],
  checkout: Checkout,
  index?: string
): Effect.Effect<ReadonlyArray<StatusEntry>, Failure> =>
  Effect.map(
    git.run(checkout, [
      "status",
      "--porcelain=v2",
      "-z",
      "--untracked-files=all",
      "--ignore-submodules=dirty",
      "--no-renames"
    ], { ...at(index), names: "bytes" }),
    ({ stdout }) =>
      stdout.split("\0").flatMap((line): ReadonlyArray<StatusEntry> => {
        // An embedded repository ends with a slash.
        if (line.startsWith("? ")) return [{ code: "??", path: line.slice(2), isRepository: line.endsWith("/") }]
        const fields = line.split(" ")
        const [kind, code = "", submodule = ""] = fields
        if (kind !== "1" && kind !== "u") return []
        const path = fields.slice(kind === "1" ? 8 : 10).join(" ")
        return [{ code, path, isRepository: submodule.startsWith("S") }]
      })
  )
