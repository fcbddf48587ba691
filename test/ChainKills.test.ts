/**
 * Pools that run chains and are killed, again and again, at any of their writes: whatever a step came to before, it is not
 * run again after, and every chain comes to its end once.
 */
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Exit, Layer, Schema, Scope } from "effect"
import type { ChainDefinition, ChainStep } from "../src/domain/ChainDefinition.ts"
import type { ChainId } from "../src/domain/ChainId.ts"
import { Failure } from "../src/domain/Failure.ts"
import type { Task } from "../src/domain/Task.ts"
import { RequestRejected } from "../src/domain/WorkerFailure.ts"
import * as StoreDirectory from "../src/layers/StoreDirectory.ts"
import { Budget } from "../src/services/Budget.ts"
import { Chains } from "../src/services/Chains.ts"
import { Store } from "../src/services/Store.ts"
import { memoryFiles } from "./support/MemoryFiles.ts"
import { type Life, makeLife, mortalStore } from "./support/MortalStore.ts"
import { answer, spendOf } from "./support/ScriptedClaude.ts"
import { exits, testChains } from "./support/TestChains.ts"

/** A step as it is drawn: which earlier ones it comes after, and everything that may be said of it. */
const Drawn = Schema.Struct({
  kind: Schema.Literals(["prompt", "prompt", "items", "check"]),
  after: Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 7 }))).check(Schema.isMaxLength(3)),
  fails: Schema.Literals([false, false, true]),
  onFailure: Schema.Literals(["abort", "skip", "continue", "recover"]),
  /** Rounds of its loop; 0: it has none. */
  rounds: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 3 })),
  asks: Schema.Literals(["nothing", "whether the first one is there"]),
  long: Schema.Boolean
})

const Lives = Schema.Array(Schema.Struct({
  writes: Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 20 })),
  lastIsDone: Schema.Boolean
}))

const kills = 8
const runs = 250

const stepOf = (drawn: typeof Drawn.Type, index: number): ChainStep => {
  const name = `s${index}`
  const after = [...new Set(drawn.after.filter((one) => one < index))].map((one) => `s${one}`)
  const common = {
    name,
    after,
    ...(drawn.asks === "nothing" || after.length === 0
      ? {}
      : { when: { value: `{steps.${after[0]}.output}`, exists: true } as const }),
    onFailure: drawn.onFailure === "recover" ? { recover: `mend ${name}: {error}` } : drawn.onFailure
  }
  const word = drawn.fails ? "fail" : "do"
  const outputs = after.map((one) => `{steps.${one}.output}`).join(" ")
  if (drawn.kind === "check") return { ...common, check: `${word} ${name}` }
  if (drawn.kind === "items") {
    return {
      ...common,
      forEach: "{vars.list}",
      prompt: `${word} ${name} {item} {index} ${outputs}`,
      reduce: `sum ${name} {outcomes}`
    }
  }
  return {
    ...common,
    prompt: `${word} ${name} ${outputs} ${drawn.long ? "{vars.long}" : ""} ${
      drawn.rounds > 0 ? "round {loop.round}" : ""
    }`,
    ...(drawn.rounds === 0 ? {} : { loop: { check: `round ${name} of ${drawn.rounds}`, max: 3 } })
  }
}

const definitionOf = (drawn: ReadonlyArray<typeof Drawn.Type>): ChainDefinition => {
  const [first, ...others] = drawn.map(stepOf)
  return {
    variables: {
      list: { type: "list", default: ["x", "y"] },
      long: { default: "long ".repeat(5000) }
    },
    steps: [first!, ...others]
  }
}

/** What has been done although it was done before. */
type Repeated = Array<string>

/** What a task of a step does: its unit, and the hash of all that goes into it. */
const workOf = ({ key }: Pick<Task, "key">): { readonly unit: string; readonly hash: string } => {
  const [, unit = "", hash = ""] = /^c_\w+\/(.*)\/([0-9a-f]{32})\//.exec(key ?? "") ?? []
  return { unit, hash }
}

const isDone = ({ state }: Task): boolean => state._tag === "Done"

/** Looks at what is on record when a prompt is begun: whether the same has been done, and whether it was answered. */
const findRepeated = Effect.fnUntraced(function*(store: Store["Service"], ids: ReadonlyArray<ChainId>, prompt: string) {
  const found: Repeated = []
  for (const id of ids) {
    const tasks = yield* store.chains.tasks(id)
    const begun = tasks.filter((task) => task.prompt === prompt && task.state._tag === "Running")
    for (const { hash, unit } of begun.map(workOf)) {
      const record = (yield* store.chains.journal(id)).find(({ key }) => key === unit)
      if (record?.outcome._tag === "Done" && record.hash.startsWith(hash)) found.push(`${id} ${unit} is on record`)
      const answered = tasks.some((task) => isDone(task) && workOf(task).unit === unit && workOf(task).hash === hash)
      if (answered) found.push(`${id} ${unit} had been answered`)
    }
  }
  return found
})

