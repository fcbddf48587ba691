/**
 * The world outside of a workspace, before and after: the checkout that the work was asked for beside, and git itself.
 * Files are told apart by what the file system says of them, and small ones by what is in them too.
 */
import { Data, Effect, FileSystem, Option, Path } from "effect"
import { Digest } from "effect/crypto"
import { shortCommit } from "../../domain/Commit.ts"
import type { Failure } from "../../domain/Failure.ts"
import { cleanLine } from "../../domain/UntrustedText.ts"
import type { RepositoryPlace } from "../../domain/Workspace.ts"
import { Git, mainCheckout } from "../Git.ts"
import { type ListedRef, listRefs } from "../git/AllRefs.ts"
import { type StatusEntry, statusOf } from "../git/Status.ts"

/** So many lines are told; of more, the number. */
const mostLines = 100

/** So many uncommitted files are looked at one by one; more would take longer than the work is worth. */
const mostFiles = 5000

/** What is in a file is looked at up to this size, in bytes. */
const small = 64 * 1024

/** Files of the checkout that are looked at though git ignores them: programs do what they say. */
const settings = [
  ".claude/settings.json",
  ".claude/settings.local.json",
  ".claude-pool/settings.json",
  ".mcp.json",
  "CLAUDE.local.md",
  ".env"
]

/** Those move while others work, as they should. */
const ownRefs = ["refs/heads/cp/", "refs/claude-pool/"]

export interface Outside {
  /** What is not committed in the checkout: how git sees it, and what it is. */
  readonly checkout: ReadonlyMap<string, { readonly code: string; readonly stamp: string }>
  /** Files of git's and settings, by the names that people know them by. */
  readonly files: ReadonlyMap<string, string>
  readonly refs: ReadonlyMap<string, string>
  /** What is checked out, in words. */
  readonly head: string
}

const gone = "gone"

/** It could not be looked at. */
export class Unseen extends Data.TaggedError("Unseen")<{ readonly why: string }> {}

const unseen = ({ message }: { readonly message: string }): Unseen => new Unseen({ why: cleanLine(message, 300) })

export interface OutsideOptions {
  /** Files and directories that are the pool's: it writes there itself. Absolute. */
  readonly own: ReadonlyArray<string>
}

