import { assert, describe, it } from "@effect/vitest"
import { Duration, Result } from "effect"
import { compileChain } from "../../src/domain/ChainCompiler.ts"
import type { ChainDefinition } from "../../src/domain/ChainDefinition.ts"
import { invalidPlan } from "../../src/domain/ChainIssue.ts"
import { fromUsd } from "../../src/domain/MicroUsd.ts"
import type { Template } from "../../src/domain/Template.ts"
import { ask, chain, hintsFor, listOf, planOf, wrongWith } from "../support/SampleChains.ts"

/** References without their braces. */
const partsOf = ({ parts }: Template) => parts.map((part) => typeof part === "string" ? part : part.source)

describe("the kind of a step", () => {
  it("is told by exactly one of prompt and check", () => {
    assert.deepStrictEqual(wrongWith(chain({ name: "a" }, ask("b", { check: "true" }))), [
      "steps[0]: step a does nothing",
      "steps[1].check: a step has a prompt or a check, and not both"
    ])
  })

  it("says which fields there are", () => {
    const definition = chain(
      ask("a", { concurrency: 2, onItemFailure: "fail-fast", reduce: "{outcomes}" }),
      ask("b", { forEach: "{vars.list}", continues: "a" }),
      { name: "c", check: "true", timeout: Duration.minutes(1), model: "opus", loop: { check: "true", max: 2 } },
      ask("d", { loop: { max: 2 } }),
      ask("e", { loop: { max: 2, check: "true", until: { value: "{steps.a.output}", exists: true } } })
    )
    assert.deepStrictEqual(wrongWith({ ...definition, variables: { list: { type: "list" } } }), [
      "steps[0].concurrency: concurrency is for a step with items",
      "steps[0].on_item_failure: on_item_failure is for a step with items",
      "steps[0].reduce: reduce is for a step with items",
      "steps[1].continues: a step with items continues no session",
      "steps[2].timeout: a check has no timeout",
      "steps[2].model: a check has no model",
      "steps[2].loop: a check has no loop",
      "steps[3].loop: a loop ends by a check or by until, and has exactly one of them",
      "steps[4].loop: a loop ends by a check or by until, and has exactly one of them"
    ])
  })

  it("decides what is planned, with the options of all steps under its own", () => {
    const plan = planOf({
      variables: { test: {} },
      defaults: { model: "haiku", effort: "low", budget: fromUsd(1) },
      steps: [
        ask("plan", { model: "opus", schema: listOf("goal"), retry: 2 }),
        ask("do", {
          forEach: "{steps.plan.tasks}",
          prompt: "{index}: {item.goal}",
          concurrency: 3,
          onItemFailure: { quorum: 2 },
          retry: { overload: 4 }
        }),
        { name: "test", check: "{vars.test} --all", retry: 1, stepTimeout: Duration.minutes(5) },
        ask("fix", { continues: "plan", onFailure: { recover: "mend {error}" }, loop: { check: "true", max: 3 } })
      ]
    })
    const [first, second, third, fourth] = plan.steps
    const twice = { process: 2, overload: 2, limit: 2, schema: 2, other: 2 }
    assert(first?.work.kind === "prompt" && second?.work.kind === "items")
    assert(third?.work.kind === "check" && fourth?.work.kind === "prompt")
    assert.deepStrictEqual(first.work.options, {
      model: "opus",
      effort: "low",
      budget: fromUsd(1),
      schema: listOf("goal"),
      retry: twice
    })
    assert.deepStrictEqual(second.work.options, {
      model: "haiku",
      effort: "low",
      budget: fromUsd(1),
      retry: { overload: 4 }
    })
    assert.deepStrictEqual([second.work.over.source, second.work.concurrency, second.work.onItemFailure], [
      "steps.plan.tasks",
      3,
      { quorum: 2 }
    ])
    assert.deepStrictEqual(partsOf(third.work.command), ["vars.test", " --all"])
    assert.deepStrictEqual(third.timeout, Duration.minutes(5))
    assert.strictEqual(fourth.work.continues, "plan")
    assert.deepStrictEqual([fourth.loop?.max, typeof fourth.onFailure], [3, "object"])
  })
})

