/**
 * The commands of the README do what it says, as a newcomer would type them: in an empty directory, over the built program
 * and the simulator.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { spawn } from "node:child_process"
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { text } from "node:stream/consumers"
import { fileURLToPath } from "node:url"
import { Census } from "./support/Census.ts"

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

const type = (directory: string) =>
  Effect.promise(async () => {
    const [home, bin, work] = ["home", "bin", "work"].map((name) => join(directory, name))
    for (const path of [home!, bin!, work!]) mkdirSync(path)
    writeFileSync(join(bin!, "npx"), `#!/bin/sh\nshift\nexec "${process.execPath}" "${program}" "$@"\n`)
    chmodSync(join(bin!, "npx"), 0o755)
    writeFileSync(join(work!, "change.yaml"), blocks("yaml")[0] ?? "")
    const child = spawn("sh", ["-ec", script], {
      cwd: work,
      env: { PATH: `${bin}:${process.env["PATH"]}`, HOME: home, TMPDIR: home },
      stdio: ["ignore", "pipe", "pipe"]
    })
    const ended = new Promise<number | null>((resolve) => child.on("close", resolve))
    const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
    return { stdout, stderr, code: await ended }
  })

describe("the commands of the README", () => {
  it.live("can be typed one after the other in an empty directory", () =>
    Effect.gen(function*() {
      const { code, stderr, stdout } = yield* type(yield* Census.directory("readme-"))
      assert.strictEqual(code, 0, stderr)
      // Its outputs are shown as they are.
      for (const shown of blocks("text")) assert.include(stdout, shown)
      assert.include(stderr, "2 answers written to findings/")
      assert.match(stdout, /^route: parallel, decided by the rules/m)
      assert.match(stdout, /^style set for pool$/m)
    }).pipe(Effect.scoped))
})
