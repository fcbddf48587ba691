/**
 * The examples do what they say, as a user would run them: each in a process and a directory of its own, over the built
 * package and the simulator.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { spawn } from "node:child_process"
import { readdirSync } from "node:fs"
import { join } from "node:path"
import { text } from "node:stream/consumers"
import { fileURLToPath } from "node:url"
import { Census } from "./support/Census.ts"
import { compileCache } from "./support/CompileCache.ts"

const examples = fileURLToPath(new URL("./examples", import.meta.url))

const play = (name: string) =>
  Effect.gen(function*() {
    const directory = yield* Census.directory("example-")
    return yield* Effect.promise(async () => {
      const child = spawn(process.execPath, [join(examples, `${name}.ts`)], {
        cwd: directory,
        env: { PATH: process.env["PATH"], HOME: directory, TMPDIR: directory, ...compileCache },
        stdio: ["ignore", "pipe", "pipe"]
      })
      const ended = new Promise<number | null>((resolve) => child.on("close", resolve))
      const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
      return { stdout, stderr, code: await ended }
    })
  }).pipe(Effect.scoped)

/** What each of them prints. */
const expected: Readonly<Record<string, RegExp>> = {
  "auto-route": /^parallel, by the rules: .+\n3 prompts\n3 done\n$/,
  "basic": /^The borrow checker\n.*\n.*\n\$0\.\d+, t_[0-9a-z]{16}\n$/,
  "budgeted-batch": /^cart\.ts: done\n(?:\w+\.ts: done\n)+(?:\w+\.ts: BudgetRefused\n)+\$0\.0\d+ of \$0\.08\n$/,
  "chain": /^plan: done\nwarn: skipped\nlook: done\ntest: done\nreport: done\ndone: Two files, low risk\n$/,
  "fan-out":
    /^failed: 2 done, 1 failed\n1 run again, 2 kept\ncart: .*fine\norder: .*fine too\ntax: .*twice\n1\. tax .*twice\n$/,
  "own-service": /^.+: \d+ points\n$/s,
  "review": /^review: Three lines.*checker\nreview: Iron sleeps in rain\ndone after 2 attempts\n$/
}

describe("an example", () => {
  it("is here if it is there", () => {
    assert.deepStrictEqual(readdirSync(examples), Object.keys(expected).map((name) => `${name}.ts`))
  })

  for (const [name, output] of Object.entries(expected)) {
    it.live(`${name} runs`, () =>
      Effect.gen(function*() {
        const { code, stderr, stdout } = yield* play(name)
        assert.deepStrictEqual([code, stderr], [0, ""])
        assert.match(stdout, output)
      }))
  }
})
