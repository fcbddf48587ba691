/**
 * The real, interactive `claude` as coordinator, by the newer protocol: calls go into the background at once, no turn is
 * spent on asking after them, their results wake the session, and a review is a form for the person.
 */
import { assert, describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { execFile } from "node:child_process"
import { existsSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { type ApiReply, text, toolUse } from "../support/ApiReply.ts"
import { FileWatch } from "../support/FileWatch.ts"
import { RealClaude } from "../support/RealClaude.ts"
import { startTerminal } from "../support/RealTerminal.ts"
import { approveByKeys } from "../support/ReviewKeys.ts"
import { type ApiRequest, ScriptedApi } from "../support/ScriptedApi.ts"
import { temporary } from "../support/Simulated.ts"
import { callOf, lastTold, type Step, toldAs, workIn } from "../support/Told.ts"
import { readyServer } from "./ReadyServer.ts"

const command = fileURLToPath(new URL("../../dist/claude-pool.js", import.meta.url))

/** The session's own name for the call that it keeps. */
const keptAs = (request: ApiRequest): string => /as task (\w+)/.exec(lastTold(request))?.[1] ?? "none"

describe("the real claude on a terminal", () => {
  it.live("keeps calls in the background, is woken by their ends, and asks its person", () =>
    Effect.gen(function*() {
      const home = yield* temporary
      const [gate, begun, last] = [join(home, "gate"), join(home, "begun"), join(home, "last")]
      const steps: ReadonlyArray<(...asked: Parameters<Step>) => ApiReply | Effect.Effect<ApiReply>> = [
        () => callOf("pool_submit", { prompt: `[[await:${last}]][[say:and so it ends]]` }, "toolu_1"),
        () => callOf("pool_run", { prompt: `[[await:${gate}]][[say:Iron sleeps in rain]]`, name: "haiku" }, "toolu_2"),
        () => text("I go on meanwhile."),
        () => callOf("pool_submit_with_review", { prompt: "[[say:a draft]]", criteria: "must be a draft" }, "toolu_3"),
        () => text("It is for you to decide."),
        () => callOf("pool_run", { prompt: `[[bash:touch ${begun}; sleep 600]]` }, "toolu_4"),
        (request) =>
          Effect.as(
            FileWatch.until(home, () => existsSync(begun)),
            toolUse("TaskStop", { task_id: keptAs(request) }, { id: "toolu_5" })
          ),
        (request) => {
          const [submitted, ...others] = workIn(request)
          return callOf("pool_wait", { ids: [submitted, others.at(-1)] }, "toolu_6")
        },
        () => text("I wait for its end."),
        () => text("All is done.")
      ]
      const api = yield* ScriptedApi.make((request, index) => steps[index]?.(request) ?? text("It is over."))
      const store = join(home, "store")
      const server = yield* readyServer(
        {
          directory: home,
          args: [command, "mcp", "--in-process", "--simulate", "--review-by", "human", "--store", store],
          env: { HOME: home, PATH: process.env["PATH"] ?? "" }
        },
        FileWatch.until(home, () => existsSync(join(store, "owner.json")))
      )
      const terminal = yield* startTerminal({ home, url: api.url, server, prompt: "Use the pool." })
      // Each of the ends comes in a turn of its own: it is let come when the turn before has been asked for.
      yield* api.nextRequest(2)
      yield* terminal.shows(/1 MCP task/)
      writeFileSync(gate, "")
      yield* terminal.shows(/MCP task t_\w+ \(pool\/pool_run\)\s*completed/)
      yield* api.nextRequest(4)
      yield* approveByKeys(terminal, "well done", /pool_submit_with_review\)\s*completed/)
      yield* api.nextRequest(8)
      writeFileSync(last, "")
      const end = yield* api.nextRequest(9)
      // Nothing but these turns: whoever asked after the work, the model did not.
      assert.lengthOf(api.main, 10)
      yield* Effect.promise(() => expect(toldAs(end)).toMatchFileSnapshot("snapshots/coordinator-tasks.txt"))
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
