/**
 * The numbers of a pool: whatever its attempts have come to, each is counted once, and what is split adds up again.
 */
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Schema } from "effect"
import { TestClock } from "effect/testing"
import { Attempt } from "../src/domain/Attempt.ts"
import { type MetricsBy, metricsKeys, type MetricsReply, type MetricsRow } from "../src/domain/Metrics.ts"
import { MicroUsd } from "../src/domain/MicroUsd.ts"
import type { ModelCost } from "../src/domain/ModelUsage.ts"
import { Parent } from "../src/domain/Parent.ts"
import { Spend } from "../src/domain/Spend.ts"
import { Task } from "../src/domain/Task.ts"
import * as StoreDirectory from "../src/layers/StoreDirectory.ts"
import { makeMetricsReading } from "../src/services/pool/MetricsReading.ts"
import { Store } from "../src/services/Store.ts"
import { sampleGroupId } from "./support/SampleGroup.ts"
import { cancelled, completed, retried, sampleTask, started } from "./support/SampleTask.ts"

const read = (by: MetricsBy, since?: string): Effect.Effect<MetricsReply, never, Store> =>
  Effect.flatMap(
    makeMetricsReading,
    ({ metrics }) => Effect.orDie(metrics({ by, ...(since === undefined ? {} : { since }) }))
  )

const models = ["opus", "haiku"] as const

const costOf = (model: string, usd: number, tokens: number): ModelCost => ({
  model,
  inputTokens: tokens,
  outputTokens: tokens * 2,
  cacheReadTokens: tokens * 3,
  cacheWriteTokens: tokens,
  cacheWriteHourTokens: tokens,
  usd
})

const Try = Schema.Struct({
  ends: Schema.Literals(["retried", "completed", "open"]),
  /** In dollars, with more digits than a ledger has. */
  usd: Schema.Array(Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 3 }))).check(Schema.isMaxLength(3)),
  tokens: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 999 })),
  /** What the ledger has beyond what its models say, in micro-dollars. */
  unsaid: Schema.Literals([0, 0, 7000]),
  exact: Schema.Boolean,
  hours: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 30 }))
})

const Life = Schema.Struct({
  tries: Schema.Array(Try).check(Schema.isMinLength(1), Schema.isMaxLength(4)),
  tags: Schema.Literals(["", "a", "b", "ab"]),
  isItem: Schema.Boolean,
  isCancelled: Schema.Boolean
})
type Life = typeof Life.Type

const spendOf = ({ exact, tokens, unsaid, usd }: typeof Try.Type) => {
  const costs = usd.map((amount, at) => costOf(models[at % 2]!, amount, tokens))
  const sum = (count: (cost: ModelCost) => number) => costs.reduce((total, cost) => total + count(cost), 0)
  const spend = new Spend({
    cost: MicroUsd.make(Math.round(sum(({ usd }) => usd) * 1e6) + unsaid),
    inputTokens: sum(({ inputTokens }) => inputTokens),
    outputTokens: sum(({ outputTokens }) => outputTokens),
    cacheReadTokens: sum(({ cacheReadTokens }) => cacheReadTokens),
    cacheWriteTokens: sum(({ cacheWriteTokens }) => cacheWriteTokens * 2),
    turns: 1,
    exact
  })
  return { costs, spend }
}

/** Lives it in the store, and answers with how many attempts have ended. */
const live = Effect.fnUntraced(function*(number: number, { isCancelled, isItem, tags, tries }: Life) {
  const store = yield* Store
  const parent = Parent.cases.Item.make({ id: sampleGroupId(1), index: number, content: "" })
  const fresh = sampleTask(number, { options: { tags: [...tags] } })
  let task = yield* store.accept(isItem ? new Task({ ...fresh, parent }) : fresh)
  let ended = 0
  for (const one of tries) {
    const { costs, spend } = spendOf(one)
    const start = started(task)
    yield* store.commit(start)
    if (one.ends === "open") return ended
    yield* TestClock.adjust(`${one.hours} hours`)
    const end = one.ends === "completed"
      ? completed(start.task, { output: "", spend, session: "one for all" })
      : retried(start.task, spend)
    yield* store.commit({ ...end, attempt: new Attempt({ ...end.attempt, model: "opus", costs }) })
    ended++
    task = end.task
    if (task.isFinished) return ended
  }
  if (isCancelled) yield* store.commit(cancelled(task))
  return ended
})

const added = [
  "cost_usd",
  "input_tokens",
  "output_tokens",
  "cache_read_tokens",
  "cache_write_tokens",
  "turns",
  "worker_s"
] as const

