/**
 * Supervision of the real CLI: a stream that stands still is found, and a command that is only silent is not touched,
 * by bounds that are much shorter than either.
 */
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect } from "effect"
import { hang, hangAfter, toolUse } from "../support/ApiReply.ts"
import { Census } from "../support/Census.ts"
import { thenText } from "../support/ScriptedApi.ts"
import { SupervisedSlot } from "../support/SupervisedSlot.ts"

/** Longer than the CLI takes to ask its provider, and to collect its garbage after that. */
const bounds = {
  // It is not seen for long enough to be told from one that takes in a slow answer.
  busyThroughout: 0.5,
  waitingModel: { suspicious: Duration.millis(500), hung: Duration.seconds(3) },
  runningTool: { suspicious: Duration.millis(200), hung: Duration.millis(500) },
  // It may be late with its transcript, where the machine is slow: that is no sign that its output has stopped.
  settled: Duration.seconds(2),
  writing: Duration.seconds(2)
}

const long = Duration.toMillis(bounds.waitingModel.hung) * 2

/** Silent, and without CPU, for longer than anything else may be. */
const silentCommand = `read -t ${long / 1000} line < <(tail -f /dev/null); echo woken`

describe("the real CLI", () => {
  for (
    const [what, reply] of [["in the middle of its answer", hangAfter("Half an ans")], ["before it", hang]] as const
  ) {
    it.live(`is found when its stream stands still ${what}`, () =>
      Effect.gen(function*() {
        const { directory, worker } = yield* SupervisedSlot.make({ contestant: "real", api: [reply], bounds })
        yield* Effect.scoped(Effect.gen(function*() {
          const it = yield* worker()
          const { reason } = yield* Effect.orDie(Effect.flip(it.run({ prompt: "say something" }, () => Effect.void)))
          assert.deepInclude(reason, { _tag: "Stalled", mode: "stream-stalled", phase: "waiting-model" })
        }))
        assert.deepStrictEqual(Census.processesOf(directory), [])
      }).pipe(Effect.scoped))
  }

  it.live("is left alone while a command of it is silent, and has time left by its own limit", () =>
    Effect.gen(function*() {
      const command = toolUse("Bash", { command: silentCommand, description: "wait", timeout: 60_000 })
      const { api, worker } = yield* SupervisedSlot.make({
        contestant: "real",
        api: thenText(command, "it is awake"),
        bounds,
        // Shorter than the silence, too: the command's own limit explains it.
        supervisor: { stallAfter: Duration.seconds(3) }
      })
      const it = yield* worker()
      const answer = yield* it.run({ prompt: "run it" }, () => Effect.void)
      assert.strictEqual(answer.output, "it is awake")
      assert.include(api.main.at(-1)?.raw, "woken")
    }).pipe(Effect.scoped))
})
