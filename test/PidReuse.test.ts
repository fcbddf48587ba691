/**
 * No foreign process is signalled, also where it has been given the id of a worker's process that has ended: forced in a
 * PID namespace, as often as the time allows, up to ten thousand times.
 */
import { assert, describe, it } from "@effect/vitest"
import { Console, Effect } from "effect"
import { spawn, spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"

const script = fileURLToPath(new URL("support/reusePids.ts", import.meta.url))

const namespace = ["--pid", "--fork", "--kill-child=KILL", "--mount-proc"]

/** As root, as somebody who may make user namespaces, or as neither: then ids are reused when the kernel comes to it. */
const ways = [["unshare", ...namespace], ["unshare", ...namespace, "--user", "--map-root-user"]].find(
  ([program = "", ...words]) => spawnSync(program, [...words, "true"]).status === 0
) ?? []

interface Figures {
  readonly rounds: number
  readonly reused: number
  readonly wrong: number
  readonly missed: number
}

const reuse = (rounds: number, seconds: number) =>
  Effect.callback<Figures>((resume) => {
    const [program = process.execPath, ...words] = [...ways, process.execPath, script, String(rounds), String(seconds)]
    const child = spawn(program, words, { stdio: ["ignore", "pipe", "inherit"] })
    let text = ""
    child.stdout.on("data", (chunk: Buffer) => {
      text += chunk.toString("utf8")
    })
    child.on("close", () => resume(Effect.sync(() => JSON.parse(text) as Figures)))
    return Effect.sync(() => child.kill("SIGKILL"))
  })

describe("an id that is given out again", () => {
  it.live("is not signalled", () =>
    Effect.gen(function*() {
      const { missed, reused, rounds, wrong } = yield* reuse(10_000, 20)
      yield* Console.log(`${reused} ids were given out again`)
      assert.deepStrictEqual({ missed, wrong }, { missed: 0, wrong: 0 })
      if (ways.length > 0) assert.strictEqual(reused, rounds)
      assert.isAbove(rounds, 100)
    }), 60_000)
})