describe("a reference", () => {
  it("reaches what comes before the step, by whatever way, and nothing else", () => {
    const prompt = "{steps.a.output} {steps.b.output} {steps.d.output} {steps.c.output}"
    const definition = chain(
      ask("a"),
      ask("b"),
      ask("c", { prompt }),
      ask("d", { after: ["a"] })
    )
    assert.deepStrictEqual(wrongWith(definition), [
      "steps[2].prompt@34: there is no step d before this one",
      "steps[2].prompt@51: there is no step c before this one"
    ])
  })

  it("reaches into a structured answer as far as its schema says", () => {
    const prompt = "{steps.plan.tasks[0].goal} {steps.plan.tasks[0].gaol} {steps.free.x} {steps.each[1].goal}"
    assert.deepStrictEqual(
      wrongWith(chain(
        ask("plan", { schema: listOf("goal") }),
        ask("free"),
        ask("each", { forEach: "{steps.plan.tasks}", schema: { type: "object", properties: { goal: {} } } }),
        ask("end", { prompt })
      )),
      [
        "steps[3].prompt@27: the schema of step plan declares no tasks[0].gaol",
        "steps[3].prompt@54: step free declares no schema, so only {steps.free.output} can be used"
      ]
    )
  })

  it("to the previous output needs exactly one step before", () => {
    const definition = chain(
      ask("a", { prompt: "{previous_output}" }),
      ask("b", { after: [] }),
      ask("c", { after: ["a", "b"], prompt: "{previous_output}" }),
      ask("d", { prompt: "{previous_output}" })
    )
    assert.deepStrictEqual(wrongWith(definition), [
      "steps[0].prompt@0: {previous_output} means nothing here",
      "steps[2].prompt@0: {previous_output} means nothing here"
    ])
    assert.deepStrictEqual(hintsFor(definition), [
      "no step comes before this one",
      "several steps come right before this one; name the one that is meant: {steps.a.output}, {steps.b.output}"
    ])
  })

  it("to an item, an error, a loop or outcomes needs a place that has one", () => {
    assert.deepStrictEqual(
      wrongWith(chain(
        ask("a", { prompt: "{item} {index} {error} {loop.round} {outcomes}" }),
        ask("b", {
          onFailure: { recover: "{error} {item}" },
          loop: { check: "true", max: 2 },
          prompt: "{loop.output}"
        }),
        ask("c", {
          prompt: "{loop.round} {loop.output}",
          loop: { until: { value: "{loop.round}", is: 2 }, max: 2 },
          when: { value: "{loop.round}", is: 1 }
        })
      )),
      [
        "steps[0].prompt@0: {item} means nothing here",
        "steps[0].prompt@7: {index} means nothing here",
        "steps[0].prompt@15: {error} means nothing here",
        "steps[0].prompt@23: {loop.round} means nothing here",
        "steps[0].prompt@36: {outcomes} means nothing here",
        "steps[1].on_failure.recover@8: {item} means nothing here",
        "steps[2].when.value@0: {loop.round} means nothing here"
      ]
    )
  })

  it("in a condition is found by where it stands, and a loop's own may look at its step", () => {
    const until = { value: "{steps.a.tasks[0].ok}", is: true }
    assert.deepStrictEqual(
      wrongWith(chain(
        ask("a", { schema: listOf("ok"), loop: { until, max: 3 } }),
        ask("b", {
          when: { all: [{ value: "{steps.a.titel}", is: "x" }, { not: { any: [{ value: "no", exists: true }] } }] }
        })
      )),
      [
        "steps[1].when.all[1].not.any[0].value@0: a condition tests exactly one reference"
      ]
    )
    assert.deepStrictEqual(
      wrongWith(
        chain(ask("a", { schema: listOf("ok") }), ask("b", { when: { not: { value: "{steps.a.titel}", is: 1 } } }))
      ),
      ["steps[1].when.not.value@0: the schema of step a declares no titel"]
    )
  })

  it("to a variable is to one that is declared, and into it where it has parts", () => {
    const prompt = "{vars.list[0].x} {vars.text.x} {vars.tex}"
    assert.deepStrictEqual(
      wrongWith({ ...chain(ask("a", { prompt })), variables: { list: { type: "list" }, text: { default: "" } } }),
      [
        "steps[0].prompt@17: the variable text is a string and has no x",
        "steps[0].prompt@31: there is no variable tex"
      ]
    )
  })
})

