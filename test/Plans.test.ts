/**
 * Plans by name: which of several is meant, what is wrong with one, and the ones that come with the program.
 */
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Ajv } from "ajv"
import { Effect, FileSystem, Path, Result } from "effect"
import { parse } from "yaml"
import { compileChain } from "../src/domain/ChainCompiler.ts"
import type { ChainStep } from "../src/domain/ChainDefinition.ts"
import { planSchema } from "../src/domain/PlanSchema.ts"
import { type Plan, readPlan } from "../src/domain/PlanText.ts"
import * as App from "../src/layers/App.ts"
import { shippedPlans } from "../src/plans/ShippedPlans.ts"
import { Configuration } from "../src/services/Configuration.ts"
import { Machine } from "../src/services/Machine.ts"
import { type PlanEntry, Plans } from "../src/services/Plans.ts"
import { testMachine } from "./support/TestMachine.ts"

const project = "project/.claude-pool/plans"
const user = "home/.config/claude-pool/plans"

/** The plans of a user with these files. */
const withFiles = <A, E>(
  files: { readonly [path: string]: string },
  use: (plans: Plans["Service"], root: string) => Effect.Effect<A, E>
) =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const path = yield* Path.Path
    const root = yield* fs.makeTempDirectoryScoped({ prefix: "plans-" })
    for (const [file, text] of Object.entries(files)) {
      yield* fs.makeDirectory(path.dirname(path.join(root, file)), { recursive: true })
      yield* fs.writeFileString(path.join(root, file), text)
    }
    return yield* Effect.flatMap(Plans, (plans) => use(plans, root)).pipe(
      Effect.provide(App.plans),
      Effect.provide([
        Machine.layer({ ...testMachine, home: path.join(root, "home") }),
        Configuration.layer({}, path.join(root, "project"))
      ])
    )
  }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))

const chain = (prompt: string) => `steps: [{ name: a, prompt: ${prompt} }]\n`

const promptOf = ({ definition }: Plan) => "steps" in definition ? definition.steps[0]?.prompt : definition.prompt

const summaryOf = ({ name, origin, plan }: PlanEntry) =>
  `${name}: ${origin}, ${Result.isSuccess(plan) ? plan.success.kind : "broken"}`

