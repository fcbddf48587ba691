/**
 * What a host is told by whoever starts it, and what of it a later client is told.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { isNewer } from "../src/domain/HostNote.ts"
import { defaultSettings, settingNames, type Settings } from "../src/domain/Settings.ts"
import { differences, differencesText, hostEnvironment, poolTexts } from "../src/layers/HostSettings.ts"
import { Configuration, type Origin } from "../src/services/Configuration.ts"

/** With these settings, of which those are said by flags. */
const configured = (settings: Partial<Settings>, origin: Origin = { kind: "flag", name: "--x" }) =>
  ({
    settings: { ...defaultSettings, ...settings },
    origins: Object.fromEntries(
      settingNames.map((name) => [name, name in settings ? origin : { kind: "default" }])
    ),
    project: "/project",
    files: []
  }) as unknown as Configuration["Service"]

describe("the environment of a host", () => {
  it("has what was said of the pool, and nothing that clients send with their tasks", () => {
    const said = configured({
      slots: 3,
      poolBudgetUsd: null,
      model: "opus",
      permissions: "full",
      readOnly: true,
      passEnv: []
    })
    assert.deepStrictEqual(hostEnvironment({ CLAUDE_POOL_MODEL: "opus", CLAUDE_POOL_IN_PROCESS: "false" }, said), {
      CLAUDE_POOL_SLOTS: "3",
      CLAUDE_POOL_POOL_BUDGET_USD: "none",
      CLAUDE_POOL_PASS_ENV: ","
    })
    // The host reads files by itself.
    assert.deepStrictEqual(hostEnvironment({}, configured({ slots: 3 }, { kind: "project file", name: "f" })), {})
  })

  it("has nothing of a coordinator's session, and nothing of where a hook of git works", () => {
    const kept = {
      PATH: "/bin",
      CLAUDE_CODE_OAUTH_TOKEN: "t",
      CLAUDE_CODE_USE_BEDROCK: "1",
      CLAUDE_CONFIG_DIR: "/c",
      CLAUDE_POOL_SIMULATOR: "x"
    }
    const dropped = {
      CLAUDECODE: "1",
      CLAUDE_CODE_ENTRYPOINT: "cli",
      MCP_TIMEOUT: "1",
      GIT_DIR: ".git",
      EMPTY: undefined
    }
    assert.deepStrictEqual(hostEnvironment({ ...kept, ...dropped }, configured({})), kept)
  })

  it("has what a program says that composes the pool: else its host had workers of another kind", () => {
    const said = configured({ simulate: true, slots: 3 }, { kind: "program" })
    assert.deepStrictEqual(hostEnvironment({}, said), { CLAUDE_POOL_SIMULATE: "true", CLAUDE_POOL_SLOTS: "3" })
  })

  it.effect("knows what a program has said by its layer", () =>
    Effect.gen(function*() {
      const { origins } = yield* Configuration
      assert.deepStrictEqual([origins.simulate.kind, origins.slots.kind], ["program", "default"])
    }).pipe(Effect.provide(Configuration.layer({ simulate: true }))))

  it("has what workers get from it: providers, telemetry of their own, and what the user passes on", () => {
    const kept = {
      CLAUDE_CODE_USE_BEDROCK: "1",
      CLAUDE_CODE_SKIP_BEDROCK_AUTH: "1",
      CLAUDE_CODE_ENABLE_TELEMETRY: "1",
      CLAUDE_CODE_ENHANCED_TELEMETRY_BETA: "1",
      OTEL_TRACES_EXPORTER: "otlp",
      CLAUDE_CODE_MAX_OUTPUT_TOKENS: "9000",
      MCP_TIMEOUT: "5"
    }
    const said = configured({ passEnv: ["CLAUDE_CODE_MAX_OUTPUT_TOKENS", "MCP_TIMEOUT"] }, {
      kind: "user file",
      name: "f"
    })
    const dropped = { CLAUDE_CODE_SSE_PORT: "1", CLAUDE_POOL_HTTP_TOKEN: "a-secret-of-the-http-server" }
    assert.deepStrictEqual(hostEnvironment({ ...kept, ...dropped }, said), kept)
  })

  it("does not contradict itself where the simulator is asked for beside a CLI", () => {
    const environment = hostEnvironment({}, configured({ simulate: true, claude: "/bin/claude" }))
    assert.deepStrictEqual(environment, { CLAUDE_POOL_SIMULATE: "true" })
  })
})

describe("a client that wants another pool", () => {
  it("is told what is otherwise, and the way out", () => {
    const there = poolTexts({ ...defaultSettings, slots: 2 })
    assert.deepStrictEqual(differences(configured({ slots: 2, model: "opus" }), there), [])
    const found = differences(configured({ slots: 8 }), there)
    assert.strictEqual(
      differencesText(7, found),
      "the pool runs in process 7 with slots 2 (not 8): `claude-pool scale 8` changes the slots"
    )
    assert.include(differencesText(7, differences(configured({ maxAttempts: 9 }), there)) ?? "", "`claude-pool stop`")
    assert.isNull(differencesText(7, []))
  })
})

describe("versions", () => {
  it("are compared by their numbers", () => {
    const pairs = [["0.2.0", "0.1.9"], ["0.10.0", "0.9.0"], ["1.0", "0.9.9"], ["0.1.0", "0.1.0"], [
      "0.1.0-rc",
      "0.1.0"
    ]] as const
    assert.deepStrictEqual(pairs.map(([ours, theirs]) => isNewer(ours, theirs)), [true, true, true, false, false])
  })
})
