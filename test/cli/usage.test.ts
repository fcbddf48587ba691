/**
 * What people get wrong: each mistake is told in a line on stderr, with the way out, and exits 2.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { claudePoolIn, type World } from "../support/FrontDoor.ts"
import { sampleId } from "../support/SampleViews.ts"

const mistakes: ReadonlyArray<readonly [name: string, argv: ReadonlyArray<string>, says: RegExp, world?: World]> = [
  ["an unknown flag", ["run", "x", "--modle", "opus"], /Unrecognized flag: --modle.*\nhint: did you mean --model\?/],
  ["an unknown command", ["lst"], /Unknown subcommand "lst"[^]*list/],
  [
    "a prompt without quotes",
    ["run", "fix", "it"],
    /Unexpected positional argument: "it"\nhint: put a text of several words/
  ],
  ["a missing id", ["result"], /Missing required argument: id/],
  ["an id that is none", ["result", "t_1"], /"t_1" is not the id of a task\nhint: an id looks like t_/],
  ["an empty prompt", ["run", " \n"], /the prompt is empty\nhint: give it as an argument/],
  ["an empty stdin", ["run"], /the prompt is empty/],
  ["no prompt at a terminal", ["run"], /there is no prompt/, { machine: { stdinIsTerminal: true } }],
  ["a negative budget", ["run", "x", "--budget-usd", "-1"], /--budget-usd: "-1" is not an amount in US dollars/],
  ["a budget of nothing", ["run", "x", "--budget-usd", "0"], /--budget-usd: .*above zero/],
  [
    "a negative pool budget",
    ["list", "--pool-budget-usd", "-1"],
    /flag --pool-budget-usd: .*is not an amount in US dollars/
  ],
  ["too long a name", ["run", "x", "--name", "n".repeat(101)], /--name: /],
  [
    "a time without a unit",
    ["run", "x", "--timeout", "90"],
    /flag --timeout: timeout: "90" is not a duration of at most 7 days/
  ],
  ["an unknown choice", ["run", "x", "--permissions", "root"], /--permissions: "root"[^]*read-only/],
  ["the same flag twice", ["--slots", "2", "run", "x", "--slots", "3"], /--slots: "2 occurrences"/],
  [
    "two system prompts",
    ["run", "x", "--system-prompt", "a", "--system-prompt-file", "b"],
    /--system-prompt and --system-prompt-file contradict each other\nhint: leave one/
  ],
  ["simulator and CLI", ["run", "x", "--simulate", "--claude", "/bin/claude"], /simulate: contradicts claude/],
  ["all and a limit", ["output", sampleId("a"), "--all", "--limit", "5"], /--all and --limit contradict each other/],
  ["a page before the first", ["output", sampleId("a"), "--offset", "-5"], /--offset: -5 is below zero/],
  ["a list of nothing", ["list", "--limit", "0"], /--limit: 0 is not above zero/],
  [
    "a schema file that is not there",
    ["run", "x", "--schema", "none.json"],
    /--schema none.json: there is no such file/
  ],
  [
    "a torn schema file",
    ["run", "x", "--schema", "s.json"],
    /--schema s.json: not JSON: .*\(line 2/,
    { files: { "/project/s.json": "{\"type\":\n" } }
  ],
  [
    "a schema that is no object",
    ["run", "x", "--schema", "s.json"],
    /--schema s.json: its "type" must be "object"/,
    { files: { "/project/s.json": "{\"type\": \"array\"}" } }
  ],
  [
    "MCP servers that are none",
    ["run", "x", "--mcp-config", "m.json"],
    /--mcp-config m.json: docs: Expected object/,
    { files: { "/project/m.json": "{\"mcpServers\": {\"docs\": 1}}" } }
  ],
  ["a directory that is not there", ["run", "x", "--cwd", "none"], /--cwd \/project\/none: is not a directory/],
  ["a task to go on with that is none", ["run", "x", "--continue-from", "t_1"], /--continue-from: .*a task id such as/]
]

describe("a mistake", () => {
  for (const [name, argv, says, world = {}] of mistakes) {
    it.effect(name, () =>
      Effect.gen(function*() {
        const told = yield* claudePoolIn(world)(...argv)
        assert.match(told.stderr, says)
        assert.match(told.stderr, /^error: /)
        assert.match(told.stderr, /\nhint: /)
        assert.strictEqual(told.stdout, "")
        assert.strictEqual(told.exitCode, 2)

        const json = yield* claudePoolIn(world)("--json", ...argv)
        const { error } = JSON.parse(json.stdout) as { readonly error: { readonly hint: string } }
        assert.notStrictEqual(error.hint, "")
        assert.strictEqual(json.stderr, "")
        assert.strictEqual(json.exitCode, 2)
      }))
  }
})
