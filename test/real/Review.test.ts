/**
 * Reviews on the real CLI: who wrote a result mends it, in the session in which it was written.
 */
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect } from "effect"
import { readdirSync, rmSync } from "node:fs"
import { join } from "node:path"
import { TaskId } from "../../src/domain/TaskId.ts"
import type { TaskView } from "../../src/domain/TaskView.ts"
import type { Pool } from "../../src/services/Pool.ts"
import { text, textsOf } from "../support/ApiReply.ts"
import { micros, priceOf, RealHost } from "../support/RealHost.ts"
import type { ApiRequest } from "../support/ScriptedApi.ts"

const prompt = "Write a line about rust."
const feedback = "It is about the metal; the language was meant."

const request = { prompt, review: { maxRejections: 2, criteria: "about the language" } }

const drafts = [
  text("Rust never\nsleeps.", { inputTokens: 100, outputTokens: 10 }),
  text("Rust borrows, and gives back.", { inputTokens: 300, outputTokens: 12 })
]

/** What was said in the conversation; the CLI's own words to the model are left out. */
const conversation = ({ body }: ApiRequest): ReadonlyArray<readonly [string, string]> =>
  body.messages.flatMap(({ content, role }) =>
    role === "system" ? [] : [[role, textsOf(content).at(-1) ?? ""] as const]
  )

/** Waits until it is in review. */
const presented = Effect.fnUntraced(function*(pool: Pool["Service"], id: TaskId) {
  const reply = yield* pool.wait({ ids: [id], mode: "all", timeout: Duration.minutes(1) })
  assert.deepInclude(reply, { done: [], running: [], timed_out: false })
  return reply.review?.[0] ?? (yield* Effect.die(new Error(`not in review: ${JSON.stringify(reply)}`)))
})

const hashOf = ({ review }: TaskView): string => review?.hash ?? ""

describe("a result in review", () => {
  it.live("is mended in its author's session when it is rejected, and approved by its hash", () =>
    Effect.gen(function*() {
      const { api, open } = yield* RealHost.make(drafts)
      const pool = yield* open()
      const submitted = yield* pool.run(request)
      const id = TaskId.make(submitted.id)
      assert.deepInclude(submitted, { state: "review", summary: "Rust never\nsleeps." })
      const first = hashOf(submitted)

      yield* pool.reject(id, feedback)
      const second = yield* presented(pool, id)
      assert.deepInclude(second, { summary: "Rust borrows, and gives back.", attempts: 2 })
      assert.deepInclude(second.review, { rejections: 1, max_rejections: 2, criteria: "about the language" })
      assert.notStrictEqual(hashOf(second), first)
      const [asked, answered, rejected, ...more] = conversation(api.main[1]!)
      assert.deepStrictEqual([asked, answered], [["user", prompt], ["assistant", "Rust never\nsleeps."]])
      assert.strictEqual(rejected?.[0], "user")
      assert.include(rejected?.[1], `The reviewer says:\n\n${feedback}\n\n`)
      assert.deepStrictEqual(more, [])

      const outdated = yield* Effect.flip(pool.approve(id, { hash: first }))
      assert.deepInclude(outdated.reason, { _tag: "ReviewOutdated", seen: first, now: hashOf(second) })
      assert.strictEqual((yield* pool.result(id)).state, "review")
      const approved = yield* pool.approve(id, { hash: hashOf(second) })
      assert.deepInclude(approved, { state: "done", summary: "Rust borrows, and gives back." })
      assert.strictEqual(micros(approved.cost_usd), priceOf(100, 10) + priceOf(300, 12))
      assert.strictEqual(api.main.length, 2)
    }).pipe(Effect.scoped))

  it.live("whose session is gone is mended in a new one, which is told all of it", () =>
    Effect.gen(function*() {
      const { api, open, store } = yield* RealHost.make(drafts)
      const pool = yield* open()
      const submitted = yield* pool.run(request)
      const id = TaskId.make(submitted.id)
      const sessions = join(store, "sessions")
      const transcripts = readdirSync(sessions, { recursive: true, encoding: "utf8" }).filter((file) =>
        file.endsWith(`${submitted.session}.jsonl`)
      )
      assert.lengthOf(transcripts, 1)
      for (const transcript of transcripts) rmSync(join(sessions, transcript))

      yield* pool.reject(id, feedback)
      const second = yield* presented(pool, id)
      assert.deepInclude(second, { summary: "Rust borrows, and gives back.", attempts: 2 })
      assert.notStrictEqual(second.session, submitted.session)
      const [asked, ...more] = conversation(api.main[1]!)
      assert.deepStrictEqual(more, [])
      const said = asked?.[1] ?? ""
      const [, nonce = "none"] = /<worker-output id=\S+ nonce=(\S+)>/.exec(said) ?? []
      const parts = [
        prompt,
        `<worker-output id=${id} nonce=${nonce}>\nRust never\nsleeps.\n</worker-output ${nonce}>`,
        feedback
      ]
      const places = parts.map((part) => said.indexOf(part))
      assert.isTrue(said.startsWith(prompt), said)
      assert.deepStrictEqual(places, places.filter((place) => place >= 0).toSorted((a, b) => a - b), said)
      assert.strictEqual(micros(second.cost_usd), priceOf(100, 10) + priceOf(300, 12))
      assert.strictEqual(api.main.length, 2)
    }).pipe(Effect.scoped))
})