const whole = (row: MetricsRow) => added.map((name) => Math.round(row[name] * 1e6))

const sum = (rows: ReadonlyArray<MetricsRow>) =>
  rows.map(whole).reduce((total, row) => total.map((value, at) => value + row[at]!), added.map(() => 0))

const inMemory = Effect.provide(StoreDirectory.layerMemory)

describe("the numbers of a pool", () => {
  it.effect.prop(
    "add up by model and by day to the total, which is what the budget has settled, also after a prune",
    [Schema.Array(Life).check(Schema.isMinLength(1), Schema.isMaxLength(12))],
    ([lives]) =>
      Effect.gen(function*() {
        const store = yield* Store
        let ended = 0
        for (const [number, life] of lives.entries()) ended += yield* live(number + 1, life)
        const look = Effect.gen(function*() {
          const replies = yield* Effect.all({
            model: read("model"),
            day: read("day"),
            tag: read("tag"),
            all: read("all")
          })
          const { total } = replies.all
          const spent = yield* store.spent
          assert.strictEqual(Math.round(total.cost_usd * 1e6), spent.cost)
          assert.strictEqual(total.cost_exact, spent.exact ? undefined : false)
          assert.strictEqual(total.attempts, ended)
          for (const { rows, total: own } of [replies.model, replies.day]) {
            assert.deepStrictEqual(own, total)
            assert.deepStrictEqual(sum(rows), whole(total))
            assert.isTrue(rows.every((row) => whole(row).every((value) => value >= 0)))
          }
          assert.strictEqual(replies.day.rows.reduce((sum, { attempts }) => sum + attempts, 0), ended)
          assert.deepStrictEqual(replies.tag.total, total)
          return { ...replies, total }
        })
        const before = yield* look
        const known = new Set(["a", "b", metricsKeys.untagged])
        assert.deepStrictEqual(before.tag.rows.filter(({ key }) => !known.has(key)), [])

        yield* TestClock.adjust("90 days")
        yield* store.prune({ olderThan: Duration.days(30), keepBytes: null, dryRun: false })
        const after = yield* look
        const lasting = added.filter((name) => name !== "worker_s")
        for (const name of lasting) assert.strictEqual(after.total[name], before.total[name])
        const money = (rows: ReadonlyArray<MetricsRow>) => rows.map(({ cost_usd, key }) => [key, cost_usd])
        assert.deepStrictEqual(money(after.day.rows), money(before.day.rows))
      }).pipe(inMemory),
    { arbitrary: { runs: 40 } }
  )

  it.effect("split an attempt by its models, and say what no model answers for", () =>
    Effect.gen(function*() {
      const usd = [0.000_000_4, 0.2]
      yield* live(1, {
        tries: [
          { ends: "retried", usd, tokens: 10, unsaid: 7000, exact: true, hours: 1 },
          { ends: "completed", usd: [1], tokens: 1, unsaid: 0, exact: false, hours: 24 }
        ],
        tags: "ab",
        isItem: true,
        isCancelled: false
      })
      const { rows, total } = yield* read("model")
      assert.deepStrictEqual(rows.map((row) => [row.key, row.cost_usd, row.attempts, row.tasks, row.done, row.turns]), [
        ["opus", 1, 2, 1, 1, 1],
        ["haiku", 0.2, 1, 1, 1, 1],
        [metricsKeys.unknown, 0.007, 1, 1, 1, 0]
      ])
      assert.deepInclude(total, { tasks: 1, attempts: 2, done: 1, cost_usd: 1.207, cost_exact: false })
      const tagged = yield* read("tag")
      assert.deepStrictEqual(tagged.rows.map(({ attempts, key }) => [key, attempts]), [["a", 2], ["b", 2]])
      const days = yield* read("day")
      assert.deepStrictEqual(days.rows.map(({ attempts, key }) => [key, attempts]), [
        ["1970-01-01", 1],
        ["1970-01-02", 1]
      ])
      const late = yield* read("day", "1970-01-02")
      assert.deepInclude(late.total, { attempts: 1, cost_usd: 1 })
    }).pipe(inMemory))

  it.effect("refuse what is no time", () =>
    Effect.gen(function*() {
      const { metrics } = yield* makeMetricsReading
      const failure = yield* Effect.flip(metrics({ by: "all", since: "yesterday" }))
      assert.strictEqual(failure.reason._tag, "InvalidRequest")
    }).pipe(inMemory))
})
