/**
 * The set measures something: enough prompts of every route, kind and trap in every part, and nothing of one part in
 * another.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { type Half, readHalf, Route, RoutingPrompt } from "./RoutingSet.ts"

const halves: ReadonlyArray<Half> = ["development", "development-more", "held-out"]

const readEvery = Effect.all([readHalf("development"), readHalf("development-more"), readHalf("held-out")]).pipe(
  Effect.map(([development, more, heldOut]) => ({
    development,
    more,
    heldOut,
    all: [...development, ...more, ...heldOut]
  }))
)

const distinct = (
  rows: ReadonlyArray<RoutingPrompt>,
  property: (row: RoutingPrompt) => string | null
): ReadonlySet<string> => new Set(rows.map(property).filter((value) => value !== null))

/** Percent of the rows whose best route it is. */
const share = (rows: ReadonlyArray<RoutingPrompt>, route: Route): number =>
  100 * rows.filter(({ accept }) => accept[0] === route).length / rows.length

/** Words are also told apart where none are spaced, as in Chinese. */
const segmenter = new Intl.Segmenter("und", { granularity: "word" })

const wordsOf = (text: string): ReadonlyArray<string> =>
  [...segmenter.segment(text.normalize("NFKC").toLowerCase())]
    .filter(({ isWordLike }) => isWordLike)
    .map(({ segment }) => segment)

/** Three words each; a shorter text is one shingle. */
const shinglesOf = (text: string): ReadonlySet<string> => {
  const words = wordsOf(text)
  if (words.length < 3) return new Set([words.join(" ")])
  return new Set(words.slice(2).map((_, place) => words.slice(place, place + 3).join(" ")))
}

/** How much of the smaller is in the other, of 1. */
const overlap = (one: ReadonlySet<string>, other: ReadonlySet<string>): number => {
  const [small, large] = one.size < other.size ? [one, other] : [other, one]
  return [...small].filter((shingle) => large.has(shingle)).length / small.size
}

/** Ids of the pairs that say nearly the same. */
const nearDuplicates = (rows: ReadonlyArray<RoutingPrompt>): ReadonlyArray<string> => {
  const shingled = rows.map(({ id, prompt }) => ({ id, shingles: shinglesOf(prompt) }))
  return shingled.flatMap((one, place) =>
    shingled.slice(place + 1)
      .filter((other) => overlap(one.shingles, other.shingles) >= 0.6)
      .map((other) => `${one.id} ${other.id}`)
  )
}

describe("the routing set", () => {
  it.effect("has prompts enough, each with an id of its own", () =>
    Effect.gen(function*() {
      const { all, development, heldOut, more } = yield* readEvery
      assert.isAtLeast(all.length, 650)
      assert.strictEqual(distinct(all, ({ id }) => id).size, all.length)
      assert.deepStrictEqual(development.filter(({ id }) => !id.startsWith("d")), [])
      assert.deepStrictEqual(more.filter(({ id }) => !id.startsWith("m")), [])
      assert.deepStrictEqual(heldOut.filter(({ id }) => !id.startsWith("h")), [])
    }))

  it.effect("says nothing twice, least of all in two parts", () =>
    Effect.gen(function*() {
      const { all } = yield* readEvery
      assert.deepStrictEqual(nearDuplicates(all), [])
    }))

  it.effect("knows many languages, kinds of work and traps", () =>
    Effect.gen(function*() {
      const { all, more } = yield* readEvery
      for (const rows of [all, more]) {
        assert.isAtLeast(distinct(rows, ({ language }) => language).size, 8)
        assert.isAtLeast(distinct(rows, ({ kind }) => kind).size, 25)
        assert.isAtLeast(distinct(rows, ({ trap }) => trap).size, 20)
        assert.isAtLeast(rows.filter(({ language }) => language !== "en").length / rows.length, 0.3)
      }
    }))

  it.effect("asks for at least two routes in each of the major languages", () =>
    Effect.gen(function*() {
      const { development, heldOut, more } = yield* readEvery
      for (const half of [development, more, heldOut]) {
        for (const language of ["en", "de", "fr", "es", "zh", "ja"]) {
          const routes = distinct(half.filter((row) => row.language === language), ({ accept }) => accept[0])
          assert.isAtLeast(routes.size, 2, language)
        }
      }
    }))

  it.effect("has the same kinds and traps in both halves", () =>
    Effect.gen(function*() {
      const { development, heldOut } = yield* readEvery
      assert.deepStrictEqual(distinct(development, ({ kind }) => kind), distinct(heldOut, ({ kind }) => kind))
      assert.deepStrictEqual(distinct(development, ({ trap }) => trap), distinct(heldOut, ({ trap }) => trap))
    }))

  for (const route of Route.literals) {
    it.effect(`wants ${route} about as often in one part as in another`, () =>
      Effect.gen(function*() {
        const { development, heldOut, more } = yield* readEvery
        const shares = [development, more, heldOut].map((rows) => share(rows, route))
        assert.isAbove(Math.min(...shares), 0)
        assert.isAtMost(Math.max(...shares) - Math.min(...shares), 10)
      }))
  }

  for (const half of halves) {
    it.effect(`has most often no need to split, in the ${half} half`, () =>
      Effect.gen(function*() {
        assert.closeTo(share(yield* readHalf(half), "single"), 50, 5)
      }))
  }
})

describe("a row", () => {
  const row = { id: "d001", kind: "bugfix", language: "en", trap: null, prompt: "mend it", accept: ["single"] }
  const decodes = (input: unknown) =>
    Effect.exit(Schema.decodeUnknownEffect(RoutingPrompt, { onExcessProperty: "error" })(input)).pipe(
      Effect.map((exit) => exit._tag === "Success")
    )

  it.effect("is refused with a property, a route or a trap that nobody knows, or none accepted", () =>
    Effect.gen(function*() {
      assert.isTrue(yield* decodes(row))
      assert.isFalse(yield* decodes({ ...row, note: "" }))
      assert.isFalse(yield* decodes({ ...row, accept: ["both"] }))
      assert.isFalse(yield* decodes({ ...row, trap: "luck" }))
      assert.isFalse(yield* decodes({ ...row, accept: [] }))
    }))

  it.effect("counts its parts just where a parallel route is right", () =>
    Effect.gen(function*() {
      assert.isTrue(yield* decodes({ ...row, accept: ["chain", "parallel"], parts: null }))
      assert.isFalse(yield* decodes({ ...row, accept: ["parallel"] }))
      assert.isFalse(yield* decodes({ ...row, parts: 3 }))
    }))
})

describe("the measure of near-duplicates", () => {
  it("finds a text again whose case, marks and last words differ, in any script", () => {
    const pair = (one: string, other: string) => overlap(shinglesOf(one), shinglesOf(other))
    assert.isAtLeast(pair("Fix the login of the shop, please!", "fix the login of the shop now"), 0.6)
    assert.isAtLeast(pair("请把这份报告翻译成英语和法语", "请把这份报告翻译成英语和法语。谢谢"), 0.6)
    assert.isBelow(pair("Fix the login of the shop", "Write a poem about the sea"), 0.1)
  })
})
