/**
 * The commands of the README do what it says, as a newcomer would type them: in an empty directory, over the built program
 * and the simulator; and those that are marked so, while a pool serves a coordinator there.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { spawn } from "node:child_process"
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { text } from "node:stream/consumers"
import { fileURLToPath } from "node:url"
import { driveServer, initialize } from "./mcp/StdioDriver.ts"
import { Census } from "./support/Census.ts"
import { compileCache } from "./support/CompileCache.ts"

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8")
const program = fileURLToPath(new URL("../dist/claude-pool.js", import.meta.url))

/** What can be tried without an account. */
const part = readme.slice(readme.indexOf("## Hand out many tasks"), readme.indexOf("## Compose it"))

const blocks = (language: string): ReadonlyArray<string> =>
  [...part.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, "gms"))].map(([, body]) => body!)

/** All of them as one script; the id that stands for one is that of the task that was submitted. */
const script = blocks("sh").join("")
  .replace(/^(npx claude-pool submit .*?) +#.*$/m, "id=$($1)")
  .replaceAll("t_0123456789abcdef", "\"$id\"")

/** What is typed while a pool is open. */
const besideAPool = [...readme.matchAll(/^<!-- beside a pool -->\n```sh\n(.*?)^```/gms)].map(([, body]) => body!)

/** A new machine, as far as commands see it. */
const newcomer = (directory: string) => {
  const [home, bin, work] = ["home", "bin", "work"].map((name) => join(directory, name)) as [string, string, string]
  for (const path of [home, bin, work]) mkdirSync(path)
  writeFileSync(join(bin, "npx"), `#!/bin/sh\nshift\nexec "${process.execPath}" "${program}" "$@"\n`)
  chmodSync(join(bin, "npx"), 0o755)
  return {
    cwd: work,
    env: { PATH: `${bin}:${process.env["PATH"]}`, HOME: home, TMPDIR: home, ...compileCache }
  }
}

const type = (commands: string, { cwd, env }: ReturnType<typeof newcomer>) =>
  Effect.promise(async () => {
    const child = spawn("sh", ["-ec", commands], { cwd, env, stdio: ["ignore", "pipe", "pipe"] })
    const ended = new Promise<number | null>((resolve) => child.on("close", resolve))
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
    return { stdout, stderr, code: await ended }
  })

describe("the commands of the README", () => {
  it.live("can be typed one after the other in an empty directory", () =>
    Effect.gen(function*() {
      const machine = newcomer(yield* Census.directory("readme-"))
      writeFileSync(join(machine.cwd, "change.yaml"), blocks("yaml")[0] ?? "")
      // As a newcomer has it, all of it is done by a host that the first command starts; it ends with the last one.
      yield* Effect.addFinalizer(() => type("npx claude-pool stop", machine))
      const { code, stderr, stdout } = yield* type(script, machine)
      assert.strictEqual(code, 0, stderr)
      // Its outputs are shown as they are.
      for (const shown of blocks("text")) assert.include(stdout, shown)
      assert.include(stderr, "2 answers written to findings/")
      assert.match(stdout, /^route: parallel, decided by the rules/m)
      assert.match(stdout, /^style set for pool$/m)
    }).pipe(Effect.scoped))

  it.live("can be typed beside a pool, and are done by it", () =>
    Effect.gen(function*() {
      const machine = newcomer(yield* Census.directory("readme-beside-"))
      const alone = { CLAUDE_POOL_SIMULATE: "true", CLAUDE_POOL_IN_PROCESS: "true" }
      const simulated = { ...machine, env: { ...machine.env, ...alone } }
      const server = yield* driveServer([program, "mcp", "--slots", "2"], simulated)
      yield* server.send(...initialize)
      yield* server.reply(0)

      assert.isNotEmpty(besideAPool)
      const { code, stderr, stdout } = yield* type(besideAPool.join(""), simulated)
      assert.strictEqual(code, 0, stderr)
      const told = [
        /^pool +runs in process \d+ since /m,
        /^SLOT +STATE +TASK/m,
        /^4 slots now, 2 before$/m,
        /^slot-2 +reviewer .*opus/m,
        /^I looked at it as a reviewer would\./m,
        /^drained: nothing ran, and nothing waits$/m,
        /^the pool takes work in again/m,
        /^nothing is old enough: .* on disk$/m
      ]
      for (const line of told) assert.match(stdout, line)

      yield* server.hangUp
      assert.strictEqual(yield* server.ended, 0)
    }).pipe(Effect.scoped))
})