const history = Effect.fnUntraced(function*(
  drawn: ReadonlyArray<typeof Drawn.Type>,
  lives: (typeof Lives)["Type"]
) {
  const world = yield* Effect.scope
  const store = Context.get(yield* Layer.buildWithScope(StoreDirectory.layerMemory, world), Store)
  const files = memoryFiles()
  const definition = definitionOf(drawn)
  const repeated: Repeated = []
  const ids: Array<ChainId> = []
  const asked = new Set<string>()

  const open = Effect.fnUntraced(function*(life: Life) {
    // A scope that nobody closes: what is killed runs no finalizers.
    const scope = yield* Scope.make()
    const context = yield* Layer.buildWithScope(
      testChains({
        files,
        slots: 2,
        settled: (yield* store.spent).cost,
        store: Layer.succeed(Store, mortalStore(store, life)),
        script: {
          spend: spendOf(0.001),
          run: Effect.fnUntraced(function*({ prompt }) {
            repeated.push(...yield* findRepeated(store, ids, prompt))
            yield* Effect.yieldNow
            if (yield* life.isOver) return yield* Effect.never
            return prompt.startsWith("fail")
              ? yield* new Failure({ reason: new RequestRejected({ status: 400, detail: "no" }) })
              : answer(`did ${prompt.slice(0, 20)}`)
          })
        },
        check: Effect.fnUntraced(function*({ command }) {
          yield* Effect.yieldNow
          if (yield* life.isOver) return yield* Effect.never
          const [word, name, , most] = command.split(" ")
          if (word !== "round") return yield* exits(word === "fail" ? 1 : 0, `said ${command}`)
          asked.add(`${name}`)
          return yield* exits(asked.size % 2 === 0 || most === "1" ? 0 : 1, "again")
        })
      }),
      scope
    )
    return { life, scope, chains: Context.get(context, Chains), budget: Context.get(context, Budget) }
  })

  /** Runs chains, one after the other, until the life ends. */
  const live = Effect.fnUntraced(function*(life: Life) {
    const play = Effect.gen(function*() {
      const { chains } = yield* open(life)
      while (true) {
        const last = ids.at(-1)
        if (last !== undefined) yield* chains.ended(last)
        ids.push((yield* chains.submit({ definition })).id)
      }
    })
    // Not waited for: what is killed in the middle of something never ends.
    yield* Effect.forkDetach(play)
    yield* life.ended
  })

  for (const { lastIsDone, writes } of lives) yield* live(makeLife(writes, lastIsDone))

  const { budget, chains, scope } = yield* open(makeLife(null, false))
  const left = yield* store.chains.list({ limit: 100 })
  for (const { id } of left.chains) {
    const chain = yield* chains.ended(id)
    const journal = yield* store.chains.journal(id)
    const tasks = yield* store.chains.tasks(id)
    assert.deepStrictEqual(tasks.filter((task) => !task.isFinished), [])
    const answered = tasks.filter(isDone).map((task) => JSON.stringify(workOf(task)))
    assert.deepStrictEqual(answered.filter((one, at) => answered.indexOf(one) !== at), [], "answered twice")
    if (chain.state._tag === "Done") {
      const keys = new Set(journal.map(({ key }) => key))
      assert.deepStrictEqual(definition.steps.filter(({ name }) => !keys.has(name)), [])
    }
  }
  // A group runs none of its items twice by itself: here it is only to be the same one.
  const { groups } = yield* store.groups.list({ limit: 1000 })
  const units = groups.map((group) => `${group.within} ${JSON.stringify(workOf(group))}`)
  assert.deepStrictEqual(units.filter((unit, at) => units.indexOf(unit) !== at), [], "begun twice")
  const log = (yield* store.events(0, 100_000)).map(({ event }) => event)
  const ends = log.flatMap((event) => {
    if (event._tag === "ChainFinished") return [event.id]
    return event._tag === "StepFinished" ? [`${event.id} ${event.step}`] : []
  })
  assert.deepStrictEqual(ends.filter((end, at) => ends.indexOf(end) !== at), [], "told twice")
  assert.deepStrictEqual(repeated, [])
  assert.deepStrictEqual([...files.files.keys()], [])
  assert.strictEqual((yield* budget.state).reserved, 0)
  yield* Scope.close(scope, Exit.void)
}, Effect.scoped)

describe(`chains whose pools are killed ${kills * runs} times`, () => {
  it.effect.prop(
    "run nothing again that was done, and end once each",
    [
      Schema.Array(Drawn).check(Schema.isMinLength(1), Schema.isMaxLength(8)),
      Lives.check(Schema.isMinLength(kills), Schema.isMaxLength(kills))
    ],
    ([drawn, lives]) => history(drawn, lives),
    { arbitrary: { runs }, timeout: 180_000 }
  )
})
