import { assert, describe, it } from "@effect/vitest"
import { Duration, Result, Schema } from "effect"
import { ChainDefinition } from "../../src/domain/ChainDefinition.ts"
import { fromUsd } from "../../src/domain/MicroUsd.ts"
import { readChain, readPlan } from "../../src/domain/PlanText.ts"

/** Each as `line:column: message`. */
const wrongWith = (text: string): ReadonlyArray<string> => {
  const plan = readPlan(text, "plan.yaml")
  return Result.isSuccess(plan)
    ? []
    : plan.failure.issues.map(({ column, line, message }) => `${line}:${column}: ${message}`)
}

/** Only where, and how it begins. */
const placesOf = (text: string): ReadonlyArray<string> => wrongWith(text).map((line) => line.split(";")[0]!)

const definitionOf = (text: string) => {
  const plan = readPlan(text, "plan.yaml")
  if (Result.isFailure(plan)) assert.fail(plan.failure.message)
  return plan.success
}

const chain = `# what it does
name: mend
budget_usd: 2.5
variables:
  test: { default: npm test }
defaults:
  permissions: edit
steps:
  - name: fix
    prompt: |
      Mend it.
      The check says: {loop.output}
    loop:
      check: "{vars.test}"
      max: 3
  - name: report
    timeout: 20m
    prompt: Say what you did, in a line.
    continues: fix
`

describe("a plan's text", () => {
  it("is read to a definition, from YAML and from JSON", () => {
    const expected: ChainDefinition = {
      name: "mend",
      budget: fromUsd(2.5),
      variables: { test: { default: "npm test" } },
      defaults: { permissions: "edit" },
      steps: [
        {
          name: "fix",
          prompt: "Mend it.\nThe check says: {loop.output}\n",
          loop: { check: "{vars.test}", max: 3 }
        },
        {
          name: "report",
          timeout: Duration.minutes(20),
          prompt: "Say what you did, in a line.",
          continues: "fix"
        }
      ]
    }
    assert.deepStrictEqual(definitionOf(chain), { kind: "chain", definition: expected })
    const json = JSON.stringify(Schema.encodeSync(ChainDefinition)(expected), null, "\t")
    assert.deepStrictEqual(definitionOf(json), { kind: "chain", definition: expected })
    assert.deepStrictEqual(definitionOf(chain.replaceAll("\n", "\r\n")).kind, "chain")
  })

  it("is a fan-out where it has a prompt and no steps", () => {
    const text = "over: { glob: 'src/**/*.ts' }\nprompt: read {item}\nitem_budget_usd: 0.5\nbudget_usd: 10\n"
    assert.deepStrictEqual(definitionOf(text), {
      kind: "fan-out",
      definition: {
        over: { glob: "src/**/*.ts" },
        prompt: "read {item}",
        itemBudget: fromUsd(0.5),
        budget: fromUsd(10)
      }
    })
    const asChain = readChain(text, "plan.yaml")
    assert.isTrue(Result.isFailure(asChain) && asChain.failure.message.startsWith("plan.yaml:1:1: this is a fan-out"))
  })

  it("may use an anchor and its alias", () => {
    const text = "steps:\n  - { name: a, prompt: &p go }\n  - { name: b, prompt: *p }\n"
    const { definition } = definitionOf(text)
    assert.deepStrictEqual("steps" in definition ? definition.steps.map(({ prompt }) => prompt) : [], ["go", "go"])
  })
})

describe("what is wrong with the text itself", () => {
  it("is told with its line and column", () => {
    assert.deepStrictEqual(wrongWith("steps:\n  - name: a\n    prompt: go\n    name: b\n"), [
      "4:5: Map keys must be unique"
    ])
    assert.deepStrictEqual(wrongWith("steps:\n  - name: a\n    prompt: !shell ls\n"), ["3:13: Unresolved tag: !shell"])
    assert.deepStrictEqual(placesOf("steps: [{name: a, prompt: go}\n"), [
      "2:1: Flow sequence in block collection must be sufficiently indented and end with a ]"
    ])
    assert.deepStrictEqual(wrongWith("steps:\n\t- name: a\n")[0], "2:1: Tabs are not allowed as indentation")
    assert.deepStrictEqual(wrongWith("{\"steps\": [}")[1], "1:12: Flow map must end with a }")
    assert.deepStrictEqual(wrongWith("steps: []\n---\nsteps: []\n"), [
      "2:1: a second document begins here, and a plan is only one"
    ])
  })

  it("has limits that no alias gets around", () => {
    const bomb = `a0: &a0 [x, x]\n${
      Array.from({ length: 30 }, (_, n) => `a${n + 1}: &a${n + 1} [*a${n}, *a${n}]\n`).join("")
    }`
    assert.match(wrongWith(bomb)[0] ?? "", /there is too much of it/)
    assert.deepStrictEqual(wrongWith("steps: &a\n  - *a\n"), [
      "2:5: it is nested too deeply, or an alias stands for what it is in"
    ])
    assert.deepStrictEqual(wrongWith("steps: *a\n"), ["1:8: there is no such anchor before this alias"])
    assert.isNotEmpty(wrongWith(`steps: ${"[".repeat(50_000)}`))
    assert.deepStrictEqual(wrongWith(`# ${"x".repeat(1_000_000)}`), [
      "1:1: the text is longer than 1000000 characters"
    ])
  })

  it("is that it is no plan at all", () => {
    assert.deepStrictEqual(wrongWith(""), ["1:1: a plan has fields, such as steps; this is null"])
    assert.deepStrictEqual(wrongWith("- a\n"), ["1:1: a plan has fields, such as steps; this is a list"])
    assert.deepStrictEqual(wrongWith("{}"), ["1:1: steps is missing"])
    assert.deepStrictEqual(wrongWith("%YAML 1.1\n---\nsteps: []\n"), [
      "1:1: plans are YAML 1.2: leave the directive out"
    ])
    assert.deepStrictEqual(wrongWith("steps: .inf\n"), [
      "1:8: only texts, numbers, true, false and null can be values"
    ])
  })
})

