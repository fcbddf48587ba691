/**
 * The pool is killed, fifty times, at random moments under load; what it has accepted, and what it has reported, is
 * there afterwards all the same.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { call, driveServer, initialize, type Message, type StdioDriver } from "./mcp/StdioDriver.ts"
import { Census } from "./support/Census.ts"

const command = fileURLToPath(new URL("../dist/claude-pool.js", import.meta.url))
const rounds = 50
const seed = 20_261

/** Numbers from a seed (mulberry32): the same moments in every run. */
const randomFrom = (start: number) => {
  let state = start
  return (below: number): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

interface Task {
  readonly id: string
  readonly state: string
  readonly summary?: string
  readonly error?: { readonly code: string }
}

const taskOf = ({ result }: Message): Task | undefined => result?.["structuredContent"] as Task | undefined

const serveIn = Effect.fnUntraced(function*(directory: string) {
  const driver = yield* driveServer(
    [command, "mcp", "--simulate", "--slots", "2", "--store", join(directory, "store")],
    { cwd: directory, env: { PATH: "/usr/local/bin:/usr/bin:/bin", HOME: directory, TMPDIR: directory } }
  )
  yield* driver.send(...initialize)
  yield* driver.reply(0)
  return driver
})

/** What the client of the killed pool knows: which answer belongs to which task, and which it has been told. */
interface Known {
  readonly expected: Map<string, string>
  readonly told: Map<string, string>
}

/** Six requests, half of which are waited for; then, after a random number of replies, the end. */
const round = Effect.fnUntraced(
  function*(directory: string, known: Known, number: number, random: (n: number) => number) {
    const driver = yield* serveIn(directory)
    const answers = new Map(Array.from({ length: 6 }, (_, n) => [n + 1, `answer ${number}.${n}`]))
    for (const [id, text] of answers) {
      const prompt = `[[delay:${random(4) * 10}]] [[say:${text}]]`
      yield* driver.send(call(id, id % 2 === 0 ? "pool_run" : "pool_submit", { prompt, key: text }))
    }
    const moment = random(answers.size + 1)
    const replies = () =>
      driver.lines.map((line) => JSON.parse(line) as Message).filter(({ id }) => answers.has(id ?? 0))
    if (moment > 0) yield* driver.next(() => replies().length >= moment)
    yield* driver.signal("SIGKILL")
    assert.strictEqual(yield* driver.ended, "SIGKILL")
    for (const reply of replies()) {
      const task = taskOf(reply)
      if (task === undefined) continue
      known.expected.set(task.id, answers.get(reply.id ?? 0)!)
      if (task.state === "done") known.told.set(task.id, task.summary!)
    }
  },
  Effect.scoped
)

const resultOf = Effect.fnUntraced(function*(driver: StdioDriver, id: string, number: number) {
  yield* driver.send(call(number, "pool_result", { id }))
  return taskOf(yield* driver.reply(number))!
})

describe("claude-pool mcp", () => {
  it.live(`loses nothing in ${rounds} kills`, () =>
    Effect.gen(function*() {
      const directory = yield* Census.directory("kill-")
      const random = randomFrom(seed)
      const known: Known = { expected: new Map(), told: new Map() }
      for (let number = 0; number < rounds; number++) yield* round(directory, known, number, random)
      assert.isAbove(known.expected.size, rounds)
      assert.isAbove(known.told.size, 0)

      const last = yield* serveIn(directory)
      yield* last.send(call(1, "pool_wait", { wait_s: 100 }))
      assert.deepInclude((yield* last.reply(1)).result?.["structuredContent"] as object, {
        running: [],
        timed_out: false
      })

      let number = 10
      for (const [id, answer] of known.expected) {
        const task = yield* resultOf(last, id, number++)
        if (task.state === "failed") {
          // It has seen three pools end in the middle of it: not lost, but not started a fourth time by itself.
          assert.strictEqual(task.error?.code, "Interrupted", JSON.stringify(task))
          assert.isFalse(known.told.has(id))
        } else {
          assert.deepInclude(task, { id, state: "done", summary: answer })
        }
      }
      for (const [id, summary] of known.told) {
        assert.strictEqual((yield* resultOf(last, id, number++)).summary, summary)
      }
      yield* last.hangUp
      assert.strictEqual(yield* last.ended, 0)
    }), 180_000)
})
