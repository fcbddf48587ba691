import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import type { ChainDefinition } from "../../src/domain/ChainDefinition.ts"
import { ask, chain, hintsFor, planOf, wrongWith } from "../support/SampleChains.ts"

describe("the order of a chain", () => {
  it("is that of the text, each step after the one above it", () => {
    const { steps } = planOf(chain(ask("a"), ask("b"), ask("c")))
    assert.deepStrictEqual(steps.map(({ after, name }) => [name].concat(after)), [["a"], ["b", "a"], ["c", "b"]])
  })

  it("puts a step after those that it names, wherever they are written", () => {
    const { steps } = planOf(chain(
      ask("report", { after: ["left", "right", "left"] }),
      ask("left", { after: [] }),
      ask("right", { after: [] })
    ))
    assert.deepStrictEqual(steps.map(({ after, name }) => [name].concat(after)), [
      ["left"],
      ["right"],
      ["report", "left", "right"]
    ])
  })

  it("names the steps that wait for each other, and says which of them says nothing", () => {
    const definition = chain(ask("a", { after: ["b"] }), ask("b"), ask("c", { after: ["c"] }), ask("d", { after: [] }))
    assert.deepStrictEqual(wrongWith(definition), [
      "steps[0].after[0]: these steps wait for each other: a → b → a",
      "steps[2].after[0]: step c waits for itself"
    ])
    assert.include(hintsFor(definition)[0], "step b does not say after")
  })

  it("has no place for steps of the same name, and none for steps that are not there", () => {
    const definition = chain(ask("plan"), ask("fix", { after: ["pln"] }), ask("plan"))
    assert.deepStrictEqual(wrongWith(definition), [
      "steps[1].after[0]: there is no step pln",
      "steps[2].name: there are two steps plan"
    ])
    assert.deepStrictEqual(hintsFor(definition)[0], "did you mean plan? allowed: plan")
  })

  const Node = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 11 }))
  const Edges = Schema.Array(Schema.Tuple([Node, Node])).check(Schema.isMaxLength(30))
  const Places = Schema.Array(Node)
  const often = { arbitrary: { size: 30 } }

  /** Twelve steps; an edge's second step comes after its first. `places` mixes up where they are written. */
  const graph = (edges: typeof Edges.Type, places: typeof Places.Type): ChainDefinition => {
    const steps = Array.from(
      { length: 12 },
      (_, node) => ask(`s${node}`, { after: edges.filter(([, to]) => to === node).map(([from]) => `s${from}`) })
    )
    for (const [at, place] of places.entries()) steps.splice(place, 0, ...steps.splice(at % 12, 1))
    const [first = ask("s0"), ...others] = steps
    return chain(first, ...others)
  }

  it.prop("respects what every step comes after, in all graphs without cycles", [Edges, Places], ([edges, places]) => {
    const forward = edges.flatMap(([a, b]) => a === b ? [] : [[Math.min(a, b), Math.max(a, b)] as const])
    const { steps } = planOf(graph(forward, places))
    const done = new Set<string>()
    for (const { after, name } of steps) {
      assert.isTrue(after.every((one) => done.has(one)), name)
      done.add(name)
    }
    assert.strictEqual(done.size, 12)
  }, often)

  it.prop("is not found where steps wait for each other, however long the way round is", [
    Edges,
    Places,
    Schema.UniqueArray(Node).check(Schema.isMinLength(1))
  ], ([edges, places, ring]) => {
    const around = ring.map((node, at) => [node, ring[(at + 1) % ring.length]!] as const)
    const wrong = wrongWith(graph([...edges, ...around], places))
    assert.isNotEmpty(wrong)
    for (const line of wrong) {
      const [first, ...rest] = line.includes("itself") ? ["s", "s"] : line.split(": ")[2]!.split(" → ")
      assert.strictEqual(rest.at(-1), first)
    }
  }, often)
})
