/**
 * The numbers of a whole pool, whatever its tasks went through: rows, total, budget and attempts all tell of the same money.
 */
import { assert, describe, it } from "@effect/vitest"
import { DateTime, Duration, Effect, Fiber, Schema } from "effect"
import { Failure } from "../src/domain/Failure.ts"
import type { MetricsRow } from "../src/domain/Metrics.ts"
import { MicroUsd } from "../src/domain/MicroUsd.ts"
import type { ModelCost } from "../src/domain/ModelUsage.ts"
import { SessionId } from "../src/domain/SessionId.ts"
import { Spend } from "../src/domain/Spend.ts"
import { TaskId } from "../src/domain/TaskId.ts"
import type { Transcript } from "../src/domain/Transcript.ts"
import { WorkerLost } from "../src/domain/WorkerFailure.ts"
import { Pool } from "../src/services/Pool.ts"
import { Store } from "../src/services/Store.ts"
import { killablePools } from "./support/KillablePools.ts"
import { answer, type Script, type Started } from "./support/ScriptedClaude.ts"
import { pass } from "./support/Time.ts"

const lost = new Failure({ reason: new WorkerLost({ detail: "it crashed" }) })

/** What a task goes through; `answered` and `hanging` are at work when their pool is killed. */
const Kind = Schema.Literals([
  "plain",
  "lost",
  "reviewed",
  "cancelled",
  "timed-out",
  "routed",
  "fallback",
  "answered",
  "hanging"
])
type Kind = typeof Kind.Type

const Work = Schema.Struct({
  kind: Kind,
  tags: Schema.Literals(["", "a", "ab"]),
  rejections: Schema.Literals([0, 1, 2])
})
type Work = typeof Work.Type

/** A worker that has failed over has used both models; of most, the dollars have more digits than the ledger. */
const costsOf = ({ launch, pid }: Started): ReadonlyArray<ModelCost> =>
  (launch.model === "opus" ? ["opus", "haiku"] : ["haiku"]).map((model, at) => ({
    model,
    inputTokens: pid * 7 + at,
    outputTokens: pid * 3,
    cacheReadTokens: pid,
    cacheWriteTokens: 1,
    cacheWriteHourTokens: at,
    usd: pid * 0.000_123_4 + at / 3000
  }))

/** Every third worker did not live to say all that it has spent. */
const spendOf = (worker: Started): Spend => {
  const costs = costsOf(worker)
  const sum = (count: (cost: ModelCost) => number) => costs.reduce((all, cost) => all + count(cost), 0)
  return new Spend({
    cost: MicroUsd.make(Math.round(sum(({ usd }) => usd) * 1e6)),
    inputTokens: sum(({ inputTokens }) => inputTokens),
    outputTokens: sum(({ outputTokens }) => outputTokens),
    cacheReadTokens: sum(({ cacheReadTokens }) => cacheReadTokens),
    cacheWriteTokens: sum((cost) => cost.cacheWriteTokens + cost.cacheWriteHourTokens),
    turns: 1,
    exact: worker.pid % 3 !== 0
  })
}

const makeWorld = () => {
  const transcripts = new Map<string, Transcript>()
  const runs = new Map<string, number>()
  const script = (sessions: string, life: number): Script => ({
    sessions,
    spend: spendOf,
    costs: costsOf,
    transcript: (session) => Effect.sync(() => transcripts.get(session) ?? null),
    run: ({ prompt }, worker) =>
      Effect.suspend(() => {
        const run = (runs.get(prompt) ?? 0) + 1
        runs.set(prompt, run)
        if (prompt.startsWith("lost") && run < 3) return lost
        if (life === 0 && prompt.startsWith("answered")) {
          transcripts.set(worker.session, {
            session: SessionId.make(worker.session),
            bytes: 1,
            modifiedAt: DateTime.makeUnsafe(0),
            isIntact: true,
            isWhole: true,
            answer: { output: "found", model: "haiku" },
            usage: costsOf(worker),
            toolCalls: 0,
            turns: 1
          })
          return Effect.never
        }
        const hangs = prompt.startsWith("cancelled") || prompt.startsWith("timed-out") ||
          (life === 0 && prompt.startsWith("hanging"))
        return hangs ? Effect.never : Effect.succeed(answer(prompt))
      })
  })
  return { script, transcripts }
}

