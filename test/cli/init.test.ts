/**
 * `init`: what it writes for a project and for a plugin, what it leaves alone, and that it shows it before.
 */
import { assert, describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { execFile } from "node:child_process"
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { differenceOf } from "../../src/cli/init/FileChange.ts"
import { lookingTools } from "../../src/cli/init/SetUp.ts"
import { Toolset } from "../../src/domain/Toolset.ts"
import { poolTools } from "../../src/mcp/tools/PoolTools.ts"
import { Census } from "../support/Census.ts"
import { claudePoolIn } from "../support/FrontDoor.ts"
import { ran } from "../support/Program.ts"
import { RealClaude } from "../support/RealClaude.ts"

type Json = Readonly<Record<string, unknown>>

const json = (text: string | undefined): Json => JSON.parse(text ?? "null") as Json

const server = {
  command: "/usr/bin/node",
  args: ["/opt/claude-pool/claude-pool.js", "mcp"],
  timeout: 1_800_000
}

const machine = { node: "/usr/bin/node" }
const skill = "/project/.claude/skills/pool-coordinator/SKILL.md"

describe("claude-pool init", () => {
  it.effect("writes the server, the skill and leave to look, and shows them first", () =>
    Effect.gen(function*() {
      const told = yield* claudePoolIn({ machine })("init", "--yes")
      assert.strictEqual(told.exitCode, 0, told.stderr)
      assert.deepStrictEqual(Object.keys(told.written), [
        "/project/.mcp.json",
        skill,
        "/project/.claude/settings.json"
      ])
      assert.deepStrictEqual(json(told.written["/project/.mcp.json"]), { mcpServers: { pool: server } })
      assert.deepStrictEqual(json(told.written["/project/.claude/settings.json"]), {
        permissions: { allow: lookingTools.map((tool) => `mcp__pool__${tool}`) }
      })
      assert.include(told.stdout, ".mcp.json: is created\n+{\n+  \"mcpServers\": {")
      assert.include(told.stdout, "+name: pool-coordinator")
      assert.include(told.stderr, "written in /project; start a Claude Code session here")
    }))

  it.effect("adds to what is there, in the way in which it is written, and leaves the rest", () =>
    Effect.gen(function*() {
      const files = {
        "/project/.mcp.json": `{\n\t"mcpServers": {\n\t\t"other": {"command": "other"}\n\t},\n\t"x": 1\n}\n`,
        "/project/.claude/settings.json":
          `{"permissions": {"allow": ["Bash(ls:*)", "mcp__pool__pool_wait"], "deny": []}}`,
        "/project/.claude-pool/settings.json": `{"timeout": "1h"}`,
        "/project/node_modules/claude-pool/package.json": "{}"
      }
      const told = yield* claudePoolIn({ machine, files })(
        "init",
        "--slots",
        "8",
        "--pool-budget-usd",
        "20",
        "--yes"
      )
      assert.strictEqual(told.exitCode, 0, told.stderr)
      const written = told.written["/project/.mcp.json"]
      assert.match(written ?? "", /^\{\n\t"mcpServers": \{\n\t\t"other"/)
      assert.deepStrictEqual(json(written), {
        mcpServers: {
          other: { command: "other" },
          pool: { command: "npx", args: ["claude-pool", "mcp", "--pool-budget-usd=20"], timeout: 1_800_000 }
        },
        x: 1
      })
      assert.deepStrictEqual(json(told.written["/project/.claude/settings.json"])["permissions"], {
        allow: [
          "Bash(ls:*)",
          "mcp__pool__pool_wait",
          ...lookingTools.filter((tool) => tool !== "pool_wait").map((tool) => `mcp__pool__${tool}`)
        ],
        deny: []
      })
      assert.deepStrictEqual(json(told.written["/project/.claude-pool/settings.json"]), { timeout: "1h", slots: 8 })
    }))

  it.effect("has nothing to do the second time", () =>
    Effect.gen(function*() {
      const first = yield* claudePoolIn({ machine })("init", "--yes")
      const again = yield* claudePoolIn({ machine, files: first.written })("init")
      assert.deepStrictEqual([again.exitCode, again.written], [0, {}])
      assert.include(again.stdout, ".mcp.json: as it should be")
      assert.include(again.stderr, "nothing to do")
    }))

  it.effect("keeps what somebody has changed of its own server", () =>
    Effect.gen(function*() {
      const mine = { command: "npx", args: ["-y", "claude-pool", "mcp"], timeout: 5, env: { A: "b" } }
      const files = { "/project/.mcp.json": JSON.stringify({ mcpServers: { pool: mine } }) }
      const told = yield* claudePoolIn({ machine, files })("init", "--yes")
      const [written] = Object.values(json(told.written["/project/.mcp.json"])["mcpServers"] as Json)
      assert.deepStrictEqual(written, { ...mine, ...server, timeout: 5 })
    }))

  it.effect("writes nothing where there is nobody to ask, and with --dry-run", () =>
    Effect.gen(function*() {
      const asked = yield* claudePoolIn({ machine })("init")
      assert.deepStrictEqual([asked.exitCode, asked.written], [2, {}])
      assert.include(asked.stderr, "say --yes to write it, or --dry-run to see it only")
      const dry = yield* claudePoolIn({ machine })("init", "--dry-run", "--json")
      assert.deepStrictEqual([dry.exitCode, dry.written], [0, {}])
      assert.deepStrictEqual(json(dry.stdout), {
        directory: "/project",
        files: [
          { path: ".mcp.json", change: "created" },
          { path: ".claude/skills/pool-coordinator/SKILL.md", change: "created" },
          { path: ".claude/settings.json", change: "created" }
        ],
        written: false
      })
    }))

  it.effect("refuses files that it does not understand, another's server and a bad name", () =>
    Effect.gen(function*() {
      const refusals = [
        [{ "/project/.mcp.json": "{ // a comment\n}" }, ["init", "--yes"], ".mcp.json: this is no JSON"],
        [{ "/project/.mcp.json": "[]" }, ["init", "--yes"], ".mcp.json: this is no JSON object"],
        [{ "/project/.mcp.json": `{"mcpServers": []}` }, ["init", "--yes"], "mcpServers is no JSON object"],
        [
          { "/project/.mcp.json": `{"mcpServers": {"pool": {"command": "swim"}}}` },
          ["init", "--yes"],
          "a server called pool is there already, and it is not claude-pool"
        ],
        [
          { "/project/.claude/settings.json": `{"permissions": {"allow": "Bash(ls:*)"}}` },
          ["init", "--yes"],
          "permissions.allow is no JSON array"
        ],
        [{}, ["init", "--name", "a b", "--yes"], "--name a b: letters, digits, - and _ only"]
      ] as const
      for (const [files, argv, issue] of refusals) {
        const told = yield* claudePoolIn({ machine, files })(...argv)
        assert.deepStrictEqual([told.exitCode, told.written], [2, {}], issue)
        assert.include(told.stderr, issue)
      }
    }))

  it.effect("takes names of what every object has for names", () =>
    Effect.gen(function*() {
      const text = `{"__proto__": {"a": 1}, "mcpServers": {"constructor": {"command": "other"}}}`
      const told = yield* claudePoolIn({ machine, files: { "/project/.mcp.json": text } })(
        "init",
        "--name",
        "__proto__",
        "--yes"
      )
      assert.strictEqual(told.exitCode, 0, told.stderr)
      const written = told.written["/project/.mcp.json"] ?? ""
      assert.strictEqual(
        JSON.stringify(json(written)),
        `{"__proto__":{"a":1},"mcpServers":{"constructor":{"command":"other"},"__proto__":${JSON.stringify(server)}}}`
      )
    }))

  it("lets sessions use without asking what only looks, and nothing else", () => {
    const reading = poolTools(["default"]).filter(({ hints }) => hints.readOnly).map(({ name }) => name)
    assert.deepStrictEqual([...lookingTools], reading)
    assert.includeMembers(poolTools(Toolset.literals).map(({ name }) => name), [...lookingTools])
  })

  it("shows what goes and what comes, with a few lines around it", () => {
    const before = `${Array.from({ length: 9 }, (_, at) => `line ${at}`).join("\n")}\n`
    const after = before.replace("line 5\n", "line five\nline 5½\n")
    assert.deepStrictEqual(differenceOf({ path: "f", before, after }), [
      " …",
      " line 3",
      " line 4",
      "-line 5",
      "+line five",
      "+line 5½",
      " line 6",
      " line 7",
      " …"
    ])
    assert.deepStrictEqual(differenceOf({ path: "f", before: null, after: "a\nb\n" }), ["+a", "+b"])
  })

  it.effect("has one skill, as the snapshot says, which names only tools that there are", () =>
    Effect.gen(function*() {
      const { written } = yield* claudePoolIn({ machine })("init", "--yes")
      const text = written[skill] ?? ""
      const known = new Set(poolTools(Toolset.literals).map(({ name }) => name))
      const named = [...new Set(text.match(/pool_[a-z_]+/g))]
      assert.isAbove(named.length, 8)
      assert.deepStrictEqual(named.filter((name) => !known.has(name)), [])
      yield* Effect.promise(() => expect(text).toMatchFileSnapshot("snapshots/pool-coordinator.md"))
    }))
})

/** The real CLI, which contacts nobody. */
const claude = (home: string, args: ReadonlyArray<string>) =>
  Effect.callback<string>((resume) => {
    const env = RealClaude.cleanEnvironment({ home, url: "http://127.0.0.1:9" })
    const child = execFile(RealClaude.binary, args, { cwd: home, env }, (error, stdout, stderr) =>
      resume(error === null ? Effect.succeed(stdout) : Effect.die(new Error(`${error.message}\n${stdout}\n${stderr}`))))
    child.stdin?.end()
    return Effect.sync(() =>
      child.kill("SIGKILL")
    )
  })

describe("claude-pool init, the program,", () => {
  it.live("writes a plugin that the real claude finds to be valid", () =>
    Effect.gen(function*() {
      const directory = yield* Census.directory("init-")
      const plugin = join(directory, "plugin")
      const told = yield* ran(directory, ["init", "--plugin", "plugin", "--yes", "--json"])
      assert.strictEqual(told.end, 0, told.stderr)
      assert.deepStrictEqual((json(told.stdout)["files"] as ReadonlyArray<Json>).map(({ path }) => path), [
        ".claude-plugin/plugin.json",
        ".mcp.json",
        "skills/pool-coordinator/SKILL.md",
        "README.md"
      ])
      const { pool } = json(readFileSync(join(plugin, ".mcp.json"), "utf8"))["mcpServers"] as {
        readonly pool: { readonly command: string; readonly args: ReadonlyArray<string> }
      }
      assert.isTrue(existsSync(pool.command) && existsSync(pool.args[0]!))
      assert.include(yield* claude(directory, ["plugin", "validate", plugin]), "Validation passed")
    }).pipe(Effect.scoped))

  it.live("does not write over a file that it cannot read", () =>
    Effect.gen(function*() {
      const directory = yield* Census.directory("init-")
      mkdirSync(join(directory, ".git"))
      writeFileSync(join(directory, ".mcp.json"), "not JSON")
      const told = yield* ran(directory, ["init", "--yes"])
      assert.strictEqual(told.end, 2)
      assert.strictEqual(readFileSync(join(directory, ".mcp.json"), "utf8"), "not JSON")
      assert.isFalse(existsSync(join(directory, ".claude")))
    }).pipe(Effect.scoped))

  it.live("neither reads nor writes through a link that leads out of the project", () =>
    Effect.gen(function*() {
      const directory = yield* Census.directory("init-")
      const [project, outside] = [join(directory, "project"), join(directory, "outside")]
      for (const one of [join(project, ".git"), join(project, "docs"), outside]) mkdirSync(one, { recursive: true })
      writeFileSync(join(outside, "theirs.json"), "{}")
      for (
        const [link, target] of [
          [".mcp.json", join(outside, "theirs.json")],
          [".mcp.json", "../outside/new.json"],
          [".claude", "../outside"]
        ] as const
      ) {
        symlinkSync(target, join(project, link))
        const told = yield* ran(project, ["init", "--yes"])
        assert.strictEqual(told.end, 2, told.stdout)
        assert.include(told.stderr, `${link}: this is a link that leads out of the directory`)
        assert.deepStrictEqual(readdirSync(outside), ["theirs.json"])
        rmSync(join(project, link))
      }
      symlinkSync("docs", join(project, ".claude"))
      const told = yield* ran(project, ["init", "--yes"])
      assert.strictEqual(told.end, 0, told.stderr)
      assert.isTrue(existsSync(join(project, "docs", "settings.json")))
    }).pipe(Effect.scoped))
})
