/**
 * Where the pool sits in a repository: a directory that stands in for the one that all worktrees share. What belongs to the
 * repository itself (objects, references, worktrees) is there by links; configuration, hooks and attributes are the
 * pool's own. So no key, hook, filter, driver or alias of the repository is ever seen, known ones and new ones alike.
 *
 * A handful of keys say how files and objects are stored; those are taken over, each by its own pattern.
 */
import { Effect, FileSystem, Option, Path, Ref, Semaphore } from "effect"
import { Digest } from "effect/crypto"
import { Failure } from "../../domain/Failure.ts"
import type { RepositoryPlace } from "../../domain/Workspace.ts"
import { GitFailed, IsolationImpossible } from "../../domain/WorkspaceFailure.ts"
import type { GitOptions } from "../Git.ts"
import type { GitEnd } from "./Command.ts"
import { type Settings, storing, type Unfit, unfitGit, unfitRepository, type Version, versionIn } from "./Format.ts"

/** What is the repository's. `info` is not: it has attributes. */
const linked = ["objects", "refs", "packed-refs", "reftable", "logs", "worktrees", "shallow", "HEAD", "modules"]

/** Git makes these where they are missing: through the link, in their own place. */
const toCome: ReadonlySet<string> = new Set(["packed-refs", "shallow"])

/** What the pool says itself. A clean-up of objects beside a commit of a worker's may take that one along. */
const own: ReadonlyArray<readonly [key: string, value: string]> = [
  ["core.bare", "false"],
  ["core.hooksPath", "/dev/null"],
  ["core.fsmonitor", "false"],
  ["core.untrackedCache", "false"],
  ["core.logAllRefUpdates", "true"],
  // It says what is part of what, and nobody checks it.
  ["core.commitGraph", "false"],
  ["core.quotePath", "false"],
  ["gc.auto", "0"],
  ["maintenance.auto", "false"],
  ["commit.gpgSign", "false"],
  ["advice.detachedHead", "false"],
  ["diff.ignoreSubmodules", "dirty"],
  ["diff.renames", "true"],
  ["merge.renames", "true"],
  ["submodule.recurse", "false"],
  ["protocol.allow", "never"]
]

/**
 * A merge of overlapping lines is a conflict, also where an attribute asks for both, and a patch is whole. Drivers have no
 * command here.
 */
const attributes = "* !merge !diff\n"

const line = (key: string, value: string): string => {
  const dot = key.indexOf(".")
  return `[${key.slice(0, dot)}]\n\t${key.slice(dot + 1)} = ${value}\n`
}

export interface SeatsOptions {
  readonly directory: string
  /** The user's own file of what git ignores everywhere; null: there is none. */
  readonly excludes: Effect.Effect<string | null>
  readonly start: (
    args: ReadonlyArray<string>,
    env: Readonly<Record<string, string>>,
    git: GitOptions
  ) => Effect.Effect<GitEnd>
}

interface Seat {
  readonly path: string
  /** What the repository was that it was made for, and the files that it was made from. */
  readonly from: string
}

const impossible = (repository: RepositoryPlace, { cause, detail }: Unfit) =>
  new Failure({
    reason: new IsolationImpossible({ directory: repository.checkout ?? repository.common, cause, detail })
  })

const broken = (repository: RepositoryPlace, verb: string, detail: string, code: number | null = null) =>
  new Failure({ reason: new GitFailed({ repository: repository.common, verb, code, detail }) })