describe("a step with items", () => {
  const withList = (forEach: string, prompt = "{item}"): ChainDefinition => ({
    variables: { files: { type: "list" }, any: { type: "json" }, word: {} },
    steps: [ask("plan", { schema: listOf("goal") }), ask("do", { forEach, prompt })]
  })

  it("has one reference to something that can be a list", () => {
    assert.deepStrictEqual(
      ["{steps.plan.tasks}", "{vars.files}", "{vars.any.files}"].flatMap((forEach) => wrongWith(withList(forEach))),
      []
    )
    const wrong = ["tasks", "{vars.files} {vars.files}", "{steps.plan.title}", "{previous_output}", "{vars.word}"]
    assert.deepStrictEqual(wrong.flatMap((forEach) => wrongWith(withList(forEach))), [
      "steps[1].for_each: this is not one reference",
      "steps[1].for_each: this is not one reference",
      "steps[1].for_each: the schema of step plan does not declare title as a list",
      "steps[1].for_each: {previous_output} is a text and no list",
      "steps[1].for_each: the variable word is a string and no list"
    ])
  })

  it("knows of its items what the schema of the list says", () => {
    assert.deepStrictEqual(wrongWith(withList("{steps.plan.tasks}", "{item.goal} {item.gaol}")), [
      "steps[1].prompt@12: the schema of the list declares no {item.gaol}"
    ])
    assert.deepStrictEqual(wrongWith(withList("{vars.files}", "{item.anything}")), [])
  })

  it("is reduced by a prompt that gets the outcomes", () => {
    const definition = chain(ask("a", { forEach: "{vars.list}", reduce: "sum up {item}" }))
    assert.deepStrictEqual(wrongWith({ ...definition, variables: { list: { type: "list" } } }), [
      "steps[0].reduce@7: {item} means nothing here"
    ])
    const without = chain(ask("a", { forEach: "{vars.list}", reduce: "sum up" }))
    assert.deepStrictEqual(wrongWith({ ...without, variables: { list: { type: "list" } } }), [
      "steps[0].reduce: it does not say {outcomes}"
    ])
  })
})

describe("a step that continues another", () => {
  it("needs one before it that has a session", () => {
    const definition = chain(
      ask("a"),
      { name: "b", check: "true" },
      ask("c", { continues: "b" }),
      ask("d", { continues: "e" }),
      ask("e", { continues: "a" })
    )
    assert.deepStrictEqual(wrongWith(definition), [
      "steps[2].continues: there is no step b before this one that has a session",
      "steps[3].continues: there is no step e before this one that has a session"
    ])
  })
})

describe("a command", () => {
  it("takes variables of one word or number, and nothing that a worker wrote", () => {
    const definition: ChainDefinition = {
      variables: { test: {}, files: { type: "list" } },
      steps: [
        ask("a"),
        { name: "b", check: "awk '{print $1}' ${vars.x} {} {{.State}} {vars.test}" },
        { name: "c", check: "echo {steps.a.output} {vars.tset} {vars.files}" },
        ask("d", { loop: { check: "{vars.tset}", max: 2 } })
      ]
    }
    assert.deepStrictEqual(wrongWith(definition), [
      "steps[2].check@5: {steps.a.output}: a command is not made of what a worker wrote",
      "steps[3].loop.check@0: there is no variable tset"
    ])
    assert.deepStrictEqual(wrongWith({ ...definition, steps: [{ name: "c", check: "ls {vars.files} {vars.test}" }] }), [
      "steps[0].check@3: the variable files is a list and has no place here"
    ])
  })

  it("keeps the shell's own braces as they are", () => {
    const command = "awk '{print $1}' ${vars.x} {} {{.State}} {vars.test} {a,b}"
    const { work } = planOf({ variables: { test: {} }, steps: [{ name: "b", check: command }] }).steps[0]!
    assert(work.kind === "check")
    assert.strictEqual(partsOf(work.command).join(""), command.replace("{vars.test}", "vars.test"))
  })
})

describe("a plan that cannot be run", () => {
  it("is refused with the places, and with the way out", () => {
    const plan = compileChain(chain(ask("plan"), ask("fix", { prompt: "{steps.pln.output}" })))
    assert(Result.isFailure(plan))
    assert.strictEqual(
      invalidPlan("the chain", plan.failure).message,
      "the chain: steps[1].prompt: there is no step pln before this one; did you mean plan? allowed: plan"
    )
  })
})
