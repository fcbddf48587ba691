/**
 * Commands on a real shell: what they see, what is kept of what they say, and that nothing of them is left.
 */
import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Fiber, Layer, Result, type Scope } from "effect"
import { SecureRandom } from "effect/crypto"
import { existsSync } from "node:fs"
import { join } from "node:path"
import { parseCommand } from "../src/domain/CommandText.ts"
import { shellCommand, shellVariablesOf } from "../src/domain/ShellCommand.ts"
import * as MachineContainment from "../src/layers/MachineContainment.ts"
import { Checks } from "../src/services/Checks.ts"
import type { ContainmentLevel } from "../src/services/Containment.ts"
import { Census } from "./support/Census.ts"
import { FileWatch } from "./support/FileWatch.ts"

const containment = {
  "pid-namespace": MachineContainment.layer,
  "reaper": MachineContainment.layerReaper,
  "marker-sweep": MachineContainment.layerMarkerSweep
} satisfies Record<ContainmentLevel, unknown>

const checksIn = (level: ContainmentLevel, directory: string) =>
  Checks.layer({
    env: { PATH: "/usr/local/bin:/usr/bin:/bin", ANTHROPIC_API_KEY: "secret", MINE: "yes" },
    passEnv: ["MINE"],
    directory: join(directory, "checks")
  }).pipe(
    Layer.provide(containment[level]),
    Layer.provide([NodeServices.layer, SecureRandom.layerWebCrypto])
  )

/** A test in a directory of its own, in which nothing is left afterwards. */
const inDirectory = <A, E>(
  body: (directory: string) => Effect.Effect<A, E, Checks | Scope.Scope>,
  level: ContainmentLevel = "marker-sweep"
) =>
  Effect.scoped(Effect.gen(function*() {
    const directory = yield* Census.directory("check-")
    yield* Effect.scoped(Effect.provide(body(directory), checksIn(level, directory)))
    assert.isFalse(existsSync(join(directory, "checks")))
  }))

const run = (
  cwd: string,
  command: string,
  env: Record<string, string> = {},
  timeout: Duration.Duration | null = null
) => Effect.flatMap(Checks, (checks) => checks.run({ command, cwd, env, timeout }))

describe("a command", () => {
  it.live("says how it ended, and what it said in the order in which it said it", () =>
    inDirectory(Effect.fnUntraced(function*(directory: string) {
      const end = yield* run(directory, "echo one; echo two >&2; sleep 0.05; pwd; exit 3")
      assert.deepStrictEqual([end.exitCode, end.output.split("\n").toSorted()], [
        3,
        ["", directory, "one", "two"].toSorted()
      ])
      assert.strictEqual((yield* run(directory, "kill -9 $$")).exitCode === 0, false)
      assert.strictEqual((yield* run(join(directory, "gone"), "true")).exitCode, 126)
    })))

  it.live("sees what a shell needs, what it is given, and no login", () =>
    inDirectory(Effect.fnUntraced(function*(directory: string) {
      const { output } = yield* run(directory, "env", { CLAUDE_POOL_VAR_X: "a b" })
      assert.include(output, "CLAUDE_POOL_VAR_X=a b\n")
      assert.include(output, "MINE=yes\n")
      assert.notInclude(output, "secret")
    })))

  it.live("is cut to the end of what it says", () =>
    inDirectory(Effect.fnUntraced(function*(directory: string) {
      const end = yield* run(directory, "yes 1234567 | head -n 5000; echo end")
      assert.deepStrictEqual([end.exitCode, end.chars, end.output.length], [0, 40_004, 20_000])
      assert.match(end.output, /1234567\nend\n$/)
    })))

  it.live("cannot be made another one by the value of a variable", () =>
    inDirectory(Effect.fnUntraced(function*(directory: string) {
      const file = join(directory, "made")
      const hostile = `$(touch ${file}); touch ${file} '; touch ${file}; "; touch ${file}; \`touch ${file}\``
      for (
        const source of [
          "echo {vars.x}",
          "echo \"{vars.x}\"",
          "echo 'is {vars.x}'",
          "echo \"$(echo '{vars.x}')\"",
          "(echo ')'; echo \"`echo {vars.x}`\")"
        ]
      ) {
        const command = shellCommand(Result.getOrThrow(parseCommand(source)))
        const { exitCode, output } = yield* run(directory, command, shellVariablesOf({ x: hostile }))
        assert.strictEqual(exitCode, 0, command)
        assert.include(output, "touch")
      }
      assert.isFalse(existsSync(file))
    })))
})

for (const level of ["pid-namespace", "reaper", "marker-sweep"] as const) {
  describe(`a command with the containment ${level}`, () => {
    it.live("leaves nothing behind, however it ends", () =>
      inDirectory(
        Effect.fnUntraced(function*(directory: string) {
          const daemon = "(trap '' TERM; setsid sleep 600 >/dev/null 2>&1 &) ; "
          assert.strictEqual((yield* run(directory, `${daemon} exit 0`)).exitCode, 0)
          assert.deepStrictEqual(yield* Census.survivorsOf(directory), [])
          const late = yield* Effect.flip(run(directory, `${daemon} sleep 600`, {}, Duration.millis(300)))
          assert.strictEqual(late.reason._tag, "TimedOut")
          assert.deepStrictEqual(yield* Census.survivorsOf(directory), [])
          const running = yield* Effect.forkChild(run(directory, `${daemon} touch begun; sleep 600`))
          yield* FileWatch.until(directory, () => existsSync(join(directory, "begun")))
          yield* Fiber.interrupt(running)
          assert.deepStrictEqual(yield* Census.survivorsOf(directory), [])
        }),
        level
      ))
  })
}
