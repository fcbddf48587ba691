/**
 * The real, interactive `claude` as coordinator, by the older protocol: a long wait goes into the background and wakes the
 * session when it ends, a review is a form for the person, and Esc ends the work of a call.
 */
import { assert, describe, expect, it } from "@effect/vitest"
import { Effect, Schedule } from "effect"
import { existsSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { text } from "../support/ApiReply.ts"
import { FileWatch } from "../support/FileWatch.ts"
import { Leaks } from "../support/Leaks.ts"
import { enter, escape, startTerminal } from "../support/RealTerminal.ts"
import { approveByKeys } from "../support/ReviewKeys.ts"
import { ScriptedApi } from "../support/ScriptedApi.ts"
import { temporary } from "../support/Simulated.ts"
import { callOf, lastTold, type Step, toldAs, workIn } from "../support/Told.ts"

const command = fileURLToPath(new URL("../../dist/claude-pool.js", import.meta.url))

const served = ["--in-process", "--simulate", "--review-by", "human"]

const seqIn = (told: string): number => Number(/"seq":(\d+)/.exec(told)?.[1])

describe("the real claude on a terminal, by the older protocol", () => {
  it.live("is woken by a wait that has become long, asks its person, and ends work by Esc", () =>
    Effect.gen(function*() {
      const home = yield* temporary
      const gate = join(home, "gate")
      const gated = (said: string) => `[[await:${gate}]][[say:${said}]]`
      const begun = join(home, "begun")
      let seen = 0
      const steps: ReadonlyArray<Step> = [
        () => callOf("pool_submit_with_review", { prompt: gated("a draft"), criteria: "must be a draft" }, "toolu_1"),
        () =>
          callOf(
            "pool_fan_out",
            { prompts: [gated("red"), gated("green")], name: "colours" },
            "toolu_2"
          ),
        (request) => callOf("pool_wait", { ids: workIn(request).slice(0, 2) }, "toolu_3"),
        () => text("I go on meanwhile."),
        (request) => {
          seen = seqIn(lastTold(request))
          return callOf("pool_approve_result", { id: workIn(request)[0], note: "fine by me" }, "toolu_4")
        },
        () => callOf("pool_run", { prompt: `[[bash:touch ${begun}; sleep 600]]` }, "toolu_5"),
        () => callOf("pool_wait", { since: seen, mode: "all" }, "toolu_6"),
        () => text("All is done.")
      ]
      const api = yield* ScriptedApi.make((request, index) => steps[index]?.(request) ?? text("It is over."))
      const terminal = yield* startTerminal({
        home,
        url: api.url,
        server: [process.execPath, command, "mcp", ...served, "--store", join(home, "store")],
        env: {
          MCP_PROTOCOL_NEGOTIATION: "legacy",
          // Ten times what Esc needs: its call is not to go into the background before.
          CLAUDE_CODE_MCP_AUTO_BACKGROUND_MS: "3000"
        },
        prompt: "Use the pool."
      })
      yield* terminal.shows(/MCP\s*task\s*still\s*running/)
      writeFileSync(gate, "")
      yield* approveByKeys(terminal, "well done", FileWatch.until(home, () => existsSync(begun)))
      assert.isNotEmpty(Leaks.alive(begun))
      yield* terminal.pressUntil(escape, /Interrupted/)
      yield* terminal.press("What has become of it?")
      yield* terminal.shows(/become\s*of\s*it/)
      yield* terminal.pressUntil(enter, /All\s*is\s*done/)
      const last = yield* api.nextRequest(7)
      // What the worker had started is gone with it.
      yield* Effect.repeat(Effect.sync(() => Leaks.alive(begun)), {
        while: (alive) => alive.length > 0,
        schedule: Schedule.spaced("20 millis")
      })
      assert.lengthOf(api.main, 8)
      yield* Effect.promise(() => expect(toldAs(last)).toMatchFileSnapshot("snapshots/coordinator-legacy.txt"))
    }))
})
