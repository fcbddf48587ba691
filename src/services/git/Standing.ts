/**
 * Whether a checkout still is where it was: looked at before each command. A worker can put links, pipes, and names of
 * other repositories where git looks for its own files, and git would follow them.
 */
import { Effect, FileSystem, Path } from "effect"
import type { Checkout } from "../Git.ts"

interface Wanted {
  readonly directories: ReadonlyArray<string>
  readonly files: ReadonlyArray<string>
}

/** Of what all checkouts share. References are written below these, and a link among them leads them elsewhere. */
const shared: Wanted = {
  directories: [
    "objects",
    "refs",
    "refs/heads",
    "refs/heads/cp",
    "refs/claude-pool",
    "worktrees",
    "logs",
    "info",
    "claude-pool"
  ],
  files: ["HEAD", "config", "packed-refs", "shallow", "info/exclude", "claude-pool/lock.db"]
}

const own: Wanted = { directories: ["logs"], files: ["HEAD", "index", "logs/HEAD"] }

/** What is wrong with it, as a sentence goes on after "git …"; null: nothing. */
export const standing = Effect.fnUntraced(function*({ gitDir, repository, workTree }: Checkout): Effect.fn.Return<
  string | null,
  never,
  FileSystem.FileSystem | Path.Path
> {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const { common } = repository
  const real = (place: string) => Effect.orElseSucceed(fs.realPath(place), () => null)
  const isLink = (place: string) => Effect.match(fs.readLink(place), { onFailure: () => false, onSuccess: () => true })

  /** What is not there is git's to miss, or to make. */
  const strange = Effect.fnUntraced(function*(place: string, type: FileSystem.File.Type | null) {
    const found = yield* real(place)
    if (found === null) return (yield* isLink(place)) ? `${place} is a link to nothing` : null
    if (found !== place) return `${place} is a link, or below one`
    if (type === null) return null
    const info = yield* Effect.option(fs.stat(place))
    return info._tag === "Some" && info.value.type !== type ? `${place} is no ${type.toLowerCase()}` : null
  })

  const among = (top: string, { directories, files }: Wanted) =>
    Effect.map(
      Effect.all([
        Effect.forEach(directories, (name) => strange(path.join(top, name), null), { concurrency: "unbounded" }),
        Effect.forEach(files, (name) => strange(path.join(top, name), "File"), { concurrency: "unbounded" })
      ], { concurrency: 2 }),
      (found) => found.flat().find((one) => one !== null) ?? null
    )

  const isShared = gitDir === common
  if ((yield* real(gitDir)) !== gitDir) return `its directory ${gitDir} is gone, or is a link`
  const main = path.join(common, "commondir")
  if ((yield* real(main)) !== null) return `${main} names another repository`
  const wrong = yield* Effect.all([
    among(common, shared),
    among(gitDir, own),
    workTree === null ? Effect.succeed(null) : strange(workTree, "Directory")
  ], { concurrency: 3 })
  const first = wrong.find((one) => one !== null) ?? null
  if (first !== null || isShared) return first
  if (path.dirname(gitDir) !== path.join(common, "worktrees")) return `${gitDir} is no worktree of ${common}`
  const names = path.join(gitDir, "commondir")
  const odd = yield* strange(names, "File")
  if (odd !== null) return odd
  const said = yield* Effect.orElseSucceed(fs.readFileString(names), () => "")
  const meant = yield* real(path.resolve(gitDir, said.replace(/[\r\n]+$/, "")))
  return meant === common ? null : `${names} names another repository`
})