export const makeOutside = Effect.fnUntraced(function*({ own }: OutsideOptions) {
  const git = yield* Git
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const digest = yield* Digest.Digest

  const contentOf = Effect.fnUntraced(function*(file: string, { size, type }: FileSystem.File.Info) {
    if (type === "SymbolicLink") return yield* fs.readLink(file)
    if (type !== "File" || Number(size) > small) return ""
    return yield* digest.digestHex(Digest.sha256, yield* fs.readFile(file))
  })

  const stampOf = Effect.fnUntraced(
    function*(file: string) {
      const info = yield* fs.lstat(file)
      // A directory changes whenever something in it is looked up anew: what is in it has stamps of its own.
      if (info.type === "Directory") return "Directory"
      const time = Option.match(info.mtime, { onNone: () => 0, onSome: (at) => at.getTime() })
      const facts = [info.type, info.mode, Number(info.size), time, Option.getOrElse(info.ino, () => 0n)]
      return [...facts, yield* contentOf(file, info)].join(" ")
    },
    // It is gone, or is not for us to see, which is as good.
    Effect.orElseSucceed(() => gone)
  )

  /** The pool's own directories lie in the user's project where nobody has said otherwise. */
  const isOwn = (top: string, name: string): boolean => {
    if (/(?:^|\/)\.claude-pool(?:\/|$)/.test(name)) return true
    const whole = path.join(top, name)
    return own.some((place) => whole === place || whole.startsWith(`${place}${path.sep}`))
  }

  const checkoutOf = Effect.fnUntraced(function*(top: string, entries: ReadonlyArray<StatusEntry>) {
    const theirs = entries.filter((entry) => !isOwn(top, entry.path))
    const stamps = yield* Effect.forEach(
      theirs,
      (entry, index) => index < mostFiles ? stampOf(path.join(top, entry.path)) : Effect.succeed(""),
      { concurrency: 16 }
    )
    return new Map(theirs.map((entry, index) => [entry.path, { code: entry.code, stamp: stamps[index]! }]))
  })

  const filesIn = (directory: string) =>
    Effect.map(
      Effect.orElseSucceed(fs.readDirectory(directory), () => []),
      (names) => names.map((name) => path.join(directory, name))
    )

  /** With its name for people, and the stamp of what is there. */
  const filesOf = Effect.fnUntraced(function*({ checkout, common, gitDir }: RepositoryPlace, worktree: string) {
    const folders = ["hooks", "info"].map((name) => path.join(common, name))
    const files = [
      path.join(common, "config"),
      path.join(common, "config.worktree"),
      path.join(gitDir, "config.worktree"),
      path.join(worktree, "config.worktree"),
      ...(yield* Effect.forEach(folders, filesIn)).flat()
    ]
    const called = (file: string) =>
      checkout === null ? path.relative(path.dirname(common), file) : path.join(".git", path.relative(common, file))
    const named = [
      ...files.map((file) => [called(file), file] as const),
      ...(checkout === null ? [] : settings.map((name) => [name, path.join(checkout, name)] as const))
    ]
    const stamps = yield* Effect.forEach(named, ([, file]) => stampOf(file), { concurrency: 16 })
    return new Map(
      named.flatMap(([name], index) => stamps[index] === gone ? [] : [[name, stamps[index]!] as const])
    )
  })

  const headOf = Effect.fnUntraced(function*({ gitDir }: RepositoryPlace, refs: ReadonlyArray<ListedRef>) {
    const branch = refs.find(({ isHead }) => isHead)?.name
    if (branch !== undefined) return branch.replace(/^refs\/heads\//, "")
    return cleanLine(yield* fs.readFileString(path.join(gitDir, "HEAD")), 200)
  })

  /** `worktree`: the git directory of the workspace. */
  const look = (repository: RepositoryPlace, worktree: string): Effect.Effect<Outside, Unseen> =>
    Effect.gen(function*() {
      const main = mainCheckout(repository)
      const refs = yield* listRefs(git, main)
      const entries = main.workTree === null ? [] : yield* statusOf(git, main)
      return {
        checkout: main.workTree === null ? new Map() : yield* checkoutOf(main.workTree, entries),
        files: yield* filesOf(repository, worktree),
        refs: new Map(
          refs.filter(({ name }) => !ownRefs.some((prefix) => name.startsWith(prefix)))
            .map(({ name, object, symbolic }) => [name, symbolic === "" ? object : symbolic])
        ),
        head: yield* headOf(repository, refs)
      }
    }).pipe(Effect.mapError((error: Failure | { readonly message: string }) => unseen(error)))

  return { look }
})

const keysOf = (...maps: ReadonlyArray<ReadonlyMap<string, unknown>>): ReadonlyArray<string> =>
  [...new Set(maps.flatMap((map) => Array.from(map.keys())))].toSorted()

const inCheckout = (before: Outside, after: Outside): ReadonlyArray<string> =>
  keysOf(before.checkout, after.checkout).flatMap((name) => {
    const was = before.checkout.get(name)
    const is = after.checkout.get(name)
    if (was?.code === is?.code && was?.stamp === is?.stamp) return []
    const isUnknown = (entry: typeof was) => entry?.code === "??"
    const verb = was === undefined && isUnknown(is)
      ? "added"
      : is?.code.includes("D") === true || (is === undefined && isUnknown(was))
      ? "removed"
      : "changed"
    return [`${verb} ${name} in the checkout`]
  })

const inFiles = (before: Outside, after: Outside): ReadonlyArray<string> =>
  keysOf(before.files, after.files)
    .filter((name) => before.files.get(name) !== after.files.get(name))
    // What git sees of it is told above.
    .filter((name) => !before.checkout.has(name) && !after.checkout.has(name))
    .map((name) => `${!before.files.has(name) ? "added" : after.files.has(name) ? "changed" : "removed"} ${name}`)

const inRefs = (before: Outside, after: Outside): ReadonlyArray<string> =>
  keysOf(before.refs, after.refs).flatMap((name) => {
    const was = before.refs.get(name)
    const is = after.refs.get(name)
    if (was === is) return []
    if (was === undefined) return [`added ${name} at ${shown(is!)}`]
    return [
      is === undefined
        ? `deleted ${name}, which was at ${shown(was)}`
        : `moved ${name} from ${shown(was)} to ${shown(is)}`
    ]
  })

const shown = (target: string): string => target.startsWith("refs/") ? target : shortCommit(target)

/** What differs, a line for each; nothing of it is undone. */
export const differences = (before: Outside, after: Outside): ReadonlyArray<string> => {
  const head = before.head === after.head ? [] : [`changed what is checked out: from ${before.head} to ${after.head}`]
  const lines = [...inCheckout(before, after), ...inFiles(before, after), ...head, ...inRefs(before, after)]
    .map((line) => cleanLine(line, 500))
  return lines.length <= mostLines
    ? lines
    : [...lines.slice(0, mostLines), `and ${lines.length - mostLines} more`]
}
