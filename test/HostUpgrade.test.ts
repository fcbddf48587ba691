/**
 * Two builds of the program at one store: the newer one takes the pool over, and the older one is told so.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import metadata from "../package.json" with { type: "json" }
import type { TaskView } from "../src/domain/TaskView.ts"
import { Hosted } from "./support/Hosted.ts"
import { asked, buildAs, prompted, ran, start } from "./support/Program.ts"

const newer = "99.1.0"

/** For Node, before a program of its own: one that serves begins it once the file is there. */
const waitsFor = (file: string, directory: string): string => {
  const module = join(directory, "gate.mjs")
  const words = {
    from: "import { existsSync, watch } from \"node:fs\"",
    wait: `await new Promise((resolve) => {
      const watcher = watch(${JSON.stringify(directory)}, () => look())
      const look = () => existsSync(${JSON.stringify(file)}) && resolve(watcher.close())
      look()
    })`
  }
  writeFileSync(module, `${words.from}\nif (process.argv[2] === "serve") ${words.wait}\n`)
  return `--import=${module}`
}

describe("a newer build of the program", () => {
  it.live("takes over the pool of an older one, with the work that is under way", () =>
    Effect.gen(function*() {
      const hosted = yield* Hosted.make("host-upgrade-")
      const { directory, env, json, note } = hosted
      const build = buildAs(newer, directory)
      const first = yield* json<TaskView>(["run", "first [[say:one]]", "--drain-grace", "1ms"])
      const { id } = yield* json<TaskView>(["submit", "second [[await:file]] [[say:at last]]"])
      yield* prompted(directory, 2)
      const old = note()
      assert.strictEqual(old.version, metadata.version)
      const left = yield* hosted.startConnected(["wait", id, "--json"])

      const gate = join(directory, "gate")
      const gated = { ...env, NODE_OPTIONS: waitsFor(gate, directory) }
      const taking = yield* start(directory, ["wait", first.id, id, "--json"], directory, gated, build)
      // Who has waited there is told how to go on. It was in time: what comes after, it could not speak to.
      const cut = yield* Effect.promise(() => left.ended)
      assert.strictEqual(cut.end, 6)
      assert.include(cut.stdout, `claude-pool wait ${id}`)
      writeFileSync(gate, "")
      // Cut off there, and asked again here.
      yield* prompted(directory, 3)
      writeFileSync(join(directory, "file"), "")
      const taken = yield* Effect.promise(() => taking.ended)
      assert.strictEqual(taken.end, 0, taken.stderr)
      assert.include(
        taken.stderr,
        `claude-pool ${metadata.version} runs the pool, in process ${old.pid}: it is drained, and goes on as ${newer}`
      )
      const { done } = JSON.parse(taken.stdout) as { readonly done: ReadonlyArray<TaskView> }
      assert.deepStrictEqual(done.map(({ summary }) => summary), ["one", "at last"])
      assert.deepStrictEqual(asked(directory), ["first", "second", "second"])
      assert.deepStrictEqual([note().version, note().pid === old.pid], [newer, false])

      const refused = yield* hosted.ran(["submit", "third"])
      assert.strictEqual(refused.end, 6)
      for (const part of [newer, metadata.version, String(note().pid), "claude-pool stop"]) {
        assert.include(refused.stderr, part)
      }
      // The way out that it was told.
      const stopped = yield* hosted.ran(["stop"])
      assert.deepStrictEqual([stopped.end, hosted.hasNote()], [0, false], stopped.stderr)
      assert.strictEqual((yield* json<TaskView>(["run", "third [[say:three]]"])).summary, "three")
      assert.strictEqual(note().version, metadata.version)
      const version = yield* ran(directory, ["status"], directory, env, build)
      assert.strictEqual(version.end, 0, version.stderr)
    }).pipe(Effect.scoped))
})
