import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { chainGraph } from "../../src/cli/ChainGraph.ts"
import { graphRows } from "../../src/cli/GraphLanes.ts"
import type { ChainForecast } from "../../src/domain/ChainView.ts"

const forecast = (steps: ReadonlyArray<Partial<ChainForecast["steps"][number]> & { readonly name: string }>) => ({
  steps: steps.map((step) => ({ kind: "prompt", after: [], reused: false, reserve_usd: 1, ...step } as const)),
  reserve_usd: steps.length,
  reserve_complete: true
})

describe("the picture of a chain", () => {
  it("has a line for each step, and says what it costs and does", () => {
    const text = chainGraph({
      ...forecast([
        { name: "plan", reused: true, reserve_usd: 0 },
        {
          name: "implement",
          after: ["plan"],
          details: "again until \u001b[31mnpm\u0007\ntest passes, 3 rounds at most"
        },
        { name: "test", kind: "check", after: ["implement"], reserve_usd: 0 }
      ]),
      budget_usd: 2.5
    }, 60)
    assert.deepStrictEqual(text.split("\n"), [
      "● plan       prompt  done before, not run again",
      "● implement  prompt  at most $1.00",
      "│   again until npm test passes, 3 rounds at most",
      "● test       check   free",
      "",
      "in all: at most $3.00; it is stopped at $2.50"
    ])
  })

  it("shows what runs side by side, and where it comes together", () => {
    const text = chainGraph(
      forecast([
        { name: "a" },
        { name: "b", after: ["a"] },
        { name: "c", after: ["a"], details: "only if it rains" },
        { name: "d", after: ["a"] },
        { name: "e", after: ["b", "d"] },
        { name: "f", after: ["c"] },
        { name: "g", after: ["c", "e", "a"] },
        { name: "h" },
        { name: "i", after: ["h", "g"] }
      ]),
      80
    )
    assert.deepStrictEqual(text.split("\n").slice(0, -2), [
      "●         a  prompt  at most $1.00",
      "├─┬─┬─╮",
      "● │ │ │   b  prompt  at most $1.00",
      "│ ● │ │   c  prompt  at most $1.00",
      "│ │ │ │     only if it rains",
      "│ ├─┼─┼─╮",
      "│ │ ● │ │ d  prompt  at most $1.00",
      "├─┼─╯ │ │",
      "● │   │ │ e  prompt  at most $1.00",
      "│ ●   │ │ f  prompt  at most $1.00",
      "├─────┴─╯",
      "●         g  prompt  at most $1.00",
      "│ ●       h  prompt  at most $1.00",
      "├─╯",
      "●         i  prompt  at most $1.00"
    ])
  })

  it("branches to the right, and uses lanes that have come free for steps that begin", () => {
    const text = chainGraph(
      forecast([
        { name: "a" },
        { name: "b" },
        { name: "a2", after: ["a"] },
        { name: "b2", after: ["b"] },
        { name: "c", after: ["b2"] },
        { name: "d" },
        { name: "e", after: ["b2"] }
      ]),
      40
    )
    assert.deepStrictEqual(text.split("\n").slice(0, -2).map((line) => line.slice(0, 10).trimEnd()), [
      "●     a",
      "│ ●   b",
      "● │   a2",
      "  ●   b2",
      "  ├─╮",
      "  ● │ c",
      "●   │ d",
      "    ● e"
    ])
  })

  it("is a list where the lines would take the room of the words", () => {
    const names = Array.from({ length: 30 }, (_, index) => `step-${index}`)
    const text = chainGraph(
      {
        ...forecast([
          { name: "first" },
          ...names.map((name) => ({ name, after: ["first"] })),
          { name: "last", kind: "items" as const, after: names.slice(0, 2), details: "an item for each of x" }
        ]),
        reserve_complete: false
      },
      60
    )
    assert.include(text, "● step-7   prompt  at most $1.00\n    after first\n")
    assert.include(text, "    after step-0, step-1; an item for each of x\n")
    assert.include(text, "and what the items cost that are not\nknown yet")
  })

  const Node = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 11 }))
  const Edges = Schema.Array(Schema.Tuple([Node, Node])).check(Schema.isMaxLength(30))

  const often = { arbitrary: { size: 30 } }

  const nodesOf = (edges: typeof Edges.Type) =>
    Array.from({ length: 12 }, (_, node) => ({
      name: `s${node}`,
      after: [...new Set(edges.flatMap(([from, to]) => to === node && from < to ? [`s${from}`] : []))]
    }))

  it.prop("fits the width that there is", [Edges, Node], ([edges, wide]) => {
    const width = 40 + wide * 5
    const lines = chainGraph(forecast(nodesOf(edges)), width).split("\n")
    assert.isTrue(lines.every((line) => line.length <= width), lines.join("\n"))
  }, often)

  it.prop("marks each step once, and leads as many lanes into it as steps come before it", [Edges], ([edges]) => {
    const nodes = nodesOf(edges)
    for (const [index, { above, forks, node }] of graphRows(nodes).entries()) {
      const { after, name } = nodes[index]!
      assert.strictEqual(node.split("●").length, 2)
      assert.strictEqual(above.length, after.length > 1 ? 1 : 0)
      assert.strictEqual(above.join("").replace(/[^├┴╯]/g, "").length, after.length > 1 ? after.length : 0)
      const next = nodes.filter((one) => one.after.includes(name)).length
      assert.strictEqual(forks.join("").replace(/[^├┬╮]/g, "").length, next > 1 ? next : 0)
    }
  }, often)
})
