/**
 * What the README shows is what is in the repository. Its tables have a test of their own beside what makes them.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { readChain } from "../src/domain/PlanText.ts"
import { claudePoolIn } from "./support/FrontDoor.ts"
import { commands } from "./support/ReadmeTables.ts"

const root = new URL("../", import.meta.url)

const read = (path: string): string => readFileSync(new URL(path, root), "utf8")

const readme = read("README.md")

/** The texts of the blocks in this language, in their order. */
const blocks = (language: string): ReadonlyArray<string> =>
  [...readme.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, "gms"))].map(([, body]) => body!)

const linked = [...readme.matchAll(/\]\((?!https?:|#)([^)]+)\)/g)].map(([, path]) => path!)

/** What it says after `claude-pool` in its commands, two words each. */
const said = [...readme.matchAll(/(?:`|npx )claude-pool ([a-z]\S*)(?: (\S+))?/g)].map(([, first, second]) =>
  [first!.replace(/\W+$/, ""), second ?? ""] as const
)

describe("the README", () => {
  const examples = new Map(
    readdirSync(new URL("test/examples", root)).map((name) => [`test/examples/${name}`, read(`test/examples/${name}`)])
  )

  it("shows a few of the examples, word for word", () => {
    const texts = new Set(examples.values())
    const shown = blocks("ts")
    assert.isNotEmpty(shown)
    assert.isAtMost(shown.length, 3)
    assert.deepStrictEqual(shown.filter((block) => !texts.has(block)), [])
  })

  it("shows or links every example", () => {
    const missing = [...examples].filter(([path, text]) => !linked.includes(path) && !blocks("ts").includes(text))
    assert.deepStrictEqual(missing.map(([path]) => path), [])
  })

  it("shows configurations that a client can read", () => {
    const servers = blocks("json").map((block): unknown => JSON.parse(block))
    assert.isNotEmpty(servers)
    for (const server of servers) assert.nestedProperty(server, "mcpServers.pool.timeout")
  })

  it("shows plans that can be run", () => {
    const plans = blocks("yaml")
    assert.isNotEmpty(plans)
    for (const plan of plans) assert.strictEqual(readChain(plan, "README.md")._tag, "Success")
  })

  it("names commands that exist", () => {
    const names = new Set(commands.map(([name]) => name))
    const exists = ([first, second]: readonly [string, string]) =>
      names.has(first) &&
      (!["context", "message"].includes(first) || second === "" || names.has(`${first} ${second}`))
    assert.isNotEmpty(said)
    assert.deepStrictEqual(said.filter((command) => !exists(command)), [])
  })

  it.effect("names flags that exist", () =>
    Effect.gen(function*() {
      const { stdout } = yield* claudePoolIn({})("--completions", "bash")
      const known = new Set(["--help", "--version", ...stdout.match(/--[a-z][a-z-]*/g) ?? []])
      // What is on a console is for another program.
      const ours = readme.replaceAll(/^```console\n.*?^```/gms, "")
      const flags = [...ours.matchAll(/(?<=[\s`])--[a-z][a-z-]*/g)].map(([flag]) => flag)
      assert.isNotEmpty(flags)
      assert.deepStrictEqual(flags.filter((flag) => !known.has(flag)), [])
    }))

  it("names files, scripts and headings that exist", () => {
    const { scripts } = JSON.parse(read("package.json")) as { readonly scripts: Readonly<Record<string, string>> }
    const run = [...readme.matchAll(/`npm run (\w+)`/g)].map(([, name]) => name!)
    assert.deepStrictEqual(run.filter((name) => !(name in scripts)), [])
    assert.deepStrictEqual(linked.filter((path) => !existsSync(new URL(path, root))), [])
    const headings = new Set(
      [...readme.matchAll(/^#+ (.+)$/gm)].map(([, text]) => text!.toLowerCase().replaceAll(" ", "-"))
    )
    const anchors = [...readme.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor]) => anchor!)
    assert.deepStrictEqual(anchors.filter((anchor) => !headings.has(anchor)), [])
  })
})
