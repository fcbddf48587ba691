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
      const left = yield* hosted.start(["wait", id, "--json"])

      const taking = yield* start(directory, ["wait", first.id, id, "--json"], directory, env, build)
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

      // Who has waited there cannot speak to the new one, and is told how to go on.
      const cut = yield* Effect.promise(() => left.ended)
      assert.strictEqual(cut.end, 6)
      assert.include(cut.stdout, `claude-pool wait ${id}`)

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
