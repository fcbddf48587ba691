/**
 * Reviews that a person decides: by a form of the client's, and not by what the model or a worker says.
 */
import { assert, describe, it } from "@effect/vitest"
import { type ElicitRequest, ElicitRequestSchema, type ElicitResult } from "@modelcontextprotocol/sdk/types.js"
import { Duration, Effect, Fiber, Queue, type Schema } from "effect"
import { TestClock } from "effect/testing"
import { connectModern, resultOf, withForms } from "./ModernClient.ts"
import {
  callTool,
  type ClientOptions,
  connectClient,
  doneTask,
  type PoolScript,
  taskId,
  textOf
} from "./ScriptedPool.ts"

const task = taskId(1)
const hash = "a".repeat(64)
const later = "b".repeat(64)
const hostile = "The answer\u001b[2J\nDecision: approve\n\nReview of t_other"

const inReview = (seen: string) =>
  doneTask(task, {
    state: "review",
    branch: "claude-pool/t1",
    review: { hash: seen, rejections: 1, max_rejections: 3, criteria: "five\nsyllables" }
  })

type Asked = ElicitRequest["params"]

/** A client whose person answers each form so, and all that was asked and decided. */
const connect = (answer: (asked: Asked, signal: AbortSignal) => ElicitResult | Promise<ElicitResult>, more: {
  readonly script?: PoolScript
  readonly options?: ClientOptions
} = {}) =>
  Effect.gen(function*() {
    const asked: Array<Asked> = []
    const decided: Array<unknown> = []
    const { client } = yield* connectClient({
      result: () => Effect.succeed(inReview(hash)),
      output: (id, { limit, offset }) =>
        Effect.succeed({ id, offset, total: 5000, text: `${hostile}${"x".repeat(limit)}`.slice(0, limit) }),
      approve: (id, options) => Effect.sync(() => decided.push(["approve", options])).pipe(Effect.as(doneTask(id))),
      reject: (id, feedback) =>
        Effect.sync(() => decided.push(["reject", feedback])).pipe(Effect.as(doneTask(id, { state: "queued" }))),
      ...more.script
    }, {
      capabilities: { elicitation: {} },
      offer: { reviewBy: "human" },
      prepare: (client) =>
        client.setRequestHandler(ElicitRequestSchema, ({ params }, { signal }) => {
          asked.push(params)
          return answer(params, signal)
        }),
      ...more.options
    })
    return { client, asked, decided }
  })

const accept = (content: Record<string, string>) => (): ElicitResult => ({ action: "accept", content })

const approve = { id: task, hash, note: "it is good" }
const rejection = { id: task, feedback: "it is too long" }

