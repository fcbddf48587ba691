/**
 * Which repository a directory is in, found as git finds it, and without git: its own way there reads a configuration
 * that nobody has looked at.
 */
import { Effect, FileSystem, Path } from "effect"
import { Failure } from "../../domain/Failure.ts"
import type { RepositoryPlace } from "../../domain/Workspace.ts"
import { IsolationImpossible } from "../../domain/WorkspaceFailure.ts"
import { plainText } from "./PlainFile.ts"

const noRepository = (directory: string) =>
  new Failure({
    reason: new IsolationImpossible({ directory, cause: "no-repository", detail: "it is in no git repository" })
  })

export const discover = Effect.fnUntraced(function*(directory: string): Effect.fn.Return<
  RepositoryPlace,
  Failure,
  FileSystem.FileSystem | Path.Path
> {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const real = (place: string) => Effect.option(fs.realPath(place))
  const isThere = (place: string) => Effect.orElseSucceed(fs.exists(place), () => false)
  const read = (file: string) => Effect.map(plainText(fs)(file), (text) => (text ?? "").replace(/[\r\n]+$/, ""))

  /** The directory that the others of its repository share: it says so itself. */
  const commonOf = Effect.fnUntraced(function*(gitDir: string) {
    const said = yield* read(path.join(gitDir, "commondir"))
    return said === "" ? gitDir : path.resolve(gitDir, said)
  })

  const isGitDirectory = (place: string) =>
    Effect.gen(function*() {
      const common = yield* commonOf(place)
      const wanted = [path.join(place, "HEAD"), path.join(common, "objects"), path.join(common, "refs")]
      return (yield* Effect.forEach(wanted, isThere)).every(Boolean)
    })

  /** Of a checkout: a directory, or a file that names one. */
  const gitDirOf = Effect.fnUntraced(function*(top: string) {
    const place = path.join(top, ".git")
    if (yield* isGitDirectory(place)) return place
    const [, named] = /^gitdir: ([^]+)$/.exec(yield* read(place)) ?? []
    return named !== undefined && (yield* isGitDirectory(path.resolve(top, named))) ? path.resolve(top, named) : null
  })

  const start = yield* real(directory)
  if (start._tag === "None") return yield* noRepository(directory)
  for (let place = start.value;; place = path.dirname(place)) {
    const own = yield* gitDirOf(place)
    const isBare = own === null && (yield* isGitDirectory(place))
    const found = isBare ? place : own
    if (found !== null) {
      const gitDir = yield* real(found)
      const common = yield* Effect.flatMap(commonOf(found), real)
      if (gitDir._tag === "None" || common._tag === "None") return yield* noRepository(directory)
      return { common: common.value, gitDir: gitDir.value, checkout: isBare ? null : place }
    }
    if (path.dirname(place) === place) return yield* noRepository(directory)
  }
})
