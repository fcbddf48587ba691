/**
 * Where settings come from: who wins, who is named as the origin, and what is refused.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Path, Schema } from "effect"
import {
  defaultSettings,
  encodeSetting,
  flagOf,
  formatSetting,
  keyOf,
  type SettingName,
  settingNames,
  type SettingTexts,
  usersOwn,
  variableOf
} from "../src/domain/Settings.ts"
import * as SettingsSource from "../src/layers/SettingsSource.ts"
import { Configuration, formatOrigin } from "../src/services/Configuration.ts"
import { Machine } from "../src/services/Machine.ts"
import { filesIn } from "./support/FrontDoor.ts"
import { sample } from "./support/SampleSettings.ts"
import { testMachine } from "./support/TestMachine.ts"

const userFile = "/home/user/.config/claude-pool/settings.json"
const projectFile = "/project/.claude-pool/settings.json"

interface Sources {
  readonly flags?: SettingTexts
  readonly env?: Readonly<Record<string, string>>
  readonly files?: Readonly<Record<string, string>>
  readonly cwd?: string
}

const configurationFrom = ({ cwd = "/project", env = {}, files = {}, flags = {} }: Sources) =>
  Effect.provide(Configuration, SettingsSource.layer(flags)).pipe(
    Effect.provide([Machine.layer({ ...testMachine, cwd, env }), filesIn(files), Path.layer])
  )

const places = ["user file", "project file", "variable", "flag"] as const

/** For each setting, who says it: one bit for each place. */
const Sayings = Schema.Record(
  Schema.Literals(settingNames),
  Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 15 }))
)

const saidIn = (sayings: typeof Sayings.Type, place: number): ReadonlyArray<SettingName> =>
  settingNames.filter((name) =>
    (sayings[name] & (1 << place)) !== 0 && !(places[place] === "project file" && usersOwn.has(name))
  )

const sourcesOf = (sayings: typeof Sayings.Type): Sources => {
  const texts = (place: number, nameOf: (name: SettingName) => string) =>
    Object.fromEntries(saidIn(sayings, place).map((name) => [nameOf(name), formatSetting(name, sample(place)[name])]))
  const file = (place: number) =>
    JSON.stringify(
      Object.fromEntries(saidIn(sayings, place).map((name) => [keyOf(name), encodeSetting(name, sample(place)[name])]))
    )
  return {
    files: { [userFile]: file(0), [projectFile]: file(1) },
    env: texts(2, variableOf),
    flags: texts(3, (name) => name)
  }
}

const originName = (name: SettingName, place: number): string =>
  [
    `user file ${userFile}`,
    `project file ${projectFile}`,
    `variable ${variableOf(name)}`,
    `flag --${flagOf(name)}`
  ][place]!

const projectAt = (cwd: string, files: Readonly<Record<string, string>>) =>
  Effect.map(configurationFrom({ cwd, files }), ({ project, settings }) => [project, settings.store])

const storeFrom = (sources: Sources) =>
  Effect.map(
    configurationFrom({ ...sources, cwd: "/project/sub", files: { "/project/.git/HEAD": "", ...sources.files } }),
    ({ settings }) => settings.store
  )

const claudeFrom = (claude: string) =>
  Effect.map(configurationFrom({ flags: { claude } }), ({ settings }) => settings.claude)

