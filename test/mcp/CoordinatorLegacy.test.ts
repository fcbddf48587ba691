/**
 * The real, interactive `claude` as coordinator, by the older protocol: a long call goes into the background and wakes the
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

const started = (home: string, url: string, more: Readonly<Record<string, string>> = {}) =>
  startTerminal({
    home,
    url,
    server: {
      type: "stdio",
      command: process.execPath,
      args: [command, "mcp", ...served, "--store", join(home, "store")]
    },
    env: { MCP_PROTOCOL_NEGOTIATION: "legacy", ...more },
    prompt: "Use the pool."
  })

describe("the real claude on a terminal, by the older protocol", () => {
  it.live("is woken by a call that has become long", () =>
    Effect.gen(function*() {
      const home = yield* temporary
      const gate = join(home, "gate")
      const gated = (said: string) => `[[await:${gate}]][[say:${said}]]`
      const steps: ReadonlyArray<Step> = [
        // The one call of the session, for it ends only after it has become long: any other might become long as well.
        () =>
          callOf("pool_fan_out", { prompts: [gated("red"), gated("green")], name: "colours", wait_s: 600 }, "toolu_1"),
        () => text("I go on meanwhile."),
        () => text("All is done.")
      ]
      const api = yield* ScriptedApi.make((request, index) => steps[index]?.(request) ?? text("It is over."))
      const terminal = yield* started(home, api.url, { CLAUDE_CODE_MCP_AUTO_BACKGROUND_MS: "1000" })
      yield* api.nextRequest(1)
      yield* terminal.shows(/MCP task still running/)
      writeFileSync(gate, "")
      const last = yield* api.nextRequest(2)
      assert.lengthOf(api.main, 3)
      yield* Effect.promise(() => expect(toldAs(last)).toMatchFileSnapshot("snapshots/coordinator-woken.txt"))
    }))

  it.live("asks its person, and ends work by Esc", () =>
    Effect.gen(function*() {
      const home = yield* temporary
      const begun = join(home, "begun")
      let seen = 0
      const steps: ReadonlyArray<Step> = [
        () => callOf("pool_submit_with_review", { prompt: "[[say:a draft]]", criteria: "must be a draft" }, "toolu_1"),
        (request) => callOf("pool_wait", { ids: workIn(request) }, "toolu_2"),
        (request) => {
          seen = seqIn(lastTold(request))
          return callOf("pool_approve_result", { id: workIn(request)[0], note: "fine by me" }, "toolu_3")
        },
        () => callOf("pool_run", { prompt: `[[bash:touch ${begun}; sleep 600]]` }, "toolu_4"),
        () => callOf("pool_wait", { since: seen, mode: "all" }, "toolu_5"),
        () => text("All is done.")
      ]
      const api = yield* ScriptedApi.make((request, index) => steps[index]?.(request) ?? text("It is over."))
      const terminal = yield* started(home, api.url)
      yield* approveByKeys(terminal, "well done", FileWatch.until(home, () => existsSync(begun)))
      assert.isNotEmpty(Leaks.alive(begun))
      yield* terminal.pressUntil(escape, /Interrupted/)
      yield* terminal.pressUntil("What has become of it?", /become of it/)
      yield* terminal.pressUntil(enter, /All is done/)
      const last = yield* api.nextRequest(5)
      // What the worker had started is gone with it.
      yield* Effect.repeat(Effect.sync(() => Leaks.alive(begun)), {
        while: (alive) => alive.length > 0,
        schedule: Schedule.spaced("20 millis")
      })
      assert.lengthOf(api.main, 6)
      yield* Effect.promise(() => expect(toldAs(last)).toMatchFileSnapshot("snapshots/coordinator-legacy.txt"))
    }))
})
