/**
 * What a set-up has made, kept for the next worktree with the same key: copies, so that nobody who writes into a worktree
 * writes into this too.
 */
import { Clock, Effect, FileSystem, Path } from "effect"
import { Digest } from "effect/crypto"
import { kindOf } from "../git/PlainFile.ts"
import type { Copying } from "./Copying.ts"
import { isWithin } from "./Ground.ts"
import type { SetUpOptions } from "./Options.ts"

/** How many are kept for each repository: those that were used last. */
const most = 5

export interface SetUpCacheOptions {
  readonly setUp: SetUpOptions
  readonly platform: string
  readonly copying: Copying
}

export const makeSetUpCache = Effect.fnUntraced(function*({ copying, platform, setUp }: SetUpCacheOptions) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const digest = yield* Digest.Digest

  const shaOf = (bytes: Uint8Array) => digest.digestHex(Digest.sha256, bytes)

  /** What the result depends on, as it lies in the worktree now; null: there is no command. */
  const keyOf = Effect.fnUntraced(function*(worktree: string) {
    const { command, keys, outputs } = setUp
    if (command === null) return null
    const parts = yield* Effect.forEach(keys, (name) =>
      Effect.gen(function*() {
        const real = yield* Effect.option(fs.realPath(path.join(worktree, name)))
        if (real._tag === "None" || !isWithin(path, worktree, real.value)) return `${name}\0`
        if ((yield* kindOf(fs)(real.value)) !== "File") return `${name}\0`
        const bytes = yield* Effect.option(fs.readFile(real.value))
        return bytes._tag === "None" ? `${name}\0` : `${name}\0${yield* shaOf(bytes.value)}`
      }))
    return yield* shaOf(new TextEncoder().encode([platform, command, outputs.join("\0"), ...parts].join("\n")))
  })

  const touch = (entry: string) =>
    Effect.flatMap(Clock.currentTimeMillis, (now) => Effect.ignore(fs.utimes(entry, now / 1000, now / 1000)))

  /** Whether it was all there. What is left of a copy that failed is taken away again. */
  const take = Effect.fnUntraced(function*(cache: string, key: string, worktree: string) {
    const entry = path.join(cache, key)
    if (!(yield* Effect.orElseSucceed(fs.exists(entry), () => false))) return false
    yield* touch(entry)
    const done: Array<string> = []
    for (const name of setUp.outputs) {
      const copied = yield* Effect.result(copying.copy(name, { from: entry, to: worktree }))
      if (copied._tag === "Success") {
        if (copied.success === "copied") done.push(name)
        continue
      }
      yield* Effect.forEach(
        [...done, name].filter(copying.isPlain),
        (one) => Effect.ignore(fs.remove(path.join(worktree, one), { recursive: true, force: true })),
        { discard: true }
      )
      return false
    }
    return true
  })

  const evict = Effect.fnUntraced(function*(cache: string) {
    const names = yield* fs.readDirectory(cache)
    const entries = yield* Effect.forEach(names, (name) =>
      Effect.map(fs.stat(path.join(cache, name)), ({ mtime }) => ({
        name,
        usedAt: mtime._tag === "Some" ? mtime.value.getTime() : 0
      })))
    const old = entries.toSorted((one, other) => other.usedAt - one.usedAt).slice(most)
    yield* Effect.forEach(old, ({ name }) => fs.remove(path.join(cache, name), { recursive: true, force: true }), {
      discard: true
    })
  })

  /** Keeps what a worktree has; where that cannot be done, nothing is kept. `id` is nobody else's. */
  const keep = Effect.fnUntraced(function*(cache: string, key: string, worktree: string, id: string) {
    const partial = path.join(cache, `${key}.${id}`)
    const drop = Effect.ignore(fs.remove(partial, { recursive: true, force: true }))
    yield* Effect.gen(function*() {
      yield* fs.makeDirectory(partial, { recursive: true, mode: 0o700 })
      const from = yield* fs.realPath(partial)
      yield* Effect.forEach(setUp.outputs, (name) => copying.copy(name, { from: worktree, to: from }))
      yield* fs.rename(partial, path.join(cache, key))
      yield* touch(path.join(cache, key))
      yield* evict(cache)
    }).pipe(Effect.ensuring(drop), Effect.ignore)
  })

  return { keyOf, take, keep }
})

export type SetUpCache = Effect.Success<ReturnType<typeof makeSetUpCache>>