describe("SettingsSource", () => {
  it.effect.prop(
    "gives each setting to the strongest that says it, and names it",
    [Sayings],
    ([sayings]) =>
      Effect.gen(function*() {
        const { origins, settings } = yield* configurationFrom(sourcesOf(sayings))
        for (const name of settingNames) {
          const strongest = places.findLastIndex((_, place) => saidIn(sayings, place).includes(name))
          if (strongest === -1) {
            assert.strictEqual(formatOrigin(origins[name]), "default", name)
            if (name !== "store") assert.deepStrictEqual<unknown>(settings[name], defaultSettings[name], name)
          } else {
            assert.strictEqual(formatOrigin(origins[name]), originName(name, strongest))
            assert.deepStrictEqual<unknown>(settings[name], sample(strongest)[name], name)
          }
        }
      })
  )

  it.effect("takes none and null for what is left open", () =>
    Effect.gen(function*() {
      const { settings } = yield* configurationFrom({
        files: { [userFile]: `{"model": "opus", "max_turns": 5}`, [projectFile]: `{"max_turns": null}` },
        env: { CLAUDE_POOL_MODEL: "none", CLAUDE_POOL_EFFORT: "" }
      })
      assert.deepStrictEqual([settings.model, settings.maxTurns, settings.effort], [null, null, null])
    }))

  it.effect("leaves alone what is not its own", () =>
    Effect.gen(function*() {
      const env = {
        CLAUDE_POOL_SIMULATOR: "delay 1",
        CLAUDE_POOL_SIMULATOR_LOG: "/log",
        CLAUDE_POOLS: "9",
        CLAUDE: "9"
      }
      assert.deepStrictEqual((yield* configurationFrom({ env })).settings.slots, defaultSettings.slots)
    }))

  it.effect("finds the project upwards: the nearest directory with a store or a repository", () =>
    Effect.gen(function*() {
      const repository = { "/a/.git/HEAD": "", "/a/b/.claude-pool/settings.json": "{}" }
      assert.deepStrictEqual(yield* projectAt("/a/b/c", repository), ["/a/b", "/a/b/.claude-pool"])
      assert.deepStrictEqual(yield* projectAt("/a/d/e", repository), ["/a", "/a/.claude-pool"])
      assert.deepStrictEqual(yield* projectAt("/x/y", repository), ["/x/y", "/x/y/.claude-pool"])
    }))

  it.effect("means a relative path from the place where it was said", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* storeFrom({}), "/project/.claude-pool")
      assert.strictEqual(yield* storeFrom({ flags: { store: "mine" } }), "/project/sub/mine")
      assert.strictEqual(yield* storeFrom({ env: { CLAUDE_POOL_STORE: "../mine" } }), "/project/mine")
      assert.strictEqual(yield* storeFrom({ files: { [projectFile]: `{"store": "mine"}` } }), "/project/mine")
      assert.strictEqual(yield* storeFrom({ files: { [userFile]: `{"store": "~/mine"}` } }), "/home/user/mine")
    }))

  it.effect("leaves the name of a command to be looked for, and resolves the path of one", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* claudeFrom("claude-next"), "claude-next")
      assert.strictEqual(yield* claudeFrom("./bin/claude"), "/project/bin/claude")
    }))

  it.effect("reads the user's file where XDG_CONFIG_HOME says, if that is a place", () =>
    Effect.gen(function*() {
      const slotsWith = (home: string) =>
        Effect.map(
          configurationFrom({
            env: { XDG_CONFIG_HOME: home },
            files: { "/xdg/claude-pool/settings.json": `{"slots": 7}`, [userFile]: `{"slots": 8}` }
          }),
          ({ files, settings }) => [settings.slots, ...files]
        )
      assert.deepStrictEqual(yield* slotsWith("/xdg"), [7, "/xdg/claude-pool/settings.json"])
      assert.deepStrictEqual(yield* slotsWith("xdg"), [8, userFile])
    }))
})

type Refused = readonly [name: string, sources: Sources, message: string, hint: RegExp]

