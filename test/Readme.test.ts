/**
 * What the README shows is what is in the repository. Its tables have a test of their own beside what makes them.
 */
import { assert, describe, it } from "@effect/vitest"
import { readdirSync, readFileSync } from "node:fs"

const root = new URL("../", import.meta.url)

const read = (path: string): string => readFileSync(new URL(path, root), "utf8")

const readme = read("README.md")

/** The texts of the blocks in this language, in their order. */
const blocks = (language: string): ReadonlyArray<string> =>
  [...readme.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, "gms"))].map(([, body]) => body!)

describe("the README", () => {
  it("shows the examples as they are", () => {
    const examples = readdirSync(new URL("test/examples", root)).map((name) => read(`test/examples/${name}`))
    assert.deepStrictEqual(blocks("ts").toSorted(), examples.toSorted())
  })

  it("shows configurations that a client can read", () => {
    const servers = blocks("json").map((block): unknown => JSON.parse(block))
    assert.isNotEmpty(servers)
    for (const server of servers) assert.nestedProperty(server, "mcpServers.pool.timeout")
  })

  it("names files, scripts and settings that exist", () => {
    const { scripts } = JSON.parse(read("package.json")) as { readonly scripts: Readonly<Record<string, string>> }
    const run = [...readme.matchAll(/`npm run (\w+)`/g)].map(([, name]) => name!)
    assert.deepStrictEqual(run.filter((name) => !(name in scripts)), [])
    const links = [...readme.matchAll(/\]\((?!https?:|#)([^)]+)\)/g)].map(([, path]) => path!)
    for (const path of links) assert.isNotEmpty(read(path), path)
  })
})
