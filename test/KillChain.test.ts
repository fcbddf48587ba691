/**
 * The program is killed in the middle of each step of a chain; the next one goes on with it, and what was done is not
 * done again.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import type { ChainView } from "../src/domain/ChainView.ts"
import type { TaskView } from "../src/domain/TaskView.ts"
import { Census } from "./support/Census.ts"
import { asked, prompted, ran, start } from "./support/Program.ts"

const steps = ["first", "second", "third"]

/** Each waits for a file of its name, and then answers with what the one before has said. */
const plan = {
  steps: steps.map((name, index) => ({
    name,
    prompt: `${name}: [[await:${name}]] [[say:${index === 0 ? "" : "{previous_output} "}${name}]]`
  }))
}

const release = (directory: string, step: string) => Effect.sync(() => writeFileSync(join(directory, step), ""))

/** Ends it as a crash does, as soon as so many prompts have been asked. */
const killedAfter = Effect.fnUntraced(
  function*(directory: string, argv: ReadonlyArray<string>, prompts: number) {
    const { child, ended } = yield* start(directory, argv)
    yield* prompted(directory, prompts)
    child.kill("SIGKILL")
    assert.strictEqual((yield* Effect.promise(() => ended)).end, "SIGKILL")
    assert.deepStrictEqual(yield* Census.survivorsOf(directory), [])
  },
  Effect.scoped
)

describe("claude-pool chain", () => {
  it.live("goes on after a kill in each of its steps, and none that was done is run again", () =>
    Effect.gen(function*() {
      const directory = yield* Census.directory("chain-kill-")
      writeFileSync(join(directory, "plan.json"), JSON.stringify(plan))

      yield* killedAfter(directory, ["chain", "plan.json"], 1)
      assert.deepStrictEqual(asked(directory), ["first"])
      const list = yield* ran(directory, ["list", "--json"])
      const id = (JSON.parse(list.stdout) as { readonly tasks: ReadonlyArray<TaskView> }).tasks[0]?.part_of ?? "none"

      // Each asks again for the step in which the last one was killed, and then for the next.
      yield* release(directory, "first")
      yield* killedAfter(directory, ["wait"], 3)
      yield* release(directory, "second")
      yield* killedAfter(directory, ["chain", "resume", id], 5)
      yield* release(directory, "third")
      const { end, stderr, stdout } = yield* ran(directory, ["wait", id, "--json"])
      assert.strictEqual(end, 0, stderr)
      assert.deepInclude((JSON.parse(stdout) as { readonly chains: ReadonlyArray<ChainView> }).chains[0], {
        id,
        state: "done"
      })
      assert.deepStrictEqual(asked(directory), ["first", "first", "second", "second", "third", "third"])
      assert.include(yield* ran(directory, ["output", id]), { end: 0, stdout: "first second third\n" })
      assert.deepStrictEqual(yield* Census.survivorsOf(directory), [])
    }).pipe(Effect.scoped))
})
