/**
 * The real, interactive `claude` as coordinator, by the newer protocol: calls go into the background at once, no turn is
 * spent on asking after them, their results wake the session, and a review is a form for the person.
 */
import { assert, describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { execFile } from "node:child_process"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { text, toolUse } from "../support/ApiReply.ts"
import { RealClaude } from "../support/RealClaude.ts"
import { startTerminal } from "../support/RealTerminal.ts"
import { approveByKeys } from "../support/ReviewKeys.ts"
import { type ApiRequest, ScriptedApi } from "../support/ScriptedApi.ts"
import { temporary } from "../support/Simulated.ts"
import { callOf, lastTold, type Step, toldAs, workIn } from "../support/Told.ts"

const command = fileURLToPath(new URL("../../dist/claude-pool.js", import.meta.url))

/** The session's own name for the call that it keeps. */
const keptAs = (request: ApiRequest): string => /as task (\w+)/.exec(lastTold(request))?.[1] ?? "none"

describe("the real claude on a terminal", () => {
  it.live("keeps calls in the background, is woken by their ends, and asks its person", () =>
    Effect.gen(function*() {
      const home = yield* temporary
      const steps: ReadonlyArray<Step> = [
        () => callOf("pool_run", { prompt: "[[delay:1500]][[say:Iron sleeps in rain]]", name: "haiku" }, "toolu_1"),
        () => text("I go on meanwhile."),
        () => callOf("pool_submit_with_review", { prompt: "[[say:a draft]]", criteria: "must be a draft" }, "toolu_2"),
        () => text("It is for you to decide."),
        () => callOf("pool_run", { prompt: "[[stall]]" }, "toolu_3"),
        (request) => toolUse("TaskStop", { task_id: keptAs(request) }, { id: "toolu_4" }),
        (request) => {
          const stopped = workIn(request).at(-1) ?? "none"
          return callOf("pool_wait", { ids: [stopped] }, "toolu_5")
        },
        () => text("I wait for its end."),
        () => text("All is done.")
      ]
      const api = yield* ScriptedApi.make((request, index) => steps[index]?.(request) ?? text("It is over."))
      const terminal = yield* startTerminal({
        home,
        url: api.url,
        server: [process.execPath, command, "mcp", "--in-process", "--simulate", "--store", join(home, "store")],
        env: { CLAUDE_POOL_REVIEW_BY: "human" },
        prompt: "Use the pool."
      })
      yield* terminal.shows("1 MCP task")
      yield* terminal.shows(/MCP\s*task\s*t_\w+\s*\(pool\/pool_run\)\s*completed/)
      yield* approveByKeys(terminal, "well done", /pool_submit_with_review\)\s*completed/)
      const last = yield* api.nextRequest(8)
      // Nothing but these turns: whoever asked after the work, the model did not.
      assert.lengthOf(api.main, 9)
      yield* Effect.promise(() => expect(toldAs(last)).toMatchFileSnapshot("snapshots/coordinator-tasks.txt"))
    }))

  it.live("finds the server connected", () =>
    Effect.gen(function*() {
      const home = yield* temporary
      const env = RealClaude.cleanEnvironment({ home, url: "http://127.0.0.1:9" })
      const claude = (...args: ReadonlyArray<string>) =>
        Effect.callback<string>((resume) => {
          const child = execFile(RealClaude.binary, args, { cwd: home, env }, (error, stdout, stderr) =>
            resume(
              error === null ? Effect.succeed(stdout) : Effect.die(new Error(`${error.message}\n${stdout}${stderr}`))
            ))
          child.stdin?.end()
          return Effect.sync(() => child.kill("SIGKILL"))
        })
      const server = [process.execPath, command, "mcp", "--in-process", "--simulate", "--store", join(home, "store")]
      yield* claude("mcp", "add", "pool", "--", ...server)
      assert.match(yield* claude("mcp", "list"), /pool: .* ✔ Connected/)
    }))
})
