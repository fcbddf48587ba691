/**
 * What a client misses while it is away, and how much a worker may say: over the program as people run it.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Census } from "../support/Census.ts"
import { environmentIn, program, prompted } from "../support/Program.ts"
import { call, driveServer, initialize, type Message, type StdioDriver } from "./StdioDriver.ts"

const serveIn = Effect.fnUntraced(function*(directory: string, ...flags: ReadonlyArray<string>) {
  const driver = yield* driveServer(program(directory, ["mcp", ...flags]), {
    cwd: directory,
    env: environmentIn(directory)
  })
  yield* driver.send(...initialize)
  yield* driver.reply(0)
  return driver
})

const structured = ({ result }: Message) => result?.["structuredContent"] as Record<string, unknown>

const texts = ({ result }: Message) =>
  (result?.["content"] as ReadonlyArray<{ readonly text: string }> | undefined ?? []).map(({ text }) => text)

const makeCaller = (driver: StdioDriver) => {
  let last = 0
  return (name: string, args: Record<string, unknown> = {}) =>
    Effect.suspend(() => {
      const id = ++last
      return Effect.andThen(driver.send(call(id, name, args)), driver.reply(id))
    })
}

const idsOf = (briefs: unknown) => ((briefs ?? []) as ReadonlyArray<{ readonly id: string }>).map(({ id }) => id)

describe("a client that crashes", () => {
  it.live("finds with the next server what it had handed in, with a number and without", () =>
    Effect.gen(function*() {
      const directory = yield* Census.directory("inbox-")
      const first = yield* serveIn(directory, "--slots", "1")
      const ask = makeCaller(first)
      const seen = structured(yield* ask("pool_run", { prompt: "one [[say:1]]" }))
      const { seq } = structured(yield* ask("pool_wait", { wait_s: 0 }))
      const quick = structured(yield* ask("pool_submit", { prompt: "two [[say:2]]" }))
      const slow = structured(yield* ask("pool_submit", { prompt: "three [[await:file]] [[say:3]]" }))
      yield* prompted(directory, 3)
      yield* first.signal("SIGKILL")
      yield* first.ended
      assert.deepStrictEqual(yield* Census.survivorsOf(join(directory, "store", "slots")), [])

      writeFileSync(join(directory, "file"), "")
      const next = makeCaller(yield* serveIn(directory, "--slots", "1"))
      // One that has lost its numbers, too, waits for what goes on, and is told of the rest.
      const waited = structured(yield* next("pool_wait", { wait_s: 45 }))
      assert.include(idsOf(waited["done"]), slow["id"])
      const missed = [...idsOf(waited["done"]), ...(waited["unseen"] as ReadonlyArray<string> ?? [])]
      assert.includeMembers(missed, [quick["id"] as string, slow["id"] as string])
      // One that has kept them goes on where it was, as often as it likes.
      for (let times = 0; times < 2; times++) {
        const since = structured(yield* next("pool_wait", { since: seq, wait_s: 45 }))
        const after = idsOf(since["done"]).filter((id) => id !== seen["id"])
        assert.deepStrictEqual(after, [quick["id"], slow["id"]])
        // What the last server showed just before its end may have got lost, and is told again.
        assert.deepStrictEqual(since["unseen"] ?? [], [seen["id"]])
      }
    }).pipe(Effect.scoped), 60_000)
})

describe("a worker that says very much", () => {
  it.live("is read within bounds, by every tool that shows it", () =>
    Effect.gen(function*() {
      const directory = yield* Census.directory("flood-")
      const driver = yield* serveIn(directory, "--slots", "1")
      const ask = makeCaller(driver)
      const prompt = "[[cost:0.01]] [[long:100000000]]"
      const run = yield* ask("pool_run", { prompt })
      const { id } = structured(run)
      assert.deepInclude(structured(run), { state: "done", output_chars: 33_554_432 })
      yield* ask("pool_output", { id, offset: 33_500_000, limit: 40_000 })
      for (const [name, args] of [["pool_wait", { since: 0 }], ["pool_result", { id }], ["pool_list", {}]] as const) {
        assert.isAtMost(JSON.stringify(yield* ask(name, args)).length, 5000, name)
      }
      const [head = "", page = ""] = texts(yield* ask("pool_output", { id }))
      assert.deepInclude(JSON.parse(head), { offset: 0, next_offset: 8000, total: 33_554_432 })
      assert.isAtMost(page.length, 8200)
      for (const line of driver.lines) assert.isAtMost(line.length, 100_000)
      const most = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${driver.pid}/status`, "utf8"))?.[1]
      assert.isAtMost(Number(most), 1_500_000)
    }).pipe(Effect.scoped), 60_000)
})