describe("what is wrong with a plan's fields", () => {
  it("is told all at once, unknown ones with what was meant", () => {
    assert.deepStrictEqual(
      wrongWith(`steps:
  - name: a b
    prmpt: go
    forEach: "{x}"
    timeout: 5
    effort: "lots"
  - prompt: go
    loop:
      max: 300
      until: { value: x, isnot: 3 }
    on_failure: { recovr: x }
varables: {}
defaults: { max_turns: 0 }
`),
      [
        "2:11: steps[0].name: Expected a name of at most 64 letters, digits, dashes and underscores that begins with a letter",
        "3:5: there is no field steps[0].prmpt; did you mean prompt?",
        "4:5: there is no field steps[0].forEach; did you mean for_each?",
        "5:14: steps[0].timeout: Expected a duration such as 90s, 5m or 1h30m",
        "6:13: steps[0].effort: Expected \"low\" | \"medium\" | \"high\" | \"xhigh\" | \"max\"",
        "7:5: steps[1].name is missing",
        "9:12: steps[1].loop.max: Expected a value between 1 and 100",
        "10:26: there is no field steps[1].loop.until.isnot; did you mean is_not?",
        "11:17: steps[1].on_failure.recover is missing",
        "11:19: there is no field steps[1].on_failure.recovr; did you mean recover?",
        "12:1: there is no field varables; did you mean variables?",
        "13:24: defaults.max_turns: Expected a value greater than or equal to 1"
      ]
    )
  })

  it("is told of a fan-out, too", () => {
    assert.deepStrictEqual(wrongWith("over: { glb: x }\nprompt: '{item}'\nmodle: opus\n"), [
      "1:9: there is no field over.glb; did you mean glob?",
      "3:1: there is no field modle; did you mean model?"
    ])
    assert.deepStrictEqual(placesOf("over: { glob: x, lines: y }\nprompt: go\n"), [
      "1:7: over: say either glob or lines"
    ])
    assert.deepStrictEqual(placesOf("prompt: '{previous_output}'\nreduce: sum up\n"), [
      "1:1: there is nothing to fan out over",
      "1:10: prompt: {previous_output} means nothing here",
      "2:9: reduce: it does not say {outcomes}"
    ])
    assert.deepStrictEqual(placesOf("over: '{vars.fils}'\nprompt: go\nvariables: { files: { type: list } }\n"), [
      "1:8: over: there is no variable fils"
    ])
  })
})

describe("what is wrong in a text of a plan", () => {
  it("has its place in a literal block", () => {
    assert.deepStrictEqual(
      placesOf(`steps:
  - name: a
    prompt: |  # as it is
      Look at this:

        - {steps.x.output}
      {item} and {vars.y}
`),
      [
        "6:11: steps[0].prompt: there is no step x before this one",
        "7:7: steps[0].prompt: {item} means nothing here",
        "7:18: steps[0].prompt: there is no variable y"
      ]
    )
  })

  it("has its place in a folded block, in quotes, and in plain text", () => {
    assert.deepStrictEqual(
      placesOf(`steps:
  - name: a
    prompt: >-
      folded
      text, {vars.a}

      and {vars.b}
    system_prompt: x
  - name: b
    prompt: "tab\\t quote\\" \\
      {vars.c} \\u00e9 {vars.d}"
  - name: c
    prompt: 'it''s
      {vars.e}'
  - name: d
    prompt: plain
      and {vars.f}
`),
      [
        "5:13: steps[0].prompt: there is no variable a",
        "7:11: steps[0].prompt: there is no variable b",
        "11:7: steps[1].prompt: there is no variable c",
        "11:23: steps[1].prompt: there is no variable d",
        "14:7: steps[2].prompt: there is no variable e",
        "17:11: steps[3].prompt: there is no variable f"
      ]
    )
  })

  it("has its place in JSON, on whatever line", () => {
    assert.deepStrictEqual(placesOf("{\"steps\": [\n\t{\"name\": \"a\", \"prompt\": \"x\\n\\n {vars.a}\"}]}"), [
      "2:33: steps[0].prompt: there is no variable a"
    ])
  })
})

describe("what is wrong between steps", () => {
  it("is told where the step says it, and by its keys", () => {
    assert.deepStrictEqual(
      placesOf(`variables:
  count:
    type: number
    default: many
steps:
  - name: a
    after: [b]
    prompt: go
  - name: b
    prompt: go
    concurrency: 3
    loop:
      max: 3
  - name: b
    check: "true"
    continues: a
  - name: c
    after:
      - a
      - d
    when:
      all:
        - value: "{steps.a.output}"
          exists: true
        - value: "x"
          exists: true
`),
      [
        "4:14: variables.count.default: a text is not a number",
        "7:13: steps[0].after[0]: these steps wait for each other: a → b → a",
        "11:18: steps[1].concurrency: concurrency is for a step with items",
        "12:5: steps[1].loop: a loop ends by a check or by until, and has exactly one of them",
        "14:11: steps[2].name: there are two steps b",
        "16:16: steps[2].continues: a check has no continues",
        "17:5: steps[3]: step c does nothing",
        "20:9: steps[3].after[1]: there is no step d",
        "25:19: steps[3].when.all[1].value: a condition tests exactly one reference"
      ]
    )
  })
})
