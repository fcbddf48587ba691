/**
 * Brings what one repository holds into another one. Nothing is fetched, and nothing of either one's configuration is
 * believed: a pack is written beside the one, and is taken into the other once every object in it has been read.
 */
import { Effect, FileSystem, Path } from "effect"
import { Failure } from "../../domain/Failure.ts"
import { GitFailed } from "../../domain/WorkspaceFailure.ts"
import { type Checkout, type Git, mainCheckout } from "../Git.ts"

/** Everything that these objects lead to. */
export const packInto = Effect.fnUntraced(
  function*(
    git: Git["Service"],
    from: Checkout,
    into: Checkout,
    objects: ReadonlyArray<string>
  ): Effect.fn.Return<void, Failure, FileSystem.FileSystem | Path.Path> {
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const failing = Effect.mapError(({ message }: { readonly message: string }) =>
      new Failure({
        reason: new GitFailed({
          repository: into.repository.common,
          verb: "index-pack",
          code: null,
          detail: message
        })
      })
    )
    // On the same disk as the objects: git moves it there.
    const beside = path.join(from.gitDir, "claude-pool-pack")
    const packs = path.join(into.repository.common, "objects", "pack")
    const bring = Effect.gen(function*() {
      yield* failing(fs.makeDirectory(beside, { recursive: true }))
      const made = yield* git.run(from, ["pack-objects", "--quiet", "--revs", path.join(beside, "pack")], {
        input: objects.map((name) => `${name}\n`).join("")
      })
      const name = `pack-${made.stdout.trim()}.pack`
      // Under another name until it is whole; git does not see it without its index.
      const incoming = path.join(packs, `tmp_${name}`)
      yield* failing(Effect.gen(function*() {
        yield* fs.makeDirectory(packs, { recursive: true })
        yield* fs.copyFile(path.join(beside, name), incoming)
        yield* fs.rename(incoming, path.join(packs, name))
      }))
      yield* git.run(mainCheckout(into.repository), ["index-pack", path.join(packs, name)])
    })
    return yield* Effect.ensuring(bring, Effect.ignore(fs.remove(beside, { recursive: true, force: true })))
  }
)
