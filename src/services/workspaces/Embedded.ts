/**
 * Repositories that lie in a checkout: submodules, others that somebody has made or cloned there, and those of submodules
 * that are not checked out. What git ignores is not looked into.
 */
import { Effect, FileSystem, Path } from "effect"
import { type Checkout, Git } from "../Git.ts"
import { type IndexEntry, isGitlink } from "../git/OwnIndex.ts"
import type { StatusEntry } from "../git/Status.ts"
import { Unsavable } from "./Unsavable.ts"

export interface Embedded {
  /** From the top of the checkout that it lies in. */
  readonly path: string
  readonly checkout: Checkout
}

const parents = (path: string): ReadonlyArray<string> => {
  const parts = path.split("/")
  return parts.slice(1).map((_, at) => parts.slice(0, at + 1).join("/"))
}

export const makeEmbedded = Effect.fnUntraced(function*() {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const git = yield* Git

  const isThere = (place: string) => Effect.orElseSucceed(fs.exists(place), () => false)
  const names = (place: string) => Effect.orElseSucceed(fs.readDirectory(place), (): ReadonlyArray<string> => [])

  /** What a `.git` belongs to; null: to nothing, and nothing is in it. */
  const repositoryAt = Effect.fnUntraced(function*(top: string) {
    const found = yield* Effect.option(git.find(top))
    if (found._tag === "Some" && found.value.checkout === top) {
      return { repository: found.value, gitDir: found.value.gitDir, workTree: top }
    }
    const objects = (yield* names(path.join(top, ".git", "objects"))).filter((name) => /^[0-9a-f]{2}$/.test(name))
    const packs = (yield* names(path.join(top, ".git", "objects", "pack"))).filter((name) => name.endsWith(".pack"))
    if (objects.length + packs.length === 0) return null
    return yield* new Unsavable({ why: `the repository in ${top} is damaged, and its commits cannot be read` })
  })

  /** Of submodules: a git directory may lie in any folder, and have others in it. */
  const modulesIn = (directory: string): Effect.Effect<ReadonlyArray<string>> =>
    Effect.gen(function*() {
      const found: Array<string> = []
      for (const name of yield* names(directory)) {
        const place = path.join(directory, name)
        const isRepository = (yield* isThere(path.join(place, "HEAD"))) && (yield* isThere(path.join(place, "objects")))
        if (isRepository) found.push(place)
        found.push(...yield* modulesIn(isRepository ? path.join(place, "modules") : place))
      }
      return found
    })

  return Effect.fnUntraced(function*(
    checkout: Checkout,
    entries: ReadonlyArray<StatusEntry>,
    index: ReadonlyArray<IndexEntry>
  ) {
    const top = checkout.workTree
    const found: Array<Embedded> = []
    if (top !== null) {
      const links = index.filter(isGitlink).map((entry) => entry.path)
      const own = entries.filter(({ code, isRepository }) => code === "??" && isRepository)
      const files = [...index, ...entries].map((entry) => entry.path)
      // A repository may also have been made over files that are the outer one's.
      const places = new Set([
        ...links,
        ...own.map((entry) => entry.path.replace(/\/$/, "")),
        ...files.flatMap(parents)
      ])
      const there = yield* Effect.filter([...places], (place) => isThere(path.join(top, place, ".git")), {
        concurrency: 16
      })
      for (const place of there) {
        const repository = yield* repositoryAt(path.join(top, place))
        if (repository !== null) found.push({ path: place, checkout: repository })
      }
    }
    const known = new Set(found.map((one) => one.checkout.gitDir))
    for (const gitDir of yield* modulesIn(path.join(checkout.gitDir, "modules"))) {
      if (known.has(gitDir)) continue
      const repository = yield* git.find(gitDir)
      found.push({ path: path.relative(checkout.gitDir, gitDir), checkout: { repository, gitDir, workTree: null } })
    }
    return found
  })
})
