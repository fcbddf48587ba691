/**
 * What the rules see in prose: what comes behind the pieces, and what flows from one step to the next.
 */
import { assert, describe, it } from "@effect/vitest"
import { decideByRules } from "../../src/domain/RouteRules.ts"
import { readEvidence } from "../../src/domain/routing/Evidence.ts"

const kindOf = (prompt: string) => decideByRules(prompt).decision?.kind ?? "unsure"

describe("the work of reading a prompt", () => {
  it("is bounded: of a very long one only the beginning and the end are looked at, and it is not split", () => {
    const pieces = "Write four detailed guides, independent of each other: pianos, harps, lutes, violins."
    assert.strictEqual(kindOf(pieces), "parallel")
    const long = `${pieces}\n${"x".repeat(1_000_000)}\n${pieces}`
    const { layout } = readEvidence(long)
    assert.isTrue(layout.clipped)
    assert.isBelow(layout.said.length, 25_000)
    const { decision } = decideByRules(long)
    assert.isTrue(decision === null || decision.kind === "single")
  })
})

describe("behind the pieces", () => {
  const pieces = "Examine four breweries thoroughly, a report on each: Ost, West, Nord, Sued."

  it("what comes last is made of all of them, whatever it is called", () => {
    assert.strictEqual(kindOf(pieces), "parallel")
    assert.strictEqual(kindOf(`${pieces} Finally, an essay for the members.`), "parallel-combine")
    assert.strictEqual(kindOf(`${pieces} Which do we buy?`), "parallel-combine")
  })

  it("more may be wanted of which nobody says whether it is made of them", () => {
    assert.strictEqual(kindOf(`${pieces} Write an article about beer.`), "unsure")
  })

  it("one thing for each is none that is made of all", () => {
    assert.strictEqual(kindOf(`${pieces} One document each.`), "parallel")
    assert.strictEqual(kindOf(`${pieces} One document in all.`), "parallel-combine")
  })

  it("things need no place where a sentence deals them out", () => {
    assert.strictEqual(
      kindOf("Have three independent studies of the harbour made in depth. Afterwards pick the best."),
      "parallel-combine"
    )
  })
})

describe("steps that are told in prose", () => {
  it("need each other where a later one names again what an earlier one made", () => {
    const rest = "and fix what breaks."
    assert.strictEqual(kindOf(`Design a catalogue for the library, then build the catalogue in Rust, ${rest}`), "chain")
    assert.strictEqual(kindOf(`Design a catalogue for the library, then build a boat in Rust, ${rest}`), "unsure")
  })

  it("are none where they lead to a question", () => {
    const steps = "Build green from the new release, then test it, then move the traffic, then delete the old one."
    assert.strictEqual(kindOf(steps), "chain")
    assert.strictEqual(kindOf(`${steps} Where do I set the path of the check?`), "unsure")
  })

  it("may be what one result must do, where it is said what that must fulfil", () => {
    assert.notStrictEqual(
      kindOf(
        "Change the parser so that it first splits, then builds the tree, and finally names it, based on the notes."
      ),
      "chain"
    )
  })
})

describe("a language that the rules do not know", () => {
  it("leaves them unsure, unless there is little said", () => {
    assert.strictEqual(kindOf("ما الفرق بين RAM و ROM؟"), "single")
    assert.strictEqual(
      kindOf("ادرس ثلاث منصات للتجارة دراسة مفصلة كل واحدة على حدة ثم قارن بينها واكتب توصية واحدة نهائية للمدير"),
      "unsure"
    )
  })
})