export const makeSeats = Effect.fnUntraced(function*({ directory, excludes, start }: SeatsOptions) {
  const made = yield* Ref.make<ReadonlyMap<string, Seat>>(new Map())
  const known = yield* Ref.make(Option.none<Version>())
  const turn = yield* Semaphore.make(1)

  /** Asked for once, and again as long as there is none that will do. */
  const versionFor = Effect.fnUntraced(function*(repository: RepositoryPlace) {
    const before = yield* Ref.get(known)
    if (Option.isSome(before)) return before.value
    const said = yield* start(["--version"], {}, {})
    if (said.exitCode !== 0) {
      return yield* impossible(repository, { cause: "no-git", detail: `git does not run: ${said.stderr.trim()}` })
    }
    const unfit = unfitGit(said.stdout)
    const version = versionIn(said.stdout)
    if (unfit !== null || version === null) {
      return yield* impossible(repository, unfit ?? { cause: "no-git", detail: "git does not say its version" })
    }
    yield* Ref.set(known, Option.some(version))
    return version
  })

  const settingsOf = Effect.fnUntraced(
    function*(repository: RepositoryPlace): Effect.fn.Return<Settings, Failure, Needs> {
      const path = yield* Path.Path
      const file = path.join(repository.common, "config")
      const args = ["config", "--file", file, "--no-includes", "--null", "--list"]
      // In no repository at all: nothing but the file is read.
      const read = yield* start(args, { GIT_DIR: "/dev/null" }, {})
      if (read.exitCode !== 0) {
        return yield* broken(repository, "config", read.stderr.trim().slice(-1000), read.exitCode)
      }
      return read.stdout.split("\0").filter((entry) => entry !== "").map((entry) => {
        const at = entry.indexOf("\n")
        return at === -1 ? [entry, "true"] as const : [entry.slice(0, at), entry.slice(at + 1)] as const
      })
    }
  )

  const sourcesOf = Effect.fnUntraced(function*({ common }: RepositoryPlace) {
    const path = yield* Path.Path
    const users = yield* excludes
    return [path.join(common, "config"), path.join(common, "info", "exclude"), ...(users === null ? [] : [users])]
  })

  /** Another repository may lie in its place since. The number of a directory that is gone is given again: not its birth. */
  const identityOf = Effect.fnUntraced(function*({ common }: RepositoryPlace) {
    const fs = yield* FileSystem.FileSystem
    return yield* Effect.match(fs.stat(common), {
      onFailure: () => "none",
      onSuccess: ({ birthtime, dev, ino }) =>
        [
          dev,
          Option.getOrElse(ino, () => 0),
          Option.match(birthtime, { onNone: () => 0, onSome: (at) => at.getTime() })
        ]
          .join(" ")
    })
  })

  /** Git writes these files anew in place of the old ones, so each state of theirs is another file. */
  const stateOf = Effect.fnUntraced(function*(repository: RepositoryPlace): Effect.fn.Return<string, never, Needs> {
    const fs = yield* FileSystem.FileSystem
    const identity = yield* identityOf(repository)
    const states = yield* Effect.forEach(yield* sourcesOf(repository), (file) =>
      Effect.match(fs.stat(file), {
        onFailure: () => "none",
        onSuccess: ({ ino, mtime, size }) =>
          [Option.getOrElse(ino, () => 0), size, Option.match(mtime, { onNone: () => 0, onSome: (at) => at.getTime() })]
            .join(" ")
      }), { concurrency: "unbounded" })
    return [identity, ...states].join("\n")
  })

  const prepare = Effect.fnUntraced(function*(repository: RepositoryPlace, isFirst: boolean): Effect.fn.Return<
    string,
    Failure,
    Needs
  > {
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const digest = yield* Digest.Digest
    const version = yield* versionFor(repository)
    const settings = yield* settingsOf(repository)
    const unfit = unfitRepository(settings, version)
    if (unfit !== null) return yield* impossible(repository, unfit)
    const name = (yield* digest.digestHex(Digest.sha256, new TextEncoder().encode(repository.common))).slice(0, 16)
    const seat = path.join(directory, name)
    const read = (file: string) => Effect.orElseSucceed(fs.readFileString(file), () => "")
    /** Whole, or not at all: others of ours are reading it. */
    const write = (file: string, text: string) =>
      Effect.andThen(
        fs.writeFileString(path.join(seat, `${file}.new`), text, { mode: 0o600 }),
        fs.rename(path.join(seat, `${file}.new`), path.join(seat, file))
      )
    yield* Effect.gen(function*() {
      if (isFirst) yield* fs.remove(seat, { recursive: true, force: true })
      yield* fs.makeDirectory(path.join(seat, "info"), { recursive: true, mode: 0o700 })
      for (const part of ["worktrees", "logs"]) {
        yield* fs.makeDirectory(path.join(repository.common, part), { recursive: true })
      }
      for (const part of linked) {
        const there = path.join(repository.common, part)
        if (!toCome.has(part) && !(yield* fs.exists(there))) {
          // Of one that was there before.
          yield* fs.remove(path.join(seat, part), { force: true })
          continue
        }
        const isLinked = yield* Effect.option(fs.readLink(path.join(seat, part)))
        if (Option.isNone(isLinked)) yield* fs.symlink(there, path.join(seat, part))
      }
      const [, ownExcludes, userExcludes] = yield* sourcesOf(repository)
      // What the repository says comes last, and so has the last word.
      const texts = yield* Effect.forEach(
        [userExcludes, ownExcludes],
        (file) => file === undefined ? Effect.succeed("") : read(file)
      )
      yield* write("info/exclude", texts.join("\n"))
      yield* write("info/attributes", attributes)
      yield* write("config", [...storing(settings), ...own].map(([key, value]) => line(key, value)).join(""))
    }).pipe(Effect.mapError(({ message }) => broken(repository, "seat", message)))
    return seat
  })

  /** Made once, and its files again whenever those of the repository are others. */
  const of = Effect.fnUntraced(function*(repository: RepositoryPlace): Effect.fn.Return<string, Failure, Needs> {
    const { common } = repository
    const asMade = Effect.fnUntraced(function*() {
      const from = yield* stateOf(repository)
      const seat = (yield* Ref.get(made)).get(common)
      return { from, seat, isRight: seat?.from === from }
    })
    const before = yield* asMade()
    if (before.seat !== undefined && before.isRight) return before.seat.path
    return yield* turn.withPermit(Effect.gen(function*() {
      const { from, isRight, seat } = yield* asMade()
      if (seat !== undefined && isRight) return seat.path
      const path = yield* prepare(repository, seat === undefined)
      yield* Ref.update(made, (all) => new Map(all).set(common, { path, from }))
      return path
    }))
  })

  return { of }
})

type Needs = FileSystem.FileSystem | Path.Path | Digest.Digest