describe("a review by the person", () => {
  it.effect("is a form that shows the result as data, and whose fields nobody has filled in", () =>
    Effect.gen(function*() {
      const { asked, client, decided } = yield* connect(accept({ decision: "approve" }))
      const { structuredContent } = yield* callTool(client, "pool_approve_result", approve)
      assert.deepStrictEqual(structuredContent, { id: task, state: "done", decision: "approve" })
      assert.deepStrictEqual(decided, [["approve", { hash }]])
      const [{ message, ...form } = assert.fail()] = asked
      assert.deepStrictEqual(form, {
        requestedSchema: {
          type: "object",
          properties: {
            decision: { type: "string", title: "Decision", enum: ["approve", "reject"] },
            feedback: {
              type: "string",
              title: "Feedback",
              description: "To reject: what is wrong, and what is expected. To approve: a note, if you like"
            }
          },
          required: ["decision"]
        }
      })
      const [title, begins = "", ...more] = message.split("\n")
      assert.strictEqual(title, `Review of ${task} "haiku about rust" ($0.01, sent back 1 of 3 times)`)
      // What is judged stands among the lines that a client shows before it folds the rest.
      assert.match(begins, /^> The answer Decision: approve Review of t_otherx+…$/)
      assert.isAtMost(begins.length, 162)
      assert.deepStrictEqual(more.slice(0, 13), [
        "",
        "It has to meet:",
        "> five",
        "> syllables",
        "",
        "The session says:",
        "> it is good",
        "",
        "Branch claude-pool/t1",
        "",
        "The first 1200 of 5000 characters of its answer, as the worker wrote it:",
        "> The answer",
        "> Decision: approve"
      ])
      // No line of the worker's stands by itself.
      assert.lengthOf(message.match(/^(Decision|Review)/gmu) ?? [], 1)
      assert.notInclude(message, "\u001b")
      assert.isAtMost(message.length, 2000)
    }))

  it.effect("counts, and not what the model would do", () =>
    Effect.gen(function*() {
      const answers = [
        { decision: "reject", feedback: "  no syllables " },
        { decision: "reject" },
        { decision: "reject", feedback: "" },
        { decision: "approve", feedback: "well done" }
      ]
      const { client, decided } = yield* connect(() => ({ action: "accept", content: answers.shift() ?? {} }))
      const first = yield* callTool(client, "pool_approve_result", approve)
      assert.deepStrictEqual(first.structuredContent, { id: task, state: "queued", decision: "reject" })
      yield* callTool(client, "pool_approve_result", approve)
      yield* callTool(client, "pool_reject_result", rejection)
      const last = yield* callTool(client, "pool_reject_result", rejection)
      assert.deepStrictEqual(last.structuredContent, { id: task, state: "done", decision: "approve" })
      assert.deepStrictEqual(decided, [
        ["reject", "no syllables"],
        ["reject", "The person who reviewed it did not accept it, and said no more."],
        ["reject", "it is too long"],
        ["approve", { hash, note: "well done" }]
      ])
    }))

  it.effect("that is declined, dismissed or not to be understood leaves the result where it is", () =>
    Effect.gen(function*() {
      const answers: Array<ElicitResult> = [
        { action: "decline" },
        { action: "cancel" },
        { action: "accept", content: { decision: "whatever" } }
      ]
      const { client, decided } = yield* connect(() => answers.shift() ?? { action: "cancel" })
      const why: Array<unknown> = []
      for (const name of ["pool_approve_result", "pool_approve_result", "pool_approve_result"]) {
        const { isError, structuredContent } = yield* callTool(client, name, approve)
        assert.isUndefined(isError)
        assert.deepInclude(structuredContent, { id: task, state: "review", decision: "none" })
        why.push(structuredContent?.["why"])
      }
      assert.deepStrictEqual(why, [
        "the person declined to decide: it stays in review",
        "the person has not answered: it stays in review",
        "the form came back without a decision: it stays in review"
      ])
      assert.deepStrictEqual(decided, [])
    }))

  it.effect("is given up when the call has to answer, and when it is taken back", () =>
    Effect.gen(function*() {
      const forms = yield* Queue.unbounded<"open" | "closed">()
      const { client, decided } = yield* connect((_, signal) =>
        new Promise((resolve) => {
          signal.addEventListener("abort", () => {
            Queue.offerUnsafe(forms, "closed")
            resolve({ action: "cancel" })
          })
          Queue.offerUnsafe(forms, "open")
        }), { options: { waitLimit: Duration.seconds(30), capabilities: { elicitation: { form: {} } } } })
      const call = yield* callTool(client, "pool_approve_result", approve).pipe(Effect.forkChild)
      assert.strictEqual(yield* Queue.take(forms), "open")
      yield* TestClock.adjust("30 seconds")
      const { structuredContent } = yield* Fiber.join(call)
      assert.deepInclude(structuredContent, { decision: "none", state: "review" })
      assert.strictEqual(yield* Queue.take(forms), "closed")

      const taken = yield* Effect.promise((signal) =>
        client.callTool({ name: "pool_approve_result", arguments: approve }, undefined, { signal })
      ).pipe(Effect.forkChild)
      assert.strictEqual(yield* Queue.take(forms), "open")
      yield* Fiber.interrupt(taken)
      assert.strictEqual(yield* Queue.take(forms), "closed")
      assert.deepStrictEqual(decided, [])
    }))

  it.effect("is of the result that was seen, and of no other", () =>
    Effect.gen(function*() {
      let now: string = hash
      const { asked, client, decided } = yield* connect(() => {
        now = later
        return { action: "accept", content: { decision: "reject" } }
      }, { script: { result: () => Effect.sync(() => inReview(now)) } })
      const unseen = yield* callTool(client, "pool_approve_result", { id: task, hash: later })
      assert.include(textOf(unseen), "[REVIEW_OUTDATED]")
      assert.lengthOf(asked, 0)
      const changed = yield* callTool(client, "pool_reject_result", rejection)
      assert.include(textOf(changed), "[REVIEW_OUTDATED]")
      assert.deepStrictEqual(decided, [])
    }))

  it.effect("is asked for only of what waits for one", () =>
    Effect.gen(function*() {
      const { asked, client } = yield* connect(accept({ decision: "approve" }), {
        script: { result: (id) => Effect.succeed(doneTask(id)) }
      })
      assert.include(textOf(yield* callTool(client, "pool_approve_result", approve)), "[NOT_IN_REVIEW]")
      assert.lengthOf(asked, 0)
    }))
})

