/**
 * The real Claude Code as a client over HTTP: added as the server says on stderr, it connects; with another token it does
 * not. No model has to be asked for that.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { execFile } from "node:child_process"
import { driveServer } from "../mcp/StdioDriver.ts"
import { Census } from "../support/Census.ts"
import { environmentIn, program } from "../support/Program.ts"
import { RealClaude } from "../support/RealClaude.ts"
import { ScriptedApi } from "../support/ScriptedApi.ts"

/** In a shell, for the command that is added has a shell's words in it. */
const shell = (home: string, env: Record<string, string>, command: string) =>
  Effect.callback<string>((resume) => {
    const child = execFile("/bin/sh", ["-c", command], { cwd: home, env }, (error, stdout, stderr) =>
      resume(error === null ? Effect.succeed(stdout) : Effect.die(new Error(`${command}: ${stderr}`))))
    return Effect.sync(() =>
      child.kill("SIGKILL")
    )
  })

describe("Claude Code", () => {
  it.live("connects over HTTP once it is told what stderr says", () =>
    Effect.gen(function*() {
      const home = yield* Census.directory("claude-code-")
      const api = yield* ScriptedApi.make([])
      const env = RealClaude.cleanEnvironment({ home, url: api.url })
      const flags = ["mcp", "--http", "--port", "0"]
      const server = yield* driveServer(program(home, flags), { cwd: home, env: environmentIn(home) })
      const [, told = ""] = yield* server.said(/for Claude Code: claude (mcp add .+)\n/)
      const claude = `'${RealClaude.binary}'`
      yield* shell(home, env, `${claude} ${told}`)
      yield* shell(home, env, `${claude} ${told.replace(" pool ", " stranger ").replace("Bearer ", "Bearer x")}`)
      const listed = yield* shell(home, env, `${claude} mcp list`)
      assert.match(listed, /^pool: .* Connected$/m)
      assert.match(listed, /^stranger: .* Failed to connect .*401/m)
      yield* server.signal("SIGTERM")
      yield* server.ended
    }).pipe(Effect.scoped))
})
