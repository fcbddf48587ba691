/**
 * What people get wrong: each mistake is told in a line on stderr, with the way out, and exits 2.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { claudePoolIn, type World } from "../support/FrontDoor.ts"
import { sampleId } from "../support/SampleViews.ts"

const mistakes: ReadonlyArray<readonly [name: string, argv: ReadonlyArray<string>, says: RegExp, world?: World]> = [
  ["an unknown flag", ["run", "x", "--modle", "opus"], /Unrecognized flag: --modle.*\nhint: did you mean --model\?/],
  ["the beginning of a flag", ["serve", "--until"], /hint: did you mean --until-idle\?; see/],
  [
    "an unknown flag of a command without texts",
    ["serve", "--xyzzy"],
    /--xyzzy.*\nhint: see `claude-pool serve --help`$/
  ],
  ["a prompt like a flag", ["run", "--xyzzy"], /hint: a text that begins with - goes after --; see/],
  ["an unknown command", ["lst"], /Unknown subcommand "lst"[^]*list/],
  [
    "a prompt without quotes",
    ["run", "fix", "it"],
    /Unexpected positional argument: "it"\nhint: put a text of several words/
  ],
  ["a missing id", ["result"], /Missing required argument: id/],
  [
    "an id that is none",
    ["result", "t_1"],
    /"t_1" is not the id of a task, a group or a chain\nhint: an id looks like t_/
  ],
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
  [
    "half a review",
    ["run", "x", "--criteria", "brief"],
    /--max-rejections and --criteria are about a review\nhint: say --review/
  ],
  ["too many rejections", ["run", "x", "--review", "--max-rejections", "21"], /--max-rejections: .*between 0 and 20/],
  ["too many attempts", ["run", "x", "--retry", "21"], /^error: --retry: Expected a value between 0 and 20\n/],
  ["nothing to fan out", ["fan-out"], /there are no prompts\nhint: give several/],
  ["a fan-out of nothing", ["fan-out", "a", " "], /a prompt is empty/],
  ["two templates", ["fan-out", "a", "b", "--over", "-"], /--over: there has to be one prompt, and there are 2/],
  ["two sources of items", ["fan-out", "a", "--items", "-"], /--items has the prompts/],
  ["items that are none", ["fan-out", "--items", "-"], /item 0: prmpt: .*\nhint: each line/, {
    stdin: "{\"prmpt\": \"x\"}"
  }],
  ["a torn line of items", ["fan-out", "--items", "-"], /--items -: line 2: not JSON/, {
    stdin: "{\"prompt\": \"x\"}\n{\"prompt\":"
  }],
  ["no items", ["fan-out", "--items", "-"], /--items: there are no items/],
  ["a list of nothing to ask for", ["fan-out", "{item}", "--over", "-"], /there are no items/],
  ["a field that an item has not", ["fan-out", "{item.q}", "--over", "-"], /item 0: .*q/, { stdin: "{\"a\": 1}" }],
  ["a template of something else", ["fan-out", "{itm}", "--over", "-"], /the prompt: .*itm/, { stdin: "x" }],
  ["a list that is not there", ["fan-out", "{item}", "--over", "none.txt"], /--over none.txt: there is no such file/],
  ["a pattern that finds nothing", ["fan-out", "{item}", "--over", "*.none"], /no file is found by this pattern/],
  ["no such rule", ["fan-out", "x", "--on-failure", "quorum:0"], /--on-failure: "quorum:0" is no such rule/],
  ["no concurrency", ["fan-out", "x", "--concurrency", "0"], /--concurrency: .*1/],
  ["a group for nothing", ["fan-out", "x", "--group-budget-usd", "0"], /--group-budget-usd: .*above zero/],
  ["an empty reduction", ["fan-out", "x", "--reduce", " "], /--reduce is empty/],
  [
    "results of what only begins",
    ["fan-out", "x", "--detach", "--results", "out"],
    /--detach and --results contradict/
  ],
  ["a plan that is not there", ["chain", "none.yaml"], /plan none.yaml: there is no such file/],
  ["a variable without a value", ["chain", "-", "--var", "x"], /--var: "x" is not NAME=VALUE/, {
    stdin: "steps: [{name: a, prompt: b}]"
  }],
  ["a variable with two", ["chain", "-", "--var", "x=1", "--var", "x=2"], /--var: x is given twice/, {
    stdin: "steps: [{name: a, prompt: b}]"
  }],
  ["a fan-out that is taken for a chain", ["chain", "-"], /stdin:1:1: this is a fan-out.*`claude-pool plan`/, {
    stdin: "items: [1]\nprompt: '{item}'\n"
  }],
  ["the answers of a chain", ["plan", "-", "--results", "out"], /--results is for the items of a fan-out/, {
    stdin: "steps: [{name: a, prompt: b}]"
  }],
  ["a task that is to be taken up as a chain", ["chain", "resume", sampleId("a")], /is not the id of a chain/],
  ["a group that is to be approved", ["approve", `g_${"g".repeat(16)}`], /is not the id of a task/],
  ["a rejection without feedback", ["reject", sampleId("a")], /Missing required flag: --feedback/],
  ["an empty feedback", ["reject", sampleId("a"), "--feedback", "-"], /--feedback is empty/],
  [
    "a feedback that is not there",
    ["reject", sampleId("a"), "--feedback", "@none"],
    /--feedback none: there is no such/
  ],
  ["a scope that is none", ["context", "list", "--scope", "all"], /--scope: "all" is neither pool nor an id/],
  ["a key that is none", ["context", "set", "a b", "x"], /"a b" is not a key/],
  ["a message to nobody", ["message", "send", "bob", "x"], /"bob" is nobody .*\nhint: say slot-2, role:reviewer/],
  [
    "no time to wait",
    ["message", "send", "all", "x", "--expires-after", "5"],
    /--expires-after: "5" is not a duration/
  ],
  ["groups and chains", ["list", "--groups", "--chains"], /--groups and --chains go with no other choice/],
  ["groups by their state", ["list", "--groups", "--state", "done"], /--groups and --chains go with no other choice/],
  ["a group and a tag", ["list", "--group", "g_1", "--tag", "x"], /--group and --tag contradict/],
  ["a task for a group", ["list", "--group", sampleId("a")], /--group: t_a+ is a task/],
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
