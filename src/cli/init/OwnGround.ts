/**
 * Whether a file lies where it says: a link that has come with the project must not make of its own file somebody else's,
 * to be read or written there.
 */
import { Effect, FileSystem, Path } from "effect"
import { fail, type Failure } from "../../domain/Failure.ts"
import { InvalidRequest } from "../../domain/RequestFailure.ts"

const leadsAway = (link: string): Failure =>
  fail(
    new InvalidRequest({
      issues: [`${link}: this is a link that leads out of the directory`],
      hint: "put a file or a directory of its own in its place, and call init again; nothing was written"
    })
  )

/** A file's path in a directory, where no link on the way leads out of it. */
export const makeOwnGround = Effect.fnUntraced(function*(directory: string) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const home = yield* Effect.orElseSucceed(fs.realPath(directory), () => directory)

  const isInside = (place: string): boolean => {
    const way = path.relative(home, place)
    return way !== ".." && !way.startsWith(`..${path.sep}`) && !path.isAbsolute(way)
  }

  return Effect.fnUntraced(function*(file: string): Effect.fn.Return<string, Failure> {
    const parts = file.split("/")
    for (const at of parts.keys()) {
      const part = parts.slice(0, at + 1).join("/")
      const place = path.join(directory, part)
      if (!(yield* Effect.isSuccess(fs.readLink(place)))) continue
      // What leads nowhere would be made there.
      const end = yield* Effect.orElseSucceed(fs.realPath(place), () => null)
      if (end === null || !isInside(end)) return yield* leadsAway(part)
    }
    return path.join(directory, file)
  })
})
