/**
 * How many slots there are and may be, and what slots may be given: what settings say together.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Path } from "effect"
import { formatSetting, type SettingTexts } from "../src/domain/Settings.ts"
import * as SettingsSource from "../src/layers/SettingsSource.ts"
import { Configuration } from "../src/services/Configuration.ts"
import { Machine } from "../src/services/Machine.ts"
import { filesIn } from "./support/FrontDoor.ts"
import { testMachine } from "./support/TestMachine.ts"

const userFile = "/home/user/.config/claude-pool/settings.json"
const projectFile = "/project/.claude-pool/settings.json"

interface Sources {
  readonly flags?: SettingTexts
  readonly files?: Readonly<Record<string, string>>
}

const configurationFrom = ({ files = {}, flags = {} }: Sources) =>
  Effect.provide(Configuration, SettingsSource.layer(flags)).pipe(
    Effect.provide([Machine.layer({ ...testMachine, cwd: "/project", env: {} }), filesIn(files), Path.layer])
  )

describe("the number of slots", () => {
  const sizesFrom = (sources: Sources) =>
    Effect.map(configurationFrom(sources), ({ settings: { maxSlots, minSlots, slots } }) => [minSlots, slots, maxSlots])

  it.effect("makes room for itself where nobody has said a bound, and follows a bound where nobody has said a number", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* sizesFrom({}), [1, 4, 16])
      assert.deepStrictEqual(yield* sizesFrom({ flags: { slots: "24" } }), [1, 24, 24])
      assert.deepStrictEqual(yield* sizesFrom({ flags: { maxSlots: "2" } }), [1, 2, 2])
      assert.deepStrictEqual(yield* sizesFrom({ flags: { minSlots: "20" } }), [20, 20, 20])
      assert.deepStrictEqual(yield* sizesFrom({ flags: { slots: "8", minSlots: "8", maxSlots: "8" } }), [8, 8, 8])
    }))

  it.effect("has its slots' directories where they were said", () =>
    Effect.gen(function*() {
      const profiles = [{ role: "a", cwd: "~/work" }, { cwd: "here" }, { cwd: "/there" }]
      const files = { [userFile]: JSON.stringify({ slot_profiles: profiles }) }
      const { settings } = yield* configurationFrom({ files })
      assert.deepStrictEqual(settings.slotProfiles.map(({ cwd }) => cwd), [
        "/home/user/work",
        "/home/user/.config/claude-pool/here",
        "/there"
      ])
      assert.strictEqual(formatSetting("slotProfiles", settings.slotProfiles), "a,*1,*1")
    }))
})

/** What is said, what is refused of it, and the way out. */
const refusals: ReadonlyArray<readonly [name: string, sources: Sources, message: string, hint: RegExp]> = [
  [
    "more slots than there may be",
    { flags: { slots: "9", maxSlots: "8" } },
    "flag --max-slots: max_slots: slots 9 is not between min_slots 1 and max_slots 8",
    /^say numbers that agree: --min-slots is at most --slots, and that at most --max-slots$/
  ],
  [
    "fewer slots than there have to be",
    { files: { [userFile]: `{"min_slots": 4}` }, flags: { slots: "3" } },
    "flag --slots: slots: slots 3 is not between min_slots 4 and max_slots 16",
    /^say numbers that agree/
  ],
  [
    "bounds that leave no number between them",
    { files: { [userFile]: `{"min_slots": 4, "max_slots": 3}` } },
    `user file ${userFile}: max_slots: slots 3 is not between min_slots 4 and max_slots 3`,
    /^say numbers that agree/
  ],
  [
    "a slot with more rights than any task may have",
    { files: { [userFile]: `{"slot_profiles": [{"permissions": "full"}], "max_permissions": "edit"}` } },
    `user file ${userFile}: slot_profiles: the permissions full of a slot are above max_permissions edit`,
    /^give the slot edit or less$/
  ],
  [
    "a project that gives a slot rights",
    { files: { [projectFile]: `{"slot_profiles": [{"role": "a", "permissions": "full"}, {"cwd": "/etc"}]}` } },
    `project file ${projectFile}: slot_profiles: a project cannot say the permissions and cwd of a slot`,
    /^put the whole setting into your own settings file/
  ]
]

describe("settings of slots refuse", () => {
  for (const [name, sources, message, hint] of refusals) {
    it.effect(name, () =>
      Effect.gen(function*() {
        const failure = yield* Effect.flip(configurationFrom(sources))
        assert.strictEqual(failure.message, message)
        assert.match(failure.reason.hint, hint)
      }))
  }
})
