/**
 * Fan-outs on the real CLI: each item has an outcome of its own, and only what failed is asked for again.
 */
import { assert, describe, it } from "@effect/vitest"
import { Array, Duration, Effect } from "effect"
import { GroupId } from "../../src/domain/GroupId.ts"
import { type ApiReply, status, text } from "../support/ApiReply.ts"
import { micros, priceOf, RealHost } from "../support/RealHost.ts"
import type { ApiRequest } from "../support/ScriptedApi.ts"

const bad = 5

const prompts = Array.makeBy(8, (index) => `ITEM ${index}`)

const items = prompts.map((prompt) => ({ prompt }))

/** Answers each item, and the bad one only when it is asked for again. */
const answer = () => {
  const asked = new Map<string, number>()
  return ({ lastText }: ApiRequest): ApiReply => {
    const subject = lastText.split("\n", 1)[0] ?? ""
    const times = (asked.get(subject) ?? 0) + 1
    asked.set(subject, times)
    if (subject.startsWith("REDUCE")) return text(`reduced ${times}`, { inputTokens: 500, outputTokens: 3 })
    return subject === prompts[bad] && times === 1
      ? status(413)
      : text(`answer to ${subject}`, { inputTokens: 100, outputTokens: 10 })
  }
}

/** What a reducer is told of the items, line by line. */
const outcomes = (prompt: string): ReadonlyArray<string> => prompt.match(/^item \d.*|^answer to .*/gm) ?? []

const done = (index: number): ReadonlyArray<string> => [`item ${index}: done`, `answer to ITEM ${index}`]

describe("a fan-out", () => {
  it.live("keeps what is done when one item fails, and the retry asks for that one alone", () =>
    Effect.gen(function*() {
      const { api, open } = yield* RealHost.make(answer())
      const pool = yield* open({ slots: 4 })
      const first = yield* pool.runFanOut(items, { reduce: { prompt: "REDUCE {outcomes}" } })
      const id = GroupId.make(first.id)
      const page = { from: 0, limit: 20 }
      const before = (yield* pool.items(id, page)).items
      const failures = before.map(({ error, state }) => error?.code ?? state)
      assert.deepStrictEqual(failures.map((code, index) => index === bad ? "done" : code), Array.replicate("done", 8))
      assert.strictEqual(failures[bad], "RequestRejected")
      assert.deepStrictEqual(api.main.slice(0, 8).map(({ lastText }) => lastText).toSorted(), prompts)
      assert.strictEqual(api.main.length, 9)
      const told = outcomes(api.main[8]?.lastText ?? "")
      assert.match(told[2 * bad] ?? "", /^item 5: failed \(RequestRejected\): /)
      assert.deepStrictEqual(
        told.filter((_, index) => index !== 2 * bad),
        Array.range(0, 7).filter((index) => index !== bad).flatMap(done)
      )

      assert.deepStrictEqual(yield* pool.retry(id), { id, rerun: 1, kept: 7 })
      const { groups } = yield* pool.wait({ ids: [id], mode: "all", timeout: Duration.minutes(1) })
      assert.deepInclude(groups?.[0], { state: "done", summary: "reduced 2", retries: 1 })
      assert.strictEqual(api.main[9]?.lastText, prompts[bad])
      assert.deepStrictEqual(outcomes(api.main[10]?.lastText ?? ""), Array.range(0, 7).flatMap(done))
      assert.strictEqual(api.main.length, 11)

      const after = (yield* pool.items(id, page)).items
      assert.deepStrictEqual(after.map(({ summary }) => summary), prompts.map((prompt) => `answer to ${prompt}`))
      const kept = (all: typeof after) => all.filter((_, index) => index !== bad).map(({ id }) => id)
      assert.deepStrictEqual(kept(after), kept(before))
      const price = 8 * priceOf(100, 10) + 2 * priceOf(500, 3)
      assert.strictEqual(micros(groups?.[0]?.cost_usd ?? 0), price)
      assert.strictEqual(micros((yield* pool.status).budget.spent_usd), price)
    }).pipe(Effect.scoped))
})
