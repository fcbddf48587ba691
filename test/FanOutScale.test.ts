/**
 * A group of ten thousand items: accepted whole, and each of them comes to one outcome.
 */
import { assert, it } from "@effect/vitest"
import { Array, Effect } from "effect"
import { FanOut } from "../src/services/FanOut.ts"
import { Store } from "../src/services/Store.ts"
import { membersOf, startGroup, withPool } from "./support/Groups.ts"
import { groupScript } from "./support/GroupScript.ts"

const items = 10_000

it.effect("ten thousand items come to one outcome each, on 64 slots", () => {
  const script = groupScript()
  return Effect.gen(function*() {
    const prompts = Array.makeBy(items, (index) => index % 100 === 7 ? `bad ${index}` : `ok ${index}`)
    const { id } = yield* startGroup(prompts.map((prompt) => ({ prompt })))
    const group = yield* (yield* FanOut).ended(id)
    assert.deepInclude(group.state._tag === "Failed" ? group.state.reason : {}, {
      failed: 100,
      cancelled: 0,
      of: items
    })

    const members = yield* membersOf(id)
    assert.deepStrictEqual(members.map(({ task }) => task.prompt), prompts)
    assert.isTrue(
      members.every(({ task: { prompt, state } }) => state._tag === (prompt.startsWith("bad") ? "Failed" : "Done"))
    )
    assert.isTrue(members.every(({ task }) => task.attempts === 1))
    assert.strictEqual(new Set(script.prompts).size, script.prompts.length)
    const store = yield* Store
    const ends = (yield* store.events(0, 100_000)).filter(({ event }) => event._tag === "Finished")
    assert.strictEqual(ends.length, items)
  }).pipe(withPool(script, { slots: 64, queueLimit: items }))
})