const refused: ReadonlyArray<Refused> = [
  [
    "an unknown key",
    { files: { [projectFile]: `{"slot": 2}` } },
    `project file ${projectFile}: slot: there is no such setting`,
    /^did you mean slots\? allowed: store, claude, /
  ],
  [
    "an unknown variable",
    { env: { CLAUDE_POOL_SLOTZ: "2" } },
    "variable CLAUDE_POOL_SLOTZ: CLAUDE_POOL_SLOTZ: there is no such setting",
    /^did you mean CLAUDE_POOL_SLOTS\?/
  ],
  [
    "a number out of range",
    { flags: { slots: "65" } },
    `flag --slots: slots: "65" is not a whole number from 1 to 64`,
    /^allowed: a whole number from 1 to 64$/
  ],
  [
    "a number of another kind",
    { env: { CLAUDE_POOL_SLOTS: "2.5" } },
    `variable CLAUDE_POOL_SLOTS: slots: "2.5" is not a whole number from 1 to 64`,
    /allowed/
  ],
  [
    "a near miss of a choice",
    { env: { CLAUDE_POOL_PERMISSIONS: "readonly" } },
    `variable CLAUDE_POOL_PERMISSIONS: permissions: "readonly" is not one of read-only, edit, full`,
    /^did you mean read-only\? allowed: read-only, edit, full$/
  ],
  [
    "a negative amount",
    { files: { [userFile]: `{"pool_budget_usd": -1}` } },
    `user file ${userFile}: pool_budget_usd: -1 is not an amount in US dollars, such as 0.50, or none`,
    /allowed/
  ],
  [
    "a duration as a number",
    { files: { [userFile]: `{"timeout": 90}` } },
    `user file ${userFile}: timeout: 90 is not a duration of at most 7 days, such as 90s, 5m or 1h30m`,
    /allowed/
  ],
  [
    "a duration of nothing",
    { flags: { timeout: "0s" } },
    `flag --timeout: timeout: "0s" is not a duration of at most 7 days, such as 90s, 5m or 1h30m`,
    /allowed/
  ],
  [
    "a list as text in a file",
    { files: { [userFile]: `{"pass_env": "A,B"}` } },
    `user file ${userFile}: pass_env: "A,B" is not a list: a,b,c as text, ["a", "b", "c"] in a file`,
    /allowed/
  ],
  [
    "a role without a name",
    { flags: { slotProfiles: "tester,*2" } },
    `flag --slot-profiles: slot_profiles: "tester,*2" is not roles with counts: reviewer*2,tester as text, `,
    /^allowed: roles with counts/
  ],
  [
    "roles for more slots than there are",
    { files: { [userFile]: `{"slot_profiles": [{"role": "reviewer", "count": 2}]}` }, flags: { slots: "1" } },
    `user file ${userFile}: slot_profiles: they are for 2 slots, and there are 1`,
    /^name fewer, or say slots 2 \(--slots 2\)$/
  ],
  [
    "torn JSON",
    { files: { [projectFile]: `{"slots": 2,\n` } },
    `project file ${projectFile}: the whole file: not JSON: `,
    /^it must be a JSON object such as /
  ],
  [
    "JSON of another shape",
    { files: { [projectFile]: "[1]" } },
    `project file ${projectFile}: the whole file: is not a JSON object`,
    /^it must be a JSON object such as /
  ],
  [
    "the simulator and a CLI in one place",
    { files: { [userFile]: `{"simulate": true, "claude": "claude-next"}` } },
    `user file ${userFile}: simulate: contradicts claude`,
    /leave one of the two out/
  ],
  ...[...usersOwn].map((name): Refused => [
    `a project that says ${keyOf(name)}`,
    { files: { [projectFile]: JSON.stringify({ [keyOf(name)]: encodeSetting(name, sample(1)[name]) }) } },
    `project file ${projectFile}: ${keyOf(name)}: a project cannot say this`,
    new RegExp(`your own settings file, or use ${variableOf(name)}$`)
  ])
]

describe("SettingsSource refuses", () => {
  for (const [name, sources, message, hint] of refused) {
    it.effect(name, () =>
      Effect.gen(function*() {
        const failure = yield* Effect.flip(configurationFrom(sources))
        assert.strictEqual(failure.reason._tag, "InvalidSetting")
        assert.include(failure.message, message)
        assert.match(failure.hint, hint)
        assert.strictEqual(failure.exitCode, 2)
      }))
  }
})
