import { assert, describe, it } from "@effect/vitest"
import { Result, type Schema } from "effect"
import { parseTemplate } from "../../src/domain/Template.ts"
import { checkTemplate, type TemplateScope } from "../../src/domain/TemplateScope.ts"

const plan: Schema.Json = {
  type: "object",
  $defs: { file: { type: "object", properties: { name: { type: "string" }, next: { $ref: "#/$defs/file" } } } },
  properties: {
    title: { type: "string" },
    files: { type: "array", items: { $ref: "#/$defs/file" } },
    pair: { type: "array", prefixItems: [{ type: "string" }, { type: "object", properties: { x: {} } }], items: false },
    either: { anyOf: [{ type: "null" }, { type: "object", properties: { left: { type: "number" } } }] },
    open: { type: "object", properties: { a: { type: "string" } }, additionalProperties: true },
    scores: { type: "object", additionalProperties: { type: "object", properties: { points: { type: "number" } } } },
    list: { type: ["array", "null"] },
    anything: {},
    shut: { type: "object" },
    loop: { $ref: "#/properties/loop" },
    lost: { $ref: "https://example.org/schema" }
  }
}

const everywhere: TemplateScope = {
  vars: ["who", "branch"],
  steps: new Map<string, Schema.Json | null>([["plan", plan], ["review", null]]),
  roots: new Set(["previous_output", "item", "index", "error", "outcomes", "loop"])
}

const nowhere: TemplateScope = { vars: [], steps: new Map(), roots: new Set() }

const issues = (source: string, scope = everywhere) => checkTemplate(Result.getOrThrow(parseTemplate(source)), scope)

const hold = (sources: ReadonlyArray<string>) => {
  for (const source of sources) assert.deepStrictEqual(issues(source), [], source)
}

describe("checkTemplate", () => {
  it("lets pass what there is", () => {
    hold([
      "no reference at all",
      "{previous_output}{item}{item.any[0].thing}{index}{error}{outcomes}{loop.round}{loop.output}",
      "{vars.who} {vars.branch.deep[1]} {steps.review.output} {steps.plan.output}"
    ])
  })

  it("follows the schema of a step", () => {
    hold([
      "{steps.plan.title}",
      "{steps.plan.files}{steps.plan.files[7].name}{steps.plan.files[0].next.next.name}",
      "{steps.plan.pair[0]}{steps.plan.pair[1].x.whatever}",
      "{steps.plan.either.left}",
      "{steps.plan.open.a}{steps.plan.open.b.c[0]}",
      "{steps.plan.scores.anna.points}",
      "{steps.plan.list[3].x}",
      "{steps.plan.anything.at.all[0]}",
      "{steps.plan.loop}",
      "{steps.plan.lost.x[0]}"
    ])
    const wrong: ReadonlyArray<readonly [string, string, string]> = [
      ["titel", "titel", "did you mean title?"],
      ["ouput", "ouput", "did you mean output?"],
      ["constructor", "constructor", "allowed: output, title"],
      ["title.x", "title.x", "no fields are declared there"],
      ["title[0]", "title[0]", "no fields are declared there"],
      ["files.length", "files.length", "no fields are declared there"],
      ["files[0].nam", "files[0].nam", "did you mean name?"],
      ["files[0].next.nxt.name", "files[0].next.nxt", "did you mean next?"],
      ["pair[2]", "pair[2]", "no fields are declared there"],
      ["either.right", "either.right", "allowed: left"],
      ["open.a.b", "open.a.b", "no fields are declared there"],
      ["scores.anna.point", "scores.anna.point", "did you mean points?"],
      ["shut.x", "shut.x", "no fields are declared there"],
      ["loop.x", "loop.x", "no fields are declared there"]
    ]
    for (const [path, named, hint] of wrong) {
      const [issue, ...others] = issues(`at {steps.plan.${path}}`)
      assert.deepInclude(issue, { offset: 3, message: `the schema of step plan declares no ${named}` })
      assert.include(issue?.hint, hint)
      assert.deepStrictEqual(others, [])
    }
  })

  it("names all that is not there, each with what may be meant", () => {
    assert.deepStrictEqual(issues("{steps.reveiw.output} {vars.brunch} {steps.review.verdict}"), [
      {
        offset: 0,
        message: "there is no step reveiw before this one",
        hint: "did you mean review? allowed: plan, review"
      },
      { offset: 22, message: "there is no variable brunch", hint: "did you mean branch? allowed: who, branch" },
      {
        offset: 36,
        message: "step review declares no schema, so only {steps.review.output} can be used",
        hint: "give step review a schema that declares verdict"
      }
    ])
    assert.deepStrictEqual(
      issues("{previous_output}{steps.a.output}{vars.a}{item.x}{index}{error}{outcomes}{loop.output}", nowhere)
        .map(({ message }) => message),
      [
        "{previous_output} means nothing here",
        "there is no step a before this one",
        "there is no variable a",
        "{item.x} means nothing here",
        "{index} means nothing here",
        "{error} means nothing here",
        "{outcomes} means nothing here",
        "{loop.output} means nothing here"
      ]
    )
  })
})
