/**
 * An index of ours beside that of a checkout: what lies there is looked at and committed through it, and the checkout's own
 * index stays as it is.
 */
import { Effect } from "effect"
import { CommitId } from "../../domain/Commit.ts"
import type { Failure } from "../../domain/Failure.ts"
import { type Checkout, Git } from "../Git.ts"
import { modes } from "./RawDiff.ts"

/** The same git, with that file in the place of a checkout's index. */
export const withIndex = (git: Git["Service"], file: string): Git["Service"] =>
  Git.of({
    ...git,
    run: (checkout, args, options = {}) =>
      git.run(checkout, args, { ...options, env: { GIT_INDEX_FILE: file, ...options.env } })
  })

/** Makes the index anew from what the checkout stands at. */
export const readHead = (git: Git["Service"], checkout: Checkout): Effect.Effect<void, Failure> =>
  Effect.asVoid(git.run(checkout, ["read-tree", "--reset", "HEAD"], { answers: [128], inTree: true }))

export interface IndexEntry {
  readonly path: string
  readonly mode: string
  readonly object: string
  /** 0, but for a file in conflict. */
  readonly stage: string
  /** Whether git was told not to look at the file. */
  readonly isHidden: boolean
}

export const isGitlink = ({ mode }: IndexEntry): boolean => mode === modes.repository

export const indexEntries = (
  git: Git["Service"],
  checkout: Checkout
): Effect.Effect<ReadonlyArray<IndexEntry>, Failure> =>
  Effect.map(
    git.run(checkout, ["ls-files", "-z", "-s", "-v"], { mostBytes: 512 * 2 ** 20 }),
    ({ stdout }) =>
      stdout.split("\0").flatMap((line): ReadonlyArray<IndexEntry> => {
        const [, tag = "", mode, object, stage, path] = /^(\S) (\d+) ([0-9a-f]+) (\d)\t([\s\S]+)$/.exec(line) ?? []
        if (mode === undefined || object === undefined || stage === undefined || path === undefined) return []
        return [{ path, mode, object, stage, isHidden: tag === "S" || tag !== tag.toUpperCase() }]
      })
  )

/** From now on git looks at these files again. */
export const unhide = Effect.fnUntraced(
  function*(git: Git["Service"], checkout: Checkout, paths: ReadonlyArray<string>): Effect.fn.Return<void, Failure> {
    for (const flag of ["--no-assume-unchanged", "--no-skip-worktree"]) {
      yield* git.run(checkout, ["update-index", flag, "-z", "--stdin"], { input: `${paths.join("\0")}\0` })
    }
  }
)

/** Everything that lies in the checkout, what git ignores left out, and what lies in those directories. */
export const addAll = (
  git: Git["Service"],
  checkout: Checkout,
  except: ReadonlyArray<string>
): Effect.Effect<void, Failure> =>
  Effect.asVoid(git.run(checkout, ["add", "--all", "--pathspec-from-file=-", "--pathspec-file-nul"], {
    input: [".", ...except.map((path) => `:(top,literal,exclude)${path}`)].join("\0")
  }))

/** What the index holds, as a tree. Null: some of it is in conflict. */
export const treeOf = (git: Git["Service"], checkout: Checkout): Effect.Effect<string | null, Failure> =>
  Effect.map(
    git.run(checkout, ["write-tree"], { answers: [128], inTree: true }),
    ({ exitCode, stdout }) => exitCode === 0 ? stdout.trim() : null
  )

/** The same with all sides of each conflict, the sides as files of their own. `git` has an index that is empty yet. */
export const treeOfSides = Effect.fnUntraced(
  function*(
    git: Git["Service"],
    checkout: Checkout,
    entries: ReadonlyArray<IndexEntry>
  ): Effect.fn.Return<string | null, Failure> {
    const lines = entries.map(({ mode, object, path, stage }) =>
      `${mode} ${object} 0\t${path}${stage === "0" ? "" : `~${stage}`}\0`
    )
    yield* git.run(checkout, ["update-index", "-z", "--index-info"], { input: lines.join(""), inTree: true })
    return yield* treeOf(git, checkout)
  }
)

/** What the checkout stands at; null: nothing yet. */
export const headOf = (
  git: Git["Service"],
  checkout: Checkout
): Effect.Effect<{ readonly commit: CommitId; readonly tree: string } | null, Failure> =>
  Effect.map(
    git.run(checkout, ["rev-parse", "--quiet", "--verify", "HEAD"], { answers: [1] }),
    ({ stdout }) => stdout.trim()
  ).pipe(Effect.flatMap((head) =>
    head === "" ? Effect.succeed(null) : Effect.map(
      git.run(checkout, ["rev-parse", "--verify", `${head}^{tree}`]),
      ({ stdout }) => ({ commit: CommitId.make(head), tree: stdout.trim() })
    )
  ))