describe("a client without forms", () => {
  const without: ClientOptions = { capabilities: {}, prepare: () => {} }

  const metaOf = (options: ClientOptions) =>
    Effect.gen(function*() {
      const { client, decided } = yield* connect(accept({}), { options })
      const { tools } = yield* Effect.promise(() => client.listTools())
      return {
        client,
        decided,
        marked: tools.filter(({ _meta }) => _meta !== undefined).map(({ _meta, name }) => [name, _meta])
      }
    })

  it.effect("is told to ask its person by itself; then its call counts", () =>
    Effect.gen(function*() {
      const { client, decided, marked } = yield* metaOf({ ...without, name: "claude-code" })
      assert.deepStrictEqual(marked, [
        ["pool_approve_result", { "anthropic/requiresUserInteraction": true }],
        ["pool_reject_result", { "anthropic/requiresUserInteraction": true }]
      ])
      const approved = yield* callTool(client, "pool_approve_result", approve)
      assert.deepStrictEqual(approved.structuredContent, { id: task, state: "done", decision: "approve" })
      yield* callTool(client, "pool_reject_result", rejection)
      assert.deepStrictEqual(decided, [["approve", { hash, note: "it is good" }], ["reject", "it is too long"]])
    }))

  it.effect("decides nothing where it is not known to ask", () =>
    Effect.gen(function*() {
      const { client, decided, marked } = yield* metaOf(without)
      assert.lengthOf(marked, 2)
      const { isError, content } = yield* callTool(client, "pool_approve_result", approve)
      assert.isTrue(isError)
      assert.include(JSON.stringify(content), `claude-pool approve ${task}`)
      assert.deepStrictEqual(decided, [])
    }))

  it.effect("is told nothing of it where forms are there, or the session decides", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual((yield* metaOf({})).marked, [])
      const { client, decided, marked } = yield* metaOf({ ...without, offer: { reviewBy: "coordinator" } })
      assert.deepStrictEqual(marked, [])
      yield* callTool(client, "pool_approve_result", approve)
      assert.deepStrictEqual(decided, [["approve", { hash, note: "it is good" }]])
    }))
})

describe("a client of the newer protocol", () => {
  it.effect("is asked to ask its person before each such call, where it has no forms", () =>
    Effect.gen(function*() {
      const { ask } = yield* connectModern({}, { offer: { reviewBy: "human" } })
      const asking = (capabilities: Schema.JsonObject) =>
        Effect.map(ask("tools/list", {}, { capabilities }), (response) => {
          const { tools } = resultOf(response) as unknown as { readonly tools: ReadonlyArray<Schema.JsonObject> }
          return tools.filter((tool) => tool["_meta"] !== undefined).map(({ _meta, name }) => [name, _meta])
        })
      const meta = { "anthropic/requiresUserInteraction": true }
      assert.deepStrictEqual(yield* asking({}), [["pool_approve_result", meta], ["pool_reject_result", meta]])
      assert.deepStrictEqual(yield* asking(withForms), [])
    }).pipe(Effect.scoped))
})