/** Does with a task what its kind is about. */
const live = Effect.fnUntraced(function*(number: number, { kind, rejections, tags }: Work) {
  const pool = yield* Pool
  if (kind === "routed") {
    return yield* Effect.forkChild(
      pool.route("think about the code and its tests, then say more", { model: "always" }),
      {
        startImmediately: true
      }
    )
  }
  const view = yield* pool.submit({
    prompt: `${kind} ${number}`,
    tags: [...tags],
    model: kind === "fallback" || kind === "lost" ? "opus" : "haiku",
    ...(kind === "reviewed" ? { review: { maxRejections: 3 } } : {}),
    ...(kind === "timed-out" ? { timeout: Duration.seconds(30) } : {}),
    ...(kind === "answered" || kind === "hanging" ? { onCrash: "resume" } : {})
  })
  const id = TaskId.make(view.id)
  yield* pass("10 seconds", 2)
  if (kind === "cancelled") return yield* pool.cancel([id], "not wanted")
  if (kind !== "reviewed") return
  for (let rejected = 0; rejected < rejections; rejected++) {
    yield* pool.reject(id, "not yet")
    yield* pass("10 seconds", 2)
  }
  yield* pool.approve(id)
})

const micros = (usd: number): number => Math.round(usd * 1e6)

const sum = (rows: ReadonlyArray<MetricsRow>, of: (row: MetricsRow) => number) =>
  rows.reduce((all, row) => all + of(row), 0)

/** Everything that tells of the money tells of the same. */
const assertOneTruth = Effect.gen(function*() {
  const pool = yield* Pool
  const store = yield* Store
  const { tasks } = yield* store.list({ limit: 1000 })
  const attempts = (yield* Effect.forEach(tasks, ({ id }) => pool.attempts(id))).flat()
  const ended = attempts.filter(({ state }) => state !== "running")
  const [all, model, day, tag] = yield* Effect.forEach(
    ["all", "model", "day", "tag"] as const,
    (by) => pool.metrics({ by })
  )
  const { total } = all!
  const money = micros(total.cost_usd)
  assert.strictEqual(money, ended.reduce((sum, { cost_usd }) => sum + micros(cost_usd), 0), "the attempts")
  assert.strictEqual(total.attempts, ended.length)
  assert.strictEqual(total.cost_exact, ended.some(({ cost_exact }) => cost_exact === false) ? false : undefined)
  assert.strictEqual(money, (yield* store.spent).cost, "the ledger")
  assert.strictEqual(money, micros((yield* pool.status).budget.spent_usd), "the budget")
  for (const reply of [model!, day!]) {
    assert.deepStrictEqual(reply.total, total)
    for (const  of of["input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "turns"] as const) {
      assert.strictEqual(sum(reply.rows, (row) => row[of]), total[of], `${of} by ${reply.by}`)
    }
    assert.strictEqual(sum(reply.rows, (row) => micros(row.cost_usd)), money, reply.by)
  }
  // A task with two tags is in the row of each.
  const twice = tasks.filter(({ options }) => options.tags?.length === 2).reduce(
    (sum, { spend }) => sum + spend.cost,
    0
  )
  assert.strictEqual(sum(tag!.rows, (row) => micros(row.cost_usd)) - twice, money, "tag")
  assert.strictEqual(total.tasks, new Set(ended.map(({ task }) => task)).size)
  return { ended, total }
})

const history = Effect.fnUntraced(function*(works: ReadonlyArray<Work>) {
  const { script } = makeWorld()
  const pools = yield* killablePools({ script: script("first", 0), slots: works.length + 1 })
  for (const [number, work] of works.entries()) yield* pools.use(live(number, work))
  yield* pools.use(pass("1 minute", 4))
  yield* pools.use(assertOneTruth)
  const { cost } = yield* pools.use(Effect.flatMap(Store, ({ spent }) => spent))
  const next = yield* Effect.forkChild(pools.kill({ script: script("second", 1), settled: cost }))
  yield* pass("5 minutes")
  yield* Fiber.join(next)
  yield* pass("5 minutes")
  return yield* pools.use(assertOneTruth)
}, Effect.scoped)

describe("the numbers of a whole pool", () => {
  it.effect.prop(
    "are one, over retries, reviews, questions of the router, cancels, cuts, fallbacks and kills",
    [Schema.Array(Work).check(Schema.isMinLength(1), Schema.isMaxLength(6))],
    ([works]) => history(works),
    { arbitrary: { runs: 15 } }
  )

  it.effect("count each of these once", () =>
    Effect.gen(function*() {
      const works = Kind.literals.map((kind): Work => ({ kind, tags: "ab", rejections: 2 }))
      const { ended, total } = yield* history(works)
      const states = ended.map(({ state }) => state)
      assert.strictEqual(ended.filter(({ recovered }) => recovered === true).length, 1)
      assert.isAbove(ended.filter(({ resumes }) => resumes !== undefined).length, 1)
      assert.deepStrictEqual(
        ["completed", "failed", "interrupted"].map((state) => states.some((one) => one === state)),
        [true, true, true]
      )
      assert.strictEqual(total.tasks, works.length)
      assert.strictEqual(total.cost_exact, false)
    }))
})
