/**
 * What is left of the real CLI, and of the daemons that its tools have started, when the pool ends or a task does: nothing,
 * at the level that the machine has and at the one without namespaces; nor any file of it.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { mkdirSync, readdirSync, symlinkSync } from "node:fs"
import { join } from "node:path"
import { type ApiReply, text, toolUse } from "../support/ApiReply.ts"
import { Census } from "../support/Census.ts"
import { gone, levelOf, reaperOf } from "../support/DaemonPool.ts"
import { RealPool } from "../support/RealPool.ts"

/** A command that does not end, and has started processes in sessions of their own, one forked twice and deaf to SIGTERM. */
const endless = [
  "setsid sh -c 'echo up > one; tail -f /dev/null; exit' > /dev/null 2>&1 &",
  "(setsid sh -c 'trap \"\" TERM HUP; echo up > two; tail -f /dev/null; exit' > /dev/null 2>&1 &)",
  "while [ ! -s one ] || [ ! -s two ]; do :; done",
  // What it keeps in its temporary directory: that of the worker, in that of the slot.
  "ls -A \"$CLAUDE_CODE_TMPDIR\" > seen",
  "echo \"$CLAUDE_CODE_TMPDIR\" > where",
  "echo up > begun",
  "tail -f /dev/null",
  "exit"
].join("\n")

const running: ApiReply = toolUse(
  "Bash",
  { command: endless, description: "run for ever", timeout: 600_000 },
  { inputTokens: 1000, outputTokens: 100 }
)

/** A PATH without the programs that make a namespace. */
const plainPath = (pool: RealPool): string => {
  const directory = join(pool.directory, "bin")
  mkdirSync(directory)
  for (const tool of ["sh", "bash", "setsid", "tail", "env", "ls"]) {
    symlinkSync(`/usr/bin/${tool}`, join(directory, tool))
  }
  return directory
}

/** Starts a task, and waits until its tool and the daemons run. */
const begin = Effect.fnUntraced(function*(pool: RealPool, isPlain: boolean, flags: ReadonlyArray<string> = []) {
  const argv = ["run", "--json", "run for ever", "--permissions", "full", "--model", "claude-sonnet-5-5", ...flags]
  const started = yield* pool.start(argv, { env: isPlain ? { PATH: plainPath(pool) } : {} })
  yield* pool.file(join(pool.project, "begun"))
  // The tool and two daemons, each with what it waits for, which is started after the files are written: else that none is
  // left would say nothing.
  yield* Effect.repeat(
    Effect.map(
      Census.pass,
      () => Census.processesOf(pool.directory).filter((one) => one.includes("tail -f /dev/null"))
    ),
    { until: (daemons) => daemons.length >= 5 }
  )
  return started
})

for (const isPlain of [false, true]) {
  describe(isPlain ? "without namespaces" : "with the strongest containment that there is here", () => {
    it.live("a killed pool leaves nothing of a tool with daemons, and the next one does its task", () =>
      Effect.gen(function*() {
        const pool = yield* RealPool.make([running, text("the second time")])
        const started = yield* begin(pool, isPlain)
        const level = levelOf(started.pid)
        assert.notStrictEqual(level, "marker-sweep")
        if (isPlain) assert.strictEqual(level, "reaper")
        const reaper = reaperOf(started.pid)
        yield* started.kill("SIGKILL")
        assert.include(yield* started.ended, { code: null, signal: "SIGKILL" })
        assert.deepStrictEqual(yield* Census.survivorsOf(pool.directory), [])
        if (reaper !== null) yield* gone(reaper)
        // This looks for temporary files of the killed one too.
        assert.strictEqual((yield* pool.run(["wait"])).code, 0)
      }))

    it.live("a task that is cancelled in the middle of its tool leaves nothing", () =>
      Effect.gen(function*() {
        const pool = yield* RealPool.make([running, text("not asked for any more")])
        const started = yield* begin(pool, isPlain)
        yield* started.kill("SIGINT")
        const { code, survivors } = yield* started.ended
        assert.deepStrictEqual({ code, survivors }, { code: 130, survivors: [] })
        assert.deepStrictEqual(readdirSync(join(pool.directory, "tmp")), [])
      }))

    it.live("a task whose time is over in the middle of its tool leaves nothing", () =>
      Effect.gen(function*() {
        const pool = yield* RealPool.make([running, text("not asked for any more")])
        const started = yield* begin(pool, isPlain, ["--timeout", "30s", "--max-attempts", "1"])
        const { code, survivors } = yield* started.ended
        assert.deepStrictEqual({ code, survivors }, { code: 5, survivors: [] })
        assert.deepStrictEqual(readdirSync(join(pool.directory, "tmp")), [])
      }))
  })
}

describe("the files that the CLI leaves", () => {
  it.live("are in a temporary directory of the worker's own, and go with it", () =>
    Effect.gen(function*() {
      const pool = yield* RealPool.make([running])
      const started = yield* begin(pool, false)
      const where = (yield* pool.file(join(pool.project, "where"))).trim()
      assert.match(where, /\/tmp\/claude-pool-[0-9a-f]{12}\/slot-1\/[0-9a-f]{8}$/)
      assert.isTrue(where.startsWith(pool.directory))
      const seen = (yield* pool.file(join(pool.project, "seen"))).trim().split("\n")
      assert.isAbove(seen.length, 0)
      yield* started.kill("SIGINT")
      yield* started.ended
      assert.deepStrictEqual(readdirSync(join(pool.directory, "tmp")), [])
    }))
})
