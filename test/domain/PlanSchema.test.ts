import { assert, describe, it } from "@effect/vitest"
import { Ajv } from "ajv"
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { parse } from "yaml"
import { planSchema } from "../../src/domain/PlanSchema.ts"

const validates = (() => {
  const validate = new Ajv({ strict: false }).compile(planSchema())
  return (text: string): boolean => validate(parse(text))
})()

describe("the schema of plan files", () => {
  it("is published with the program", () => {
    const published = fileURLToPath(new URL("../../dist/plan.schema.json", import.meta.url))
    assert.deepStrictEqual(JSON.parse(readFileSync(published, "utf8")), planSchema())
  })

  it("takes chains and fan-outs", () => {
    assert.isTrue(validates(`
name: mend
budget_usd: 2.5
variables: { test: { type: string, default: npm test } }
defaults: { permissions: read-only, timeout: 20m }
steps:
  - name: plan
    prompt: make a plan
    schema: { type: object, properties: { tasks: { type: array } } }
  - name: do
    for_each: "{steps.plan.tasks}"
    prompt: "{item}"
    on_item_failure: { quorum: 2 }
    when: { not: { all: [{ value: "{steps.plan.tasks}", exists: false }] } }
  - name: test
    check: "{vars.test}"
    retry: { process: 1 }
    on_failure: { recover: "mend {error}" }
  - name: fix
    prompt: go
    loop: { check: "true", max: 3 }
`))
    assert.isTrue(validates("over: { glob: '**/*.ts' }\nprompt: read {item}\nreduce: '{outcomes}'\n"))
    assert.isTrue(validates("items: [1, { a: 2 }]\nprompt: read {item}\nitem_budget_usd: 1\n"))
  })

  it("says how often a result may be sent back, which is as often as the number says", () => {
    const said = "How often the result may be sent back; rejected once more, the task fails."
    assert.include(JSON.stringify(planSchema()), said)
  })

  it("takes nothing that is plainly wrong", () => {
    const broken = [
      "steps: []",
      "steps: [{ prompt: go }]",
      "steps: [{ name: a }]",
      "steps: [{ name: a, prompt: go, check: ls }]",
      "steps: [{ name: a b, prompt: go }]",
      "steps: [{ name: a, prmpt: go }]",
      "steps: [{ name: a, prompt: go, concurrency: 2 }]",
      "steps: [{ name: a, prompt: go, retry: 50 }]",
      "steps: [{ name: a, prompt: go, on_failure: never }]",
      "steps: [{ name: a, prompt: go, loop: { max: 2 } }]",
      "steps: [{ name: a, prompt: go, loop: { check: ls, max: 200 } }]",
      "steps: [{ name: a, prompt: go, when: { value: x, iss: 3 } }]",
      "steps: [{ name: a, prompt: go, effort: lots }]",
      "{ steps: [{ name: a, prompt: go }], variables: { a b: {} } }",
      "{ steps: [{ name: a, prompt: go }], variables: { a: { type: text } } }",
      "{ steps: [{ name: a, prompt: go }], defaults: { prompt: x } }",
      "prompt: go",
      "{ prompt: go, items: [], over: x }",
      "{ prompt: go, over: 3 }",
      "{ over: x }"
    ]
    assert.deepStrictEqual(broken.filter(validates), [])
  })

  it("says of every field what it is for", () => {
    const { chain, "fan-out": fanOut } = planSchema()["definitions"] as Record<
      string,
      { readonly properties: Record<string, { readonly description?: string; readonly items?: typeof chain }> }
    >
    const steps = chain?.properties["steps"]?.items
    const undescribed = [chain, fanOut, steps].flatMap((one) =>
      Object.entries(one?.properties ?? {}).filter(([, { description }]) => description === undefined)
    )
    assert.deepStrictEqual(undescribed.map(([name]) => name), [])
  })
})
