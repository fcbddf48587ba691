/**
 * Repositories that lie in a checkout: submodules, and what a worker has cloned or made there. What is in them is in no
 * commit of the checkout's.
 */
import { Effect, FileSystem, Path } from "effect"
import type { Failure } from "../../domain/Failure.ts"
import type { Checkout, Git } from "../Git.ts"
import { readable } from "./Names.ts"
import { entriesOf } from "./Status.ts"

export interface EmbeddedRepository {
  /** In the checkout, without a slash at its end. */
  readonly path: string
  /** Whether the checkout's index names a commit of it. */
  readonly isKnown: boolean
}

/** Those that are really there: an empty directory of a submodule is none. Nothing in them is run or read. */
export const embeddedRepositories = Effect.fnUntraced(function*(
  git: Git["Service"],
  checkout: Checkout
): Effect.fn.Return<ReadonlyArray<EmbeddedRepository>, Failure, FileSystem.FileSystem | Path.Path> {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const entries = yield* entriesOf(git, checkout)
  const staged = yield* git.run(checkout, ["ls-files", "--stage", "-z"], { names: "bytes" })
  const known = staged.stdout.split("\0").flatMap((line) => /^160000 \S+ \d\t([^]+)$/.exec(line)?.[1] ?? [])
  const strange = entries.filter(({ code, isRepository }) => code === "??" && isRepository).map(({ path }) => path)
  const found = [
    ...strange.map((name) => ({ path: name.replace(/\/+$/, ""), isKnown: false })),
    ...[...new Set(known)].map((name) => ({ path: name, isKnown: true }))
  ]
  const isThere = ({ isKnown, path: name }: EmbeddedRepository) =>
    // One whose name is no text cannot be looked at, and is taken for one.
    !isKnown || readable(name).includes("\ufffd")
      ? Effect.succeed(true)
      : Effect.orElseSucceed(fs.exists(path.join(checkout.workTree ?? "", readable(name), ".git")), () => true)
  const there = yield* Effect.filter(found, isThere)
  return there.map(({ isKnown, path: name }) => ({ path: readable(name), isKnown }))
})
