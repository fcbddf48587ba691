/**
 * What the dashboard shows of one work, wherever that stands: as a value.
 */
import { assert, describe, it } from "@effect/vitest"
import { Styles } from "../../src/cli/Styles.ts"
import type { Dashboard } from "../../src/cli/watch/Dashboard.ts"
import { render } from "../../src/cli/watch/Frame.ts"
import { initialModel, looked, type Model } from "../../src/cli/watch/Model.ts"
import { press } from "../../src/cli/watch/Press.ts"
import { boardStatus, sampleDashboard } from "../support/SampleDashboard.ts"
import { chainView, reviewedView, sampleId, stepView } from "../support/SampleViews.ts"

const modelOf = (dashboard: Dashboard, columns = 80, lines = 24): Model =>
  looked(initialModel({ columns, lines }), dashboard)

const shown = (model: Model): ReadonlyArray<string> => render(model, Styles.defaultValue().stdout)

const pressed = (model: Model, ...names: ReadonlyArray<string>): Model =>
  names.reduce((before, name) => press(before, { name, text: name.length === 1 ? name : "" }).model, model)

const marked = (model: Model): string => shown(model).find((line) => line.startsWith("▸")) ?? ""

/** All that waits is on the second slot now, or nothing is. */
const onSlot = (letter: string, more: Partial<Dashboard> = {}): Dashboard =>
  sampleDashboard({
    status: { ...boardStatus, slots: [{ slot: "slot-2", state: "busy", task: sampleId(letter) }], running: [] },
    queue: { tasks: [], total: 0 },
    ...more
  })

describe("the dashboard", () => {
  it("follows the selected work from list to list, and does not stay with its slot", () => {
    const waiting = pressed(modelOf(sampleDashboard()), "j", "j", "j")
    assert.match(marked(waiting), new RegExp(`^▸ ${sampleId("q")}`))
    const begun = looked(waiting, onSlot("q"))
    assert.match(marked(begun), /^▸ slot-2 /)
    // Its slot has other work by now: that is not what was selected.
    const reviewed = looked(begun, onSlot("a", { reviews: { tasks: [reviewedView("q")], total: 1 } }))
    assert.match(marked(reviewed), new RegExp(`^▸ ${sampleId("q")}`))
    const { act } = press(reviewed, { name: "a", text: "a" })
    assert.deepStrictEqual(act, { _tag: "Examine", id: sampleId("q") })
  })

  it("stays with a slot that was selected, whatever it works on", () => {
    const slot = pressed(modelOf(onSlot("q")), "home")
    assert.match(marked(looked(slot, onSlot("a", { reviews: { tasks: [reviewedView("q")], total: 1 } }))), /^▸ slot-2 /)
  })

  it("says of a step whose task waits that it does", () => {
    const steps = [stepView("plan", { state: "running", task: sampleId("q") })]
    const chains = [{ chain: chainView({ state: "running", steps }), groups: [] }]
    const frame = shown(modelOf(sampleDashboard({ chains }), 120, 40))
    assert.include(frame.find((line) => line.includes("└")), "· plan queued (slot) 4s")
  })

  it("asks for nothing to be cancelled that has ended, and says so", () => {
    const model = pressed(modelOf(sampleDashboard()), "G", "c")
    assert.strictEqual(model.mode._tag, "Board")
    assert.include(shown(model).join("\n"), `${sampleId("d")} has ended: it is done`)
  })

  it("says in an open task nothing that is not known of it, and on every screen how its help is left", () => {
    const dashboard = sampleDashboard()
    const title = shown(pressed(modelOf(dashboard), "G", "return"))[0] ?? ""
    assert.match(title, / sonnet$/)
    assert.include(shown(pressed(modelOf(dashboard, 40, 12), "?")).at(-1), "Any key goes back")
  })
})
