/**
 * Two clients of one HTTP server that count their requests alike: whatever the order of the answers, each is given its own.
 */
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Redacted } from "effect"
import { Agent, request } from "node:http"
import { TaskId } from "../../src/domain/TaskId.ts"
import { listen } from "../../src/layers/McpHttp.ts"
import { poolOffer } from "../../src/mcp/PoolOffer.ts"
import { doneTask, knownRandom, scriptedPool } from "./ScriptedPool.ts"
import { call, initialize, type Message } from "./StdioDriver.ts"

const token = "a-token-that-only-this-test-knows"
const callsEach = 5000
const atOnce = 16

/** The task that a client asks after in a call: its name says who, and which. */
const asked = (client: string, number: number): string => `t_${client.repeat(8)}${`${number}`.padStart(8, "0")}`

/** Answers in pairs, the later call first: each of them waits for another one, whoever makes it. */
const inPairs = () => {
  let waiting: Deferred.Deferred<void> | null = null
  return Effect.suspend(() => {
    if (waiting !== null) {
      const other = waiting
      waiting = null
      return Deferred.succeed(other, undefined)
    }
    const mine = Deferred.makeUnsafe<void>()
    waiting = mine
    return Deferred.await(mine)
  })
}

interface Posted {
  readonly session: string
  readonly messages: ReadonlyArray<Message>
}

const post = (port: number, agent: Agent, session: string, message: Message) =>
  Effect.callback<Posted>((resume) => {
    const sent = request({
      agent,
      host: "127.0.0.1",
      port,
      path: "/mcp",
      method: "POST",
      headers: {
        authorization: `Bearer ${token}`,
        accept: "application/json, text/event-stream",
        "content-type": "application/json",
        ...(session === "" ? {} : { "mcp-session-id": session })
      }
    }, (response) => {
      let text = ""
      response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk)).on("end", () =>
        resume(Effect.succeed({
          session: String(response.headers["mcp-session-id"]),
          messages: [...text.matchAll(/^data: (.+)$/gm)].map(([, data]) => JSON.parse(data!) as Message)
        })))
    })
    sent.on("error", (error) => resume(Effect.die(error))).end(JSON.stringify(message))
  })

const resultId = ({ result }: Message): unknown =>
  (result?.["structuredContent"] as { readonly id?: string } | undefined)?.id

describe("two clients over HTTP", () => {
  it.live(`with the same ids get their own answers, ${2 * callsEach} times`, () =>
    Effect.gen(function*() {
      const pair = inPairs()
      const seen = { pairs: 0 }
      const pool = scriptedPool({
        result: (id) =>
          Effect.as(
            Effect.andThen(Effect.sync(() => (seen.pairs += 1)), pair),
            doneTask(TaskId.make(id), { summary: `of ${id}` })
          )
      })
      const crossed = yield* Effect.gen(function*() {
        const { port } = yield* listen({
          offer: poolOffer({ toolsets: ["default"], readOnly: false, reviewBy: "coordinator" }),
          version: "0.0.0-test",
          port: 0,
          token: Redacted.make(token)
        })
        const client = (name: string) =>
          Effect.gen(function*() {
            const agent = yield* Effect.acquireRelease(
              Effect.sync(() => new Agent({ keepAlive: true, maxSockets: atOnce })),
              (agent) => Effect.sync(() => agent.destroy())
            )
            const { session } = yield* post(port, agent, "", initialize[0]!)
            yield* post(port, agent, session, initialize[1]!)
            const wrong = yield* Effect.forEach(
              Array.from({ length: callsEach }, (_, number) => number + 1),
              (number) =>
                Effect.map(
                  post(port, agent, session, call(number, "pool_result", { id: asked(name, number) })),
                  ({ messages }) => {
                    const answers = messages.filter(({ method }) => method === undefined)
                    const isOwn = answers.length === 1 && answers[0]!.id === number &&
                      resultId(answers[0]!) === asked(name, number) &&
                      messages.every(({ params }) => params === undefined || params["progressToken"] === number)
                    return isOwn ? [] : [{ name, number, messages }]
                  }
                ),
              { concurrency: atOnce }
            )
            return wrong.flat()
          })
        const both = yield* Effect.all([client("a"), client("b")], { concurrency: 2 })
        return both.flat()
      }).pipe(Effect.scoped, Effect.provide([pool, knownRandom]))
      assert.deepStrictEqual(crossed.slice(0, 3), [])
      assert.strictEqual(seen.pairs, 2 * callsEach)
    }))
})
