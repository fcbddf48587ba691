/**
 * Steps that are run more than once: in the rounds of a loop, and for each element of a list.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Ref, type Schema } from "effect"
import { Store } from "../src/services/Store.ts"
import { answers, play, rejected, structured } from "./support/ChainScript.ts"
import { memoryFiles } from "./support/MemoryFiles.ts"
import { answer } from "./support/ScriptedClaude.ts"
import { exits, testChains } from "./support/TestChains.ts"

const list = { type: "object", properties: { files: { type: "array", items: { type: "string" } } } } as const

const plan = (files: ReadonlyArray<Schema.Json>) => Effect.succeed(structured({ files }))

const pool = (words: Parameters<typeof answers>[0] = {}, more: Parameters<typeof testChains>[0] = {}) =>
  Effect.provide(testChains({ script: { run: answers(words) }, ...more }))

describe("a loop with a check", () => {
  const steps = [
    { name: "fix", prompt: "fix {loop.round} {loop.output}", loop: { check: "npm test", max: 3 } },
    { name: "after", prompt: "after {steps.fix.output}" }
  ] as const

  const failingUntil = (round: number) =>
    Effect.map(
      Ref.make(0),
      (rounds) => () =>
        Effect.flatMap(Ref.updateAndGet(rounds, (n) => n + 1), (n) => exits(n < round ? 1 : 0, `${n} of ${round}`))
    )

  it.effect("tells each round what the check said of the one before, until it passes", () =>
    Effect.gen(function*() {
      const check = yield* failingUntil(3)
      const { journal, prompts, record, tasks } = yield* pool({}, { check })(play(steps))
      assert.deepStrictEqual(prompts, ["fix 1 ", "fix 2 1 of 3", "fix 3 2 of 3", "after did fix 3 2 of 3"])
      assert.deepStrictEqual(Object.keys(journal), [
        "fix/1",
        "fix/check-1",
        "fix/2",
        "fix/check-2",
        "fix/3",
        "fix/check-3",
        "fix",
        "after"
      ])
      assert.strictEqual(record("fix")?.rounds, 3)
      assert.deepStrictEqual(tasks.map(({ parent }) => parent?._tag === "Step" ? parent.round : null), [1, 2, 3, 1])
    }))

  it.effect("has failed after its last round, with what the check said", () =>
    Effect.gen(function*() {
      const check = yield* failingUntil(9)
      const { chain, why } = yield* pool({}, { check })(play(steps))
      assert.deepInclude(chain.state, { _tag: "Failed", step: "fix" })
      assert.deepInclude(why("fix"), { _tag: "CheckFailed", command: "npm test", code: 1, output: "3 of 9" })
    }))

  it.effect("ends at a round that fails", () =>
    Effect.gen(function*() {
      const { journal } = yield* play([{ name: "a", prompt: "fail", loop: { check: "true", max: 3 } }])
      assert.deepStrictEqual(journal, { "a/1": "Failed", a: "Failed" })
    }).pipe(pool({ fail: rejected })))
})

describe("a loop with a condition", () => {
  const until = { value: "{steps.a.files[0]}", is: "done" } as const

  it.effect("asks about the answer of its own round", () =>
    Effect.gen(function*() {
      const rounds = yield* Ref.make(0)
      const run = Effect.flatMap(Ref.updateAndGet(rounds, (n) => n + 1), (n) => plan([n === 2 ? "done" : "more"]))
      const { journal, record } = yield* pool({ work: run })(
        play([{ name: "a", prompt: "work", schema: list, loop: { until, max: 5 } }])
      )
      assert.deepStrictEqual(journal, { "a/1": "Done", "a/2": "Done", a: "Done" })
      assert.strictEqual(record("a")?.rounds, 2)
    }))

  it.effect("has failed where it never holds", () =>
    Effect.gen(function*() {
      const { why } = yield* play([{ name: "a", prompt: "work", schema: list, loop: { until, max: 2 } }])
      assert.deepInclude(why("a"), { _tag: "ConditionNotMet", max: 2 })
    }).pipe(pool({ work: plan(["more"]) })))
})

describe("a step with items", () => {
  const steps = [
    { name: "plan", prompt: "plan", schema: list },
    { name: "each", prompt: "do {index} {item}", forEach: "{steps.plan.files}" },
    { name: "after", prompt: "after {steps.each[1]}" }
  ] as const

  it.effect("asks once for each element, and has the answers in their order", () =>
    Effect.gen(function*() {
      const { prompts, record, state } = yield* play(steps)
      assert.strictEqual(state, "Done")
      assert.deepInclude(record("each")?.outcome, {
        result: {
          output: `"did do 0 x"\n"did do 1 y"`,
          outputChars: 25,
          value: ["did do 0 x", "did do 1 y"]
        }
      })
      assert.deepStrictEqual(prompts, ["plan", "after did do 1 y"])
      const group = record("each")?.group
      assert.isNotNull(group)
      const members = yield* (yield* Store).groups.members(group!, { from: 0, limit: 10 })
      assert.deepStrictEqual(members.map(({ task }) => task.prompt), ["do 0 x", "do 1 y"])
    }).pipe(pool({ plan: plan(["x", "y"]) })))

  it.effect("is done at once where there is nothing to do", () =>
    Effect.gen(function*() {
      const { record } = yield* play(steps.slice(0, 2) as unknown as typeof steps)
      assert.deepInclude(record("each")?.outcome, { result: { output: "", outputChars: 0, value: [] } })
    }).pipe(pool({ plan: plan([]) })))

  it.effect("says what is no list", () =>
    Effect.gen(function*() {
      const { why } = yield* play([
        { name: "plan", prompt: "plan", schema: { type: "object", properties: { files: {} } } },
        { name: "each", prompt: "do {item}", forEach: "{steps.plan.files}" }
      ])
      assert.match((why("each") as Error).message, /\{steps.plan.files\} is a text and no list/)
    }).pipe(pool({ plan: Effect.succeed(structured({ files: "x" })) })))

  it.effect("has one answer made of all where that is asked for", () =>
    Effect.gen(function*() {
      const { prompts, record } = yield* play([
        { name: "each", prompt: "do {item}", forEach: "{vars.files}", reduce: "sum of {vars.word}: {outcomes}" },
        { name: "after", prompt: "after {steps.each.output}" }
      ], {
        chain: { variables: { files: { type: "list" }, word: {} } },
        vars: { files: ["x", "{item}"], word: "{outcomes}" }
      })
      assert.deepStrictEqual(prompts, ["after the sum"])
      const reducer = record("each")?.task
      const found = yield* (yield* Store).list({ limit: 10, states: ["Done"] })
      const prompt = found.tasks.find(({ id }) => id === reducer)?.prompt ?? ""
      assert.match(prompt, /^sum of \{outcomes\}:/)
      assert.match(prompt, /did do \{item\}/)
    }).pipe(pool({ sum: Effect.succeed(answer("the sum")) })))

  it.effect("fails with its group, and leaves null for what failed where it may go on", () =>
    Effect.gen(function*() {
      const items = {
        name: "each",
        prompt: "{item} it",
        forEach: "{vars.words}"
      } as const
      const words = {
        chain: { variables: { words: { type: "list" } } },
        vars: { words: ["fail", "do"] }
      } as const
      const all = yield* play([items], words)
      assert.deepInclude(all.why("each"), { _tag: "ItemsFailed", failed: 1, of: 2 })
      const some = yield* play([{ ...items, onItemFailure: { quorum: 1 } }], words)
      assert.deepInclude(some.record("each")?.outcome, {
        result: { output: `null\n"did do it"`, outputChars: 16, value: [null, "did do it"] }
      })
    }).pipe(pool({ fail: rejected })))
})

describe("a value that is too long for a prompt", () => {
  it.effect("is in a file of the working directory while its chain runs, and gone afterwards", () =>
    Effect.gen(function*() {
      const files = memoryFiles()
      const seen: Array<Record<string, string>> = []
      const long = "word ".repeat(10_000)
      const run = ({ prompt }: { readonly prompt: string }) =>
        Effect.sync(() => {
          if (prompt.startsWith("read")) seen.push(Object.fromEntries(files.files))
          return answer(prompt === "write" ? long : prompt)
        })
      const { chain, prompts } = yield* Effect.provide(
        play([{ name: "a", prompt: "write" }, { name: "b", prompt: "read {previous_output}" }], { cwd: "/project" }),
        testChains({ files, script: { run } })
      )
      const [, path] = /in the file (\S+)\]/.exec(prompts[1]!) ?? []
      assert.match(path!, new RegExp(`^\\.claude-pool/inputs/${chain.id}/b-[0-9a-f]{12}/previous_output\\.txt$`))
      assert.deepStrictEqual(seen, [{ "/project/.claude-pool/inputs/.gitignore": "*\n", [`/project/${path}`]: long }])
      assert.deepStrictEqual([...files.files.keys()], [])
    }))
})
