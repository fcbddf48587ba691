/**
 * Where worktrees stand: in one directory for all, by repositories, and never inside of one.
 */
import { Effect, FileSystem, Option, Path } from "effect"
import { Digest, SecureRandom } from "effect/crypto"
import { Failure } from "../../domain/Failure.ts"
import { idBytes } from "../../domain/RandomId.ts"
import { type RepositoryPlace, type WorkspaceId, workspaceIdFrom } from "../../domain/Workspace.ts"
import { IsolationImpossible } from "../../domain/WorkspaceFailure.ts"
import { Git } from "../Git.ts"
import { notDone } from "./Options.ts"

export const impossible = (
  directory: string,
  cause: IsolationImpossible["cause"],
  detail: string
): Failure => new Failure({ reason: new IsolationImpossible({ directory, cause, detail }) })

/** Whether `place` is `directory`, or lies in it; both are real paths. */
export const isWithin = (path: Path.Path, directory: string, place: string): boolean => {
  const way = path.relative(directory, place)
  return way === "" || (way !== ".." && !way.startsWith(`..${path.sep}`) && !path.isAbsolute(way))
}

/** The next directory above a place that is there, by its real name, and what is missing below it. */
export const reach = Effect.fnUntraced(function*(place: string) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  for (let at = place;; at = path.dirname(at)) {
    const real = yield* Effect.option(fs.realPath(at))
    if (real._tag === "Some") return { real: real.value, missing: path.relative(at, place) }
    if (path.dirname(at) === at) return { real: at, missing: path.relative(at, place) }
  }
})

const privateMode = 0o700

export const makeGround = Effect.fnUntraced(function*(directory: string) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const digest = yield* Digest.Digest
  const random = yield* SecureRandom.SecureRandom
  const git = yield* Git
  const files = yield* Effect.context<FileSystem.FileSystem | Path.Path>()
  const reached = (place: string) => Effect.provideContext(reach(place), files)

  /** The directory of all worktrees by its real name; made when the first of them is. */
  const top = Effect.fnUntraced(function*(place: RepositoryPlace) {
    const { missing, real } = yield* reached(path.resolve(directory))
    const found = path.join(real, missing)
    const owner = Option.toArray(yield* Effect.option(git.find(real)))
    const tops = [...owner, place].flatMap((one) => [one.checkout ?? one.common, one.common])
    const around = tops.find((one) => isWithin(path, one, found) || isWithin(path, found, one))
    if (around !== undefined) {
      return yield* impossible(
        place.checkout ?? place.common,
        "not-outside",
        `worktrees are made outside of every repository, and their directory ${found} and ${around} lie in each other`
      )
    }
    return found
  })

  /** The directory of a repository's worktrees, for nobody else to read. Fails with `IsolationImpossible`. */
  const of = Effect.fnUntraced(function*(place: RepositoryPlace) {
    const name = (yield* digest.digestHex(Digest.sha256, new TextEncoder().encode(place.common))).slice(0, 16)
    const own = path.join(yield* top(place), name)
    yield* fs.makeDirectory(own, { recursive: true, mode: privateMode }).pipe(
      Effect.mapError(({ message }) => notDone(place, message))
    )
    return own
  })

  const newId: Effect.Effect<WorkspaceId> = Effect.map(random.randomBytes(idBytes), workspaceIdFrom)

  /**
   * The same place below a worktree's top as `asked` is below the checkout, made where the commit does not have it. Never
   * elsewhere: no link in it leads out.
   */
  const below = Effect.fnUntraced(function*(place: RepositoryPlace, asked: string, worktree: string) {
    if (place.checkout === null) return worktree
    const real = yield* Effect.orElseSucceed(fs.realPath(asked), () => asked)
    if (!isWithin(path, place.checkout, real)) return worktree
    const wanted = path.join(worktree, path.relative(place.checkout, real))
    if (!isWithin(path, worktree, (yield* reached(wanted)).real)) {
      return yield* impossible(asked, "changed", `in the worktree, ${wanted} leads out of it`)
    }
    yield* fs.makeDirectory(wanted, { recursive: true }).pipe(
      Effect.mapError(({ message }) => impossible(asked, "changed", message))
    )
    return wanted
  })

  return { of, newId, below, join: path.join.bind(path) }
})

export type Ground = Effect.Success<ReturnType<typeof makeGround>>