describe("plans", () => {
  it.effect("are those that come with the program where nobody has any", () =>
    withFiles({}, (plans) =>
      Effect.gen(function*() {
        assert.deepStrictEqual((yield* plans.list).map(summaryOf), [
          "audit: shipped, fan-out",
          "implement: shipped, chain",
          "plan-then-execute: shipped, chain",
          "triage: shipped, chain"
        ])
        const { path, text } = yield* plans.find("audit")
        assert.deepStrictEqual([path, text], [null, shippedPlans["audit"]])
      })))

  it.effect("of the project hide the user's, and those hide the shipped ones", () =>
    withFiles({
      [`${project}/both.yaml`]: chain("project"),
      [`${user}/both.yml`]: chain("user"),
      [`${user}/audit.json`]: "{\"items\": [1], \"prompt\": \"user's {item}\"}",
      [`${user}/notes.txt`]: "no plan",
      [`${user}/no name.yaml`]: "no plan"
    }, (plans, root) =>
      Effect.gen(function*() {
        assert.deepStrictEqual((yield* plans.list).map(summaryOf), [
          "audit: user, fan-out",
          "both: project, chain",
          "implement: shipped, chain",
          "plan-then-execute: shipped, chain",
          "triage: shipped, chain"
        ])
        const both = yield* plans.find("both")
        assert.strictEqual(promptOf(both.plan), "project")
        assert.strictEqual(both.path, `${root}/${project}/both.yaml`)
        assert.strictEqual(promptOf((yield* plans.find("audit")).plan), "user's {item}")
      })))

  it.effect("that are broken are there with what is wrong with them, and hide what they stand for", () =>
    withFiles({
      [`${project}/audit.yaml`]: "steps:\n  - name: a\n    prompt: '{item}'\n",
      [`${user}/twice.yaml`]: chain("one"),
      [`${user}/twice.json`]: "{}",
      [`${user}/good.yaml`]: chain("good"),
      [`${user}/folder.yaml/x`]: ""
    }, (plans, root) =>
      Effect.gen(function*() {
        const list = yield* plans.list
        assert.deepStrictEqual(list.map(summaryOf).filter((line) => !line.includes("shipped")), [
          "audit: project, broken",
          "folder: user, broken",
          "good: user, chain",
          "twice: user, broken"
        ])
        const broken = yield* Effect.flip(plans.find("audit"))
        assert.strictEqual(
          broken.message.split(";")[0],
          `${root}/${project}/audit.yaml:3:14: steps[0].prompt: {item} means nothing here`
        )
        assert.include((yield* Effect.flip(plans.find("twice"))).message, `there is also ${root}/${user}/twice.json`)
        assert.include((yield* Effect.flip(plans.find("folder"))).message, "it cannot be read")
      })))

  it.effect("that are empty files hide nothing, so that a shell can write one plan over another of its name", () =>
    withFiles({
      [`${project}/implement.yaml`]: "",
      [`${project}/mine.yaml`]: " \n\t\n",
      [`${project}/mine.json`]: "{\"steps\": [{\"name\": \"a\", \"prompt\": \"json\"}]}",
      [`${user}/mine.yaml`]: chain("user"),
      [`${project}/alone.yaml`]: "\n",
      [`${user}/alone.json`]: ""
    }, (plans, root) =>
      Effect.gen(function*() {
        const { origin, text } = yield* plans.find("implement")
        assert.deepStrictEqual([origin, text], ["shipped", shippedPlans["implement"]])
        assert.strictEqual((yield* plans.find("mine")).path, `${root}/${project}/mine.json`)
        assert.deepStrictEqual((yield* plans.list).map(summaryOf), [
          "alone: project, broken",
          "audit: shipped, fan-out",
          "implement: shipped, chain",
          "mine: project, chain",
          "plan-then-execute: shipped, chain",
          "triage: shipped, chain"
        ])
        assert.include((yield* Effect.flip(plans.find("alone"))).message, `${root}/${project}/alone.yaml`)
      })))

  it.effect("that are not there are refused with what was meant", () =>
    withFiles({}, (plans) =>
      Effect.gen(function*() {
        const failure = yield* Effect.flip(plans.find("implment"))
        assert.strictEqual(failure.message, "there is no plan implment")
        assert.include(failure.hint, "did you mean implement?")
      })))
})

describe("the plans that come with the program", () => {
  const plans = Object.entries(shippedPlans).map(([name, text]) =>
    [name, Result.getOrThrow(readPlan(text, name))] as const
  )

  const stepsOf = ({ definition }: Plan): ReadonlyArray<ChainStep> =>
    "steps" in definition ? definition.steps : [{ name: "items", ...definition }]

  it("are what editors take for plans", () => {
    const validate = new Ajv({ strict: false }).compile(planSchema())
    for (const [name, text] of Object.entries(shippedPlans)) {
      assert.isTrue(validate(parse(text)), `${name}: ${JSON.stringify(validate.errors)}`)
    }
  })

  it("say what they do, and what each variable is for", () => {
    for (const [name, { definition }] of plans) {
      assert.isNotEmpty(definition.description ?? "", name)
      for (const { description } of Object.values(definition.variables ?? {})) {
        assert.isNotEmpty(description ?? "", name)
      }
    }
  })

  it("give no worker more rights than to edit, and none but the author of a change more than to read", () => {
    const rights = plans.flatMap(([name, plan]) =>
      stepsOf(plan).map((step) => {
        const common = "steps" in plan.definition ? plan.definition.defaults?.permissions : undefined
        return `${name}/${step.name}: ${step.permissions ?? common ?? "none said"}`
      })
    )
    assert.deepStrictEqual(rights.filter((line) => !line.endsWith("read-only")), [
      "implement/implement: edit",
      "implement/mend: edit",
      "plan-then-execute/execute: edit"
    ])
  })

  it("do as their pictures say", () => {
    const order = plans.map(([name, plan]) => {
      if (plan.kind === "fan-out") return name
      const { steps } = Result.getOrThrow(compileChain(plan.definition))
      return `${name}: ${steps.map((step) => `${step.after.join("+")}>${step.name}`).join(" ")}`
    })
    assert.deepStrictEqual(order, [
      "audit",
      "implement: >plan plan>implement implement>review review>mend",
      "plan-then-execute: >plan plan>execute execute>summary",
      "triage: >classify classify>investigate classify+investigate>reply"
    ])
  })
})
