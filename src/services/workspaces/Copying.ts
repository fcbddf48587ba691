/**
 * Files that are copied into a worktree, by the relative paths that the user has listed. No link leads such a copy out of
 * where it belongs, on either side, and what the commit itself has there stays.
 */
import { Effect, FileSystem, Path } from "effect"
import { isWithin, reach } from "./Ground.ts"
import type { WorkspacesMachine } from "./Options.ts"

export type Copied = "copied" | "absent" | "there"

export const makeCopying = Effect.fnUntraced(function*(copyTree: WorkspacesMachine["copyTree"]) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const files = yield* Effect.context<FileSystem.FileSystem | Path.Path>()

  const isPlain = (name: string) =>
    name !== "" && !path.isAbsolute(name) && !name.split(/[\\/]/).includes("..") && path.normalize(name) !== "."

  /** Whether anything is there, a link that leads nowhere included. */
  const isTaken = (place: string) =>
    Effect.gen(function*() {
      const link = yield* Effect.option(fs.readLink(place))
      return link._tag === "Some" || (yield* Effect.orElseSucceed(fs.exists(place), () => true))
    })

  /** Copies `name` from one directory to the same place in another; both are real paths. Fails with a text. */
  const copy = Effect.fnUntraced(function*(
    name: string,
    { from, to }: { readonly from: string; readonly to: string }
  ): Effect.fn.Return<Copied, string> {
    if (!isPlain(name)) return yield* Effect.fail(`${name} is not a path below the top`)
    const target = path.join(to, name)
    const source = yield* Effect.option(fs.realPath(path.join(from, name)))
    if (source._tag === "None") return "absent"
    if (!isWithin(path, from, source.value)) return yield* Effect.fail(`${name} leads out of ${from}`)
    if (yield* isTaken(target)) return "there"
    if (!isWithin(path, to, (yield* Effect.provideContext(reach(path.dirname(target)), files)).real)) {
      return yield* Effect.fail(`${name} leads out of ${to}`)
    }
    yield* Effect.mapError(fs.makeDirectory(path.dirname(target), { recursive: true }), ({ message }) => message)
    yield* copyTree(source.value, target)
    return "copied"
  })

  return { copy, isPlain }
})

export type Copying = Effect.Success<ReturnType<typeof makeCopying>>
