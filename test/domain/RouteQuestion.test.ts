import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { readAnswer, routeQuestion } from "../../src/domain/RouteQuestion.ts"
import { readHalf } from "../routing/RoutingSet.ts"

describe("the question", () => {
  it("shows of a long request the beginning and the end, and its size is bounded", () => {
    const question = routeQuestion(`begin ${"x".repeat(1_000_000)} end`, {}, "n")
    assert.isBelow(question.length, 20_000)
    assert.include(question, "begin x")
    assert.include(question, "x end")
  })

  it("takes away what nobody sees", () => {
    assert.include(routeQuestion("a\u001b[31mb\u200bc", {}, "n"), "\nabc\n")
  })

  it.effect("has examples of its own", () =>
    Effect.gen(function*() {
      const rows = yield* readHalf("development")
      const examples = [...routeQuestion("", {}, "n").matchAll(/^"(.+)" is /gm)].map(([, example]) => example!)
      assert.strictEqual(examples.length, 4)
      for (const example of examples) {
        assert.isTrue(rows.every(({ prompt }) => !prompt.includes(example.slice(0, 20))))
      }
    }))
})

describe("an answer", () => {
  it.prop("whatever it is, is a decision within the caps or none", [Schema.Json], ([json]) => {
    const decision = readAnswer(json, "prompt", {})
    assert.isTrue(decision === null || decision.confidence <= 1)
  })

  it("has a confidence between nothing and certainty, and a reason of one clean line", () => {
    const answer = { route: "single", parts: [], reason: "a\n\u001b[2Jb", confidence: 7 }
    const decision = readAnswer(answer, "prompt", {})
    assert.deepStrictEqual([decision?.confidence, decision?.reason], [1, "a b"])
  })
})
