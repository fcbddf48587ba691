/**
 * Sessions of the simulator: how they are kept, resumed and forked.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { isResult, isType, start, temporary, user } from "./support/Simulated.ts"

const clean = { code: 0, signal: null }
const failed = { code: 1, signal: null }

const transcriptIn = (directory: string) => {
  const projects = join(directory, "config", "projects")
  const [slug = ""] = readdirSync(projects)
  return readdirSync(join(projects, slug)).map((file) => ({ slug, file, path: join(projects, slug, file) }))
}

describe("sessions", () => {
  it.effect("go on with their costs, and know what was said", () =>
    Effect.gen(function*() {
      const directory = yield* temporary
      const options = { cwd: directory, env: { CLAUDE_CONFIG_DIR: join(directory, "config") } }
      const first = yield* start(options)
      const { session_id } = yield* first.ask("remember the blue door [[cost:0.5]]")
      assert.deepStrictEqual(yield* first.end, clean)
      const [file] = transcriptIn(directory)
      assert.deepInclude(file, { slug: directory.replace(/[^A-Za-z0-9]/g, "-"), file: `${session_id}.jsonl` })
      assert.include(readFileSync(file?.path ?? "", "utf8"), "remember the blue door")

      const second = yield* start({ ...options, flags: [`--resume=${session_id}`, "--max-budget-usd=0.3"] })
      const result = yield* second.ask("which door? [[cost:0.25]]")
      assert.include(result, { session_id, total_cost_usd: 0.75, is_error: false })
      assert.include(result["result"], "remember the blue door")
      yield* second.end

      const forked = yield* start({ ...options, flags: ["--resume", session_id, "--fork-session"] })
      const fork = yield* forked.ask("again [[cost:0.25]]")
      assert.strictEqual(fork["total_cost_usd"], 1)
      assert.notStrictEqual(fork["session_id"], session_id)
      yield* forked.end
      assert.strictEqual(transcriptIn(directory).length, 2)

      const taken = yield* start({ ...options, flags: [`--session-id=${session_id}`] })
      assert.deepStrictEqual(yield* taken.exit, failed)
      assert.include(yield* taken.stderr, "is already in use")
    }))

  it.effect("go on with what was cut off, however often that is", () =>
    Effect.gen(function*() {
      const directory = yield* temporary
      const options = { cwd: directory, env: { CLAUDE_CONFIG_DIR: join(directory, "config") } }
      const first = yield* start(options)
      const { session_id } = yield* first.ask("[[say:before]]")
      yield* first.send(user("[[think:1]][[await:go]][[say:the answer]]"))
      yield* first.take(isType("system", "thinking_tokens"))
      yield* first.kill("SIGKILL")
      yield* first.exit

      const resumed = { ...options, flags: [`--resume=${session_id}`] }
      for (let cut = 0; cut < 2; cut++) {
        const next = yield* start(resumed)
        yield* next.send(user("Your work was cut off: go on."))
        yield* next.take(isType("system", "thinking_tokens"))
        yield* next.kill("SIGKILL")
        yield* next.exit
      }
      writeFileSync(join(directory, "go"), "")
      const last = yield* start(resumed)
      assert.include(yield* last.ask("Your work was cut off: go on."), { result: "the answer" })
      yield* last.end
    }))

  it.effect("that are unknown fail as the real ones do", () =>
    Effect.gen(function*() {
      const directory = yield* temporary
      const id = "11111111-2222-4333-8444-555555555555"
      const env = { CLAUDE_CONFIG_DIR: join(directory, "config") }
      const simulated = yield* start({ env, flags: [`--resume=${id}`] })
      const result = yield* simulated.take(isResult)
      assert.include(result, { subtype: "error_during_execution", num_turns: 0, is_error: true, session_id: id })
      assert.deepStrictEqual(result["errors"], [`No conversation found with session ID: ${id}`])
      assert.deepStrictEqual(yield* simulated.exit, failed)
    }))

  it.effect("leave nothing behind without persistence", () =>
    Effect.gen(function*() {
      const directory = yield* temporary
      const env = { CLAUDE_CONFIG_DIR: join(directory, "config") }
      const simulated = yield* start({ cwd: directory, env, flags: ["--no-session-persistence"] })
      yield* simulated.ask("hi")
      yield* simulated.end
      assert.deepStrictEqual(readdirSync(directory, { recursive: true }), ["config"])
    }))

  it.effect("have cost nothing, for the next process, if theirs was killed", () =>
    Effect.gen(function*() {
      const directory = yield* temporary
      const env = { CLAUDE_CONFIG_DIR: join(directory, "config") }
      const killed = yield* start({ cwd: directory, env })
      const { session_id } = yield* killed.ask("[[cost:0.5]]")
      yield* killed.kill("SIGKILL")
      assert.deepStrictEqual(yield* killed.exit, { code: null, signal: "SIGKILL" })
      const next = yield* start({ cwd: directory, env, flags: [`--resume=${session_id}`] })
      assert.include(yield* next.ask("[[cost:0.25]]"), { session_id, total_cost_usd: 0.25 })
      const terminated = yield* start({ cwd: directory, env })
      const other = yield* terminated.ask("another [[cost:0.5]]")
      yield* terminated.kill("SIGTERM")
      assert.deepStrictEqual(yield* terminated.exit, { code: 143, signal: null })
      const last = yield* start({ cwd: directory, env, flags: [`--resume=${other["session_id"]}`] })
      assert.strictEqual((yield* last.ask("[[cost:0.25]]"))["total_cost_usd"], 0.75)
    }))
})
