/**
 * A look at a checkout, and at every repository in it: what would be lost with its directory. Nothing in it is changed.
 *
 * What git ignores is not looked at: it goes with the directory, also where it was copied there by the set-up and changed
 * since.
 */
import { Effect, FileSystem, Option, Path } from "effect"
import { roughBytes } from "../../domain/ByteSize.ts"
import type { Failure } from "../../domain/Failure.ts"
import { type Checkout, Git } from "../Git.ts"
import { indexEntries, type IndexEntry, isGitlink, readHead, withIndex } from "../git/OwnIndex.ts"
import { plainText } from "../git/PlainFile.ts"
import { type StatusEntry, statusOf } from "../git/Status.ts"
import { strayCommits, type StrayQuestion } from "../git/Strays.ts"
import { makeEmbedded } from "./Embedded.ts"
import { Unsavable } from "./Unsavable.ts"

export interface Survey {
  readonly checkout: Checkout
  /** From the top of the outermost checkout; empty: it is that. */
  readonly path: string
  /** A copy of its index, which is ours. */
  readonly index: string
  /** Whether its own could not be read, and the copy was made from HEAD. */
  readonly isRemade: boolean
  readonly entries: ReadonlyArray<IndexEntry>
  /** Files that are not as in HEAD; what is a repository of its own is not among them, unless it is staged. */
  readonly changed: ReadonlyArray<StatusEntry>
  /** Files that are there, and that git was told not to look at. */
  readonly hidden: ReadonlyArray<string>
  /** Commits that nothing else holds. */
  readonly strays: ReadonlyArray<string>
  readonly held: StrayQuestion["held"]
  readonly inner: ReadonlyArray<Survey>
}

export const isClean = (survey: Survey): boolean =>
  survey.changed.length + survey.hidden.length + survey.strays.length === 0 && survey.inner.every(isClean)

/** Whether git refuses to take it away, on principle. */
export const hasRepositories = (survey: Survey): boolean => survey.inner.length > 0 || survey.entries.some(isGitlink)

/** Files of a git directory that name commits which no reference need name. */
const naming = ["logs", "refs", "rebase-merge", "rebase-apply", "sequencer"]

/** Of a repository without a checkout. */
const unseen = { status: [], entries: [], isRemade: false }

const mostBytes = 2 * 2 ** 30
const mostDeep = 8

/** A repository that goes with the directory holds nothing; one that lies elsewhere holds what its references name. */
const heldIn = ({ gitDir, repository, workTree }: Checkout, main: Checkout): Survey["held"] => {
  const goes = [workTree ?? gitDir, main.workTree ?? "", main.gitDir].some((place) =>
    place !== "" && `${repository.common}/`.startsWith(`${place}/`)
  )
  return goes ? "remote" : "all"
}

