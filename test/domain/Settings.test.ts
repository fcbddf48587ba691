import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import {
  defaultSettings,
  encodeSetting,
  flagOf,
  formatSetting,
  keyOf,
  settingNames,
  settingsTable,
  variableOf
} from "../../src/domain/Settings.ts"
import { SlotId } from "../../src/domain/SlotId.ts"
import { rolesOf, seatsOf } from "../../src/domain/SlotProfile.ts"
import { didYouMean, nearest } from "../../src/domain/Suggestion.ts"

describe("settings", () => {
  it("have a key, a flag and a variable that say the same", () => {
    assert.deepStrictEqual(
      [keyOf("poolBudgetUsd"), flagOf("poolBudgetUsd"), variableOf("poolBudgetUsd")],
      ["pool_budget_usd", "pool-budget-usd", "CLAUDE_POOL_POOL_BUDGET_USD"]
    )
  })

  it("read their defaults back from text and from JSON", () => {
    for (const name of settingNames) {
      const value = defaultSettings[name]
      const { json, text } = settingsTable[name]
      const readText = Schema.decodeUnknownSync<Schema.Codec<unknown, unknown>>(text)
      const readJson = Schema.decodeUnknownSync<Schema.Codec<unknown, unknown>>(json)
      assert.deepStrictEqual(readText(formatSetting(name, value)), value, name)
      assert.deepStrictEqual(readJson(encodeSetting(name, value)), value, name)
    }
  })

  it("are yes or no in the words that people use", () => {
    const read = Schema.decodeUnknownSync(settingsTable.hotSpares.text)
    assert.deepStrictEqual(["true", "1", "yes", "false", "0", "no"].map((word) => read(word)), [
      true,
      true,
      true,
      false,
      false,
      false
    ])
  })
})

describe("slot profiles", () => {
  const { json, text } = settingsTable.slotProfiles
  const read = Schema.decodeUnknownSync(text)

  it("are read from text as roles with counts, and written so", () => {
    const profiles = read("reviewer*2, tester ,code reader * 3")
    assert.deepStrictEqual(profiles, [
      { role: "reviewer", count: 2 },
      { role: "tester" },
      { role: "code reader", count: 3 }
    ])
    assert.strictEqual(formatSetting("slotProfiles", profiles), "reviewer*2,tester,code reader*3")
    for (const wrong of ["reviewer*0", "*2", "a*b", "a*65", "a*1.5"]) assert.throws(() => read(wrong))
  })

  it("are read from a file with what people say of them", () => {
    const written = [{ role: "reviewer", name: "Ada", description: "reads closely", count: 2 }]
    assert.deepStrictEqual<unknown>(Schema.decodeSync(json)(written), written)
    assert.throws(() => Schema.decodeSync(json)([{ name: "" }]))
  })

  it("say of each slot who it is, and of the rest nothing", () => {
    const profiles = [{ role: "reviewer", name: "Ada", count: 2 }, { role: "tester" }, { role: "reviewer" }]
    const ada = { role: "reviewer", name: "Ada" }
    const settings = (size: number) => seatsOf(profiles, size).map((seat) => seat.settings)
    assert.deepStrictEqual(settings(5), [ada, ada, { role: "tester" }, { role: "reviewer" }, {}])
    assert.deepStrictEqual(settings(1), [ada])
    assert.deepStrictEqual(seatsOf([], 2), [{ id: SlotId.make(1), settings: {} }, { id: SlotId.make(2), settings: {} }])
    assert.deepStrictEqual(rolesOf(profiles), ["reviewer", "tester"])
  })
})

describe("didYouMean", () => {
  it("finds the word that was meant, and none where none is near", () => {
    const words = ["slots", "stall_after", "store"]
    assert.strictEqual(nearest("slot", words), "slots")
    assert.strictEqual(nearest("stal_afer", words), "stall_after")
    assert.strictEqual(nearest("stall", words), "stall_after")
    assert.strictEqual(nearest("sto", ["store", "stop"]), "stop")
    assert.strictEqual(nearest("slot", ["slot_memory", "slot_profiles"]), null)
    assert.strictEqual(nearest("colour", words), null)
    assert.strictEqual(didYouMean("stor", words), "did you mean store? allowed: slots, stall_after, store")
    assert.strictEqual(didYouMean("x", words), "allowed: slots, stall_after, store")
  })
})
