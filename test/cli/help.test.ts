/**
 * Help, version, completions: what a newcomer meets first.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { flagOf, settingNames } from "../../src/domain/Settings.ts"
import { claudePoolIn } from "../support/FrontDoor.ts"

const claudePool = claudePoolIn({})

/** As they are typed. */
const commands = [
  "run",
  "submit",
  "fan-out",
  "chain",
  "plan",
  "auto",
  "wait",
  "cancel",
  "retry",
  "mcp",
  "approve",
  "reject",
  "result",
  "output",
  "list",
  "status",
  "watch",
  "plans",
  "route",
  "slots",
  "scale",
  "drain",
  "resume",
  "prune",
  "context",
  "message",
  "config",
  "doctor"
]

const parts: Readonly<Record<string, ReadonlyArray<string>>> = {
  chain: ["resume", "schema"],
  context: ["set", "get", "delete", "list"],
  message: ["send", "read", "list"],
  slots: ["set"]
}

const paths = [
  ...commands,
  ...Object.entries(parts).flatMap(([command, names]) => names.map((name) => `${command} ${name}`))
]

const isColoured = (machine: { readonly stdoutIsTerminal?: boolean; readonly env?: Record<string, string> }) =>
  Effect.map(claudePoolIn({ machine })("--help"), ({ stdout }) => stdout.includes("\u001b["))

describe("help", () => {
  for (const command of paths) {
    it.effect(`of ${command} has a description, an example, and a default for every flag`, () =>
      Effect.gen(function*() {
        const told = yield* claudePool(...command.split(" "), "--help")
        assert.strictEqual(told.exitCode, 0)
        assert.strictEqual(told.stderr, "")
        assert.match(told.stdout, /^DESCRIPTION\n {2}\w[^\n]{20,}\n\nUSAGE\n/)
        assert.match(told.stdout, /[^\n]\n\nEXAMPLES\n/)
        assert.include(told.stdout.split("EXAMPLES")[1] ?? "", `claude-pool ${command === "config" ? "" : command}`)
        const flags = told.stdout.split("\n").filter((line) => line.startsWith("  --"))
        assert.include(flags.join("\n"), "--json")
        for (const flag of flags) assert.match(flag, /\(default: |The same, from a file/)
      }))
  }

  it.effect("of --max-rejections says how often a result may be sent back, which is as often as the number says", () =>
    Effect.gen(function*() {
      const { stdout } = yield* claudePool("run", "--help")
      assert.match(stdout, /--max-rejections integer .*how often it may be sent back; once more, and it fails/)
    }))

  it.effect("of claude-pool lists every command and every setting", () =>
    Effect.gen(function*() {
      const { stdout } = yield* claudePool("--help")
      for (const command of commands) assert.match(stdout, new RegExp(`^  ${command} +\\w`, "m"))
      for (const name of settingNames) assert.match(stdout, new RegExp(`^  --${flagOf(name)} .*\\(default: `, "m"))
    }))

  for (const [command, names] of Object.entries(parts)) {
    it.effect(`of ${command} lists its own commands, and no settings of others`, () =>
      Effect.gen(function*() {
        const { stdout } = yield* claudePool(command, "--help")
        for (const name of names) assert.match(stdout, new RegExp(`^  ${name} +\\w`, "m"))
        assert.notInclude(stdout, "--shutdown-grace")
      }))
  }

  it.effect("fits on a screen or two: what a newcomer reads first", () =>
    Effect.gen(function*() {
      const { stdout } = yield* claudePool("--help")
      const groups = stdout.split("\n").filter((line) => /^[A-Z ]+:$/.test(line))
      assert.deepStrictEqual(groups, ["WORK:", "REVIEW:", "LOOK:", "POOL:", "TELL:", "SET UP:"])
      const described = stdout.slice(stdout.indexOf("WORK:"), stdout.indexOf("EXAMPLES")).split("\n")
      for (const line of described) assert.isAtMost(line.length, 110)
    }))

  it.effect("is what there is to say without a command", () =>
    Effect.gen(function*() {
      const told = yield* claudePool()
      assert.strictEqual(told.exitCode, 0)
      assert.match(told.stdout, /^DESCRIPTION\n/)
    }))

  it.effect("has colour only on a terminal, and not with NO_COLOR", () =>
    Effect.gen(function*() {
      assert.isFalse(yield* isColoured({}))
      assert.isTrue(yield* isColoured({ stdoutIsTerminal: true }))
      assert.isFalse(yield* isColoured({ stdoutIsTerminal: true, env: { NO_COLOR: "1" } }))
    }))
})

describe("version", () => {
  it.effect("is printed", () =>
    Effect.gen(function*() {
      assert.strictEqual((yield* claudePool("--version")).stdout, "claude-pool v1.2.3")
    }))
})

describe("completions", () => {
  for (const shell of ["bash", "zsh", "fish", "powershell"]) {
    it.effect(`for ${shell} know commands, settings and choices`, () =>
      Effect.gen(function*() {
        const told = yield* claudePool("--completions", shell)
        assert.strictEqual(told.exitCode, 0)
        for (const word of ["fallback-model", "doctor", "read-only", "permission-mode"]) {
          assert.include(told.stdout, word)
        }
      }))
  }
})

describe("mcp", () => {
  it.effect("serves what it is given, and says nothing on stdout", () =>
    Effect.gen(function*() {
      const told = yield* claudePoolIn({ serve: Effect.void })("mcp", "--slots", "8")
      assert.deepStrictEqual([told.stdout, told.exitCode], ["", 0])
    }))

  it.effect("serves over HTTP at the port that is asked for, or at its usual one", () =>
    Effect.gen(function*() {
      const ports: Array<number> = []
      const claudePool = claudePoolIn({ serveHttp: (port) => Effect.sync(() => void ports.push(port)) })
      for (const flags of [["--http"], ["--http", "--port", "0"], ["--http", "--port", "65535"]]) {
        const { exitCode, stdout } = yield* claudePool("mcp", ...flags)
        assert.deepStrictEqual([stdout, exitCode], ["", 0])
      }
      assert.deepStrictEqual(ports, [7665, 0, 65_535])
      for (const flags of [["--port", "1"], ["--http", "--port", "65536"], ["--http", "--port", "-1"]]) {
        const { exitCode, modes, stderr } = yield* claudePool("mcp", ...flags)
        // No host is started for it.
        assert.deepStrictEqual([exitCode, modes], [2, []])
        assert.match(stderr, /^error: .*--port.*\nhint: /)
      }
      assert.lengthOf(ports, 3)
    }))
})