export const makeSurvey = Effect.fnUntraced(function*() {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const git = yield* Git
  const embeddedIn = yield* makeEmbedded()

  const commitsNamed = Effect.fnUntraced(function*(gitDir: string) {
    const list = (place: string, recursive: boolean) =>
      Effect.orElseSucceed(fs.readDirectory(path.join(gitDir, place), { recursive }), (): ReadonlyArray<string> => [])
    const files = (yield* list(".", false)).filter((name) => name.endsWith("HEAD"))
    const below = yield* Effect.forEach(
      naming,
      (place) => Effect.map(list(place, true), (names) => names.map((name) => path.join(place, name)))
    )
    const texts = yield* Effect.forEach(
      [...files, ...below.flat()],
      (name) => plainText(fs)(path.join(gitDir, name))
    )
    const named = texts.flatMap((text) => text?.match(/\b(?:[0-9a-f]{64}|[0-9a-f]{40})\b/g) ?? [])
    return [...new Set(named)].filter((name) => !/^0+$/.test(name))
  })

  /**
   * As old as what it is a copy of: what was written to a file in the second in which the index was, git finds only because
   * the index is no younger.
   */
  const copyWithTime = Effect.fnUntraced(function*(from: string, to: string) {
    const { mtime, type } = yield* fs.lstat(from)
    if (type !== "File") return yield* new Unsavable({ why: `${from} is no file` })
    // A link in its place would be written through.
    yield* fs.remove(to, { force: true })
    yield* fs.copyFile(from, to)
    const time = Option.getOrElse(mtime, () => 0)
    yield* fs.utimes(to, time, time)
  })

  /** A copy that git can read: made anew where there is none, or a broken one. */
  const copied = Effect.fnUntraced(function*(checkout: Checkout, file: string) {
    const own = withIndex(git, file)
    const look = Effect.all({ status: statusOf(own, checkout), entries: indexEntries(own, checkout) })
    // What one of ours has left that was killed.
    yield* Effect.ignore(fs.remove(`${file}.lock`, { force: true }))
    const there = yield* Effect.option(copyWithTime(path.join(checkout.gitDir, "index"), file))
    const anew = Effect.gen(function*() {
      yield* Effect.ignore(fs.remove(file, { force: true }))
      yield* readHead(own, checkout)
      return { ...yield* look, isRemade: true }
    })
    const asItIs = Effect.map(look, (looked) => ({ ...looked, isRemade: false }))
    return yield* there._tag === "Some" ? Effect.catch(asItIs, () => anew) : anew
  })

  const bounded = Effect.fnUntraced(function*(top: string, changed: ReadonlyArray<StatusEntry>) {
    let bytes = 0
    for (const entry of changed) {
      const size = yield* Effect.orElseSucceed(
        Effect.map(fs.stat(path.join(top, entry.path)), (info) => Number(info.size)),
        () => 0
      )
      bytes += size
    }
    if (bytes > mostBytes) {
      return yield* new Unsavable({
        why: `${roughBytes(bytes)} in ${top} are not committed, which is too much to keep twice`
      })
    }
  })

  interface Looked {
    readonly path: string
    readonly held: Survey["held"]
    readonly deep: number
    readonly main: Checkout
  }

  const look = (
    checkout: Checkout,
    { deep, held, main, path: at }: Looked
  ): Effect.Effect<Survey, Failure | Unsavable> =>
    Effect.gen(function*() {
      if (deep > mostDeep) return yield* new Unsavable({ why: `repositories lie in each other too deep in ${at}` })
      const index = path.join(checkout.gitDir, "claude-pool-index")
      const { entries, isRemade, status } = checkout.workTree === null ? unseen : yield* copied(checkout, index)
      const top = checkout.workTree
      const hidden = top === null ? [] : yield* Effect.filter(
        entries.filter((entry) => entry.isHidden).map((entry) => entry.path),
        (name) => Effect.orElseSucceed(fs.exists(path.join(top, name)), () => false),
        { concurrency: 16 }
      )
      const changed = status.filter(({ code, isRepository }) =>
        !isRepository || (code !== "??" && !code.startsWith("."))
      )
      if (top !== null) yield* bounded(top, changed)
      const embedded = yield* embeddedIn(checkout, status, entries)
      const inner = yield* Effect.forEach(embedded, (one) =>
        look(one.checkout, {
          path: path.join(at, one.path),
          held: heldIn(one.checkout, main),
          deep: deep + 1,
          main
        }))
      const strays = yield* strayCommits(git, checkout, { among: yield* commitsNamed(checkout.gitDir), held })
      return { checkout, path: at, index, isRemade, entries, changed, hidden, strays, held, inner }
    })

  /** Takes away what a look has left beside the indices. */
  const leave = (survey: Survey): Effect.Effect<void> =>
    Effect.andThen(
      Effect.ignore(fs.remove(survey.index, { force: true })),
      Effect.forEach(survey.inner, leave, { discard: true })
    )

  return {
    of: (checkout: Checkout) => look(checkout, { path: "", held: "all", deep: 0, main: checkout }),
    leave
  }
})
