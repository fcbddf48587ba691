/**
 * What the radar tells of, against what a merge of the two branches says: no conflict comes that was not told of, whatever
 * was edited, renamed, deleted or added; and how often it tells of what git would have settled.
 */
import { assert, describe, it } from "@effect/vitest"
import { Console, Effect, FileSystem, Path, Random } from "effect"
import { chmodSync } from "node:fs"
import { RadarWorld } from "./support/RadarWorld.ts"
import { plainGit } from "./support/Repositories.ts"

const rounds = 2
const cases = 100

const between = (from: number, to: number) => Random.nextIntBetween(from, to)

const pick = <A>(values: ReadonlyArray<A>) => Effect.map(between(0, values.length - 1), (at) => values[at]!)

/**
 * Few different lines: what is equal can be matched in more than one way. No two cases have one in common, for git takes
 * what is like a file that has gone for that file.
 */
const someLine = Effect.fnUntraced(function*(name: string) {
  const kind = yield* between(0, 9)
  return `${name} ${kind < 3 ? yield* pick(["}", "", "  return"]) : `line ${yield* between(0, 10_000)}`}`
})

const someLines = (name: string, count: number) => Effect.replicateEffect(someLine(name), count)

/** Some places are changed, each by taking some lines out and putting some in. */
const edited = Effect.fnUntraced(function*(name: string, lines: ReadonlyArray<string>) {
  const result = [...lines]
  for (let left = yield* between(1, 2); left > 0; left--) {
    const at = yield* between(0, result.length)
    result.splice(at, yield* between(0, 3), ...yield* someLines(name, yield* between(0, 3)))
  }
  return result
})

const kinds = [
  "edit",
  "edit",
  "edit",
  "edit",
  "edit",
  "edit",
  "leave",
  "rename",
  "move",
  "delete",
  "binary",
  "mode",
  "add"
] as const

/** What one branch does to its copy of one case. */
const change = Effect.fnUntraced(function*(top: string, name: string, lines: ReadonlyArray<string>) {
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  const file = (leaf: string) => path.join(top, name, leaf)
  const kind = yield* pick(kinds)
  const text = (of: ReadonlyArray<string>) => of.map((line) => `${line}\n`).join("")
  switch (kind) {
    case "leave":
      return
    case "edit":
      return yield* fs.writeFileString(file("f.txt"), text(yield* edited(name, lines)))
    case "rename":
      return yield* fs.rename(file("f.txt"), file(`g${yield* between(1, 2)}.txt`))
    case "move":
      yield* fs.remove(file("f.txt"))
      return yield* fs.writeFileString(file("g1.txt"), text(yield* edited(name, lines)))
    case "delete":
      return yield* fs.remove(file(yield* pick(["f.txt", "b.bin"])))
    case "binary":
      return yield* fs.writeFileString(file("b.bin"), `\0${yield* between(1, 2)}`)
    case "mode":
      return yield* Effect.sync(() => chmodSync(file("f.txt"), 0o755))
    case "add":
      return yield* fs.writeFileString(file(yield* pick(["g1.txt", "new.txt"])), text(yield* someLines(name, 3)))
  }
})

const nameOf = (at: number) => `case-${at}`

/** The cases in which a merge of two commits finds a conflict. */
const conflicts = (repository: string, one: string, other: string): ReadonlySet<string> => {
  try {
    plainGit(repository, "merge-tree", "--write-tree", "--name-only", one, other)
    return new Set()
  } catch (error) {
    const { status, stdout } = error as { readonly status: number; readonly stdout: string }
    assert.strictEqual(status, 1)
    const names = stdout.slice(0, stdout.indexOf("\n\n")).split("\n").slice(1)
    return new Set(names.map((name) => name.split("/")[0]!))
  }
}

const round = (seed: number) =>
  Effect.gen(function*() {
    const texts = yield* Effect.forEach(Array.from({ length: cases }, (_, at) => nameOf(at)), (name) =>
      Effect.map(
        Effect.flatMap(between(3, 12), (count) => someLines(name, count)),
        (lines) => ({ name, lines })
      ))
    const files = Object.fromEntries(texts.flatMap(({ lines, name }) => [
      [
        `${name}/f.txt`,
        lines.map((line) => `${line}\n`).join("")
      ],
      [`${name}/b.bin`, "\0base"],
      // The folder stays where it is, whatever moves in it.
      [`${name}/keep`, name]
    ]))
    return yield* RadarWorld.use(files, (world) =>
      Effect.gen(function*() {
        const one = yield* world.enter(1)
        const other = yield* world.enter(2)
        for (const { top } of [one, other]) {
          yield* Effect.forEach(texts, ({ lines, name }) => change(top, name, lines), { discard: true })
        }
        yield* world.sweep
        const told = yield* world.overlapping
        const heads = [one, other].map(({ top }) => {
          plainGit(top, "add", "-A")
          plainGit(top, "commit", "-qm", "work")
          return plainGit(top, "rev-parse", "HEAD").trim()
        })
        const real = conflicts(world.repository, heads[0]!, heads[1]!)
        assert.deepStrictEqual([...real].filter((name) => !told.has(name)), [], `seed ${seed}`)
        return { real: real.size, told: told.size, wrong: [...told].filter((name) => !real.has(name)).length }
      }))
  }).pipe(Random.withSeed(seed))

describe("the radar, against git's merge", () => {
  it.live("tells of every conflict before it is one", () =>
    Effect.gen(function*() {
      const results = yield* Effect.forEach(Array.from({ length: rounds }, (_, seed) => seed), round)
      const sum = (key: "real" | "told" | "wrong") => results.reduce((all, one) => all + one[key], 0)
      yield* Console.log(
        `${rounds * cases} pairs of changes: ${sum("real")} conflicts, all told of; ` +
          `${sum("told")} overlaps told, ${sum("wrong")} of which git settles`
      )
      assert.isAbove(sum("real"), cases / 4)
      assert.isBelow(sum("wrong"), 2 * sum("real"))
    }))
})
