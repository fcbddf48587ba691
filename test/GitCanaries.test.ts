import { assert, describe, it } from "@effect/vitest"
import { Effect, type FileSystem, type Path } from "effect"
import { Git } from "../src/services/Git.ts"
import { canaries, makeHostile, provoke } from "./support/Canaries.ts"
import { playAll, plays } from "./support/GitPlays.ts"
import { functions, recorded, sources, strangers, verbsIn } from "./support/GitVerbs.ts"
import { gitLayer, plainGit, workDirectory } from "./support/Repositories.ts"

const withHostile = <A, E>(
  use: (
    directory: string,
    place: Effect.Success<ReturnType<typeof makeHostile>>
  ) => Effect.Effect<A, E, Git | FileSystem.FileSystem | Path.Path>
) =>
  Effect.gen(function*() {
    const directory = yield* workDirectory
    const place = yield* makeHostile(directory)
    return yield* Effect.provide(use(directory, place), gitLayer(`${directory}/seats`))
  }).pipe(Effect.scoped, Effect.provide(gitLayer("/dev/null/none")))

describe("a hostile repository", () => {
  it.live("has canaries that plain git does run, every one", () =>
    withHostile((directory, place) =>
      Effect.gen(function*() {
        assert.isAtLeast(canaries.length, 30)
        assert.deepStrictEqual(yield* place.fired, [])
        yield* provoke(place, directory)
        assert.deepStrictEqual(yield* place.fired, canaries.toSorted())
      })
    ))

  it.live("has none of them run by any verb of the pool's", () =>
    withHostile((directory, place) =>
      Effect.gen(function*() {
        const verbs = new Set<string>()
        const git = recorded(yield* Git, verbs)
        yield* playAll(git, { repository: place.repository, directory }, place.plantIn)
        assert.deepStrictEqual(yield* place.fired, [])
        const asked = new Set([...sources.values()].flatMap(verbsIn))
        assert.deepStrictEqual([...asked].filter((verb) => !verbs.has(verb)), [], "verbs without a play")
        assert.isAtLeast(asked.size, 28)
        const played = new Set(
          Object.entries(plays).flatMap(([file, all]) => Object.keys(all).map((name) => `${file}.${name}`))
        )
        assert.isAtLeast(functions.length, 63)
        assert.deepStrictEqual(functions.filter((name) => !played.has(name)), [], "functions without a play")
        assert.deepStrictEqual(strangers, ["services/Git.ts"], "git is run elsewhere")
        // What was planted is still there.
        plainGit(place.repository, "hello")
        assert.include(yield* place.fired, "alias.hello")
      })
    ))
})
