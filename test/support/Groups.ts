/**
 * Groups in a pool under test: how they are started, and where their items stand.
 */
import { Array, Effect } from "effect"
import type { FanOutItem, FanOutOptions } from "../../src/domain/FanOut.ts"
import type { GroupId } from "../../src/domain/GroupId.ts"
import { FanOut } from "../../src/services/FanOut.ts"
import { Store } from "../../src/services/Store.ts"
import type { groupScript } from "./GroupScript.ts"
import { testPool, type TestPoolOptions } from "./TestPool.ts"

export const itemsOf = (...prompts: ReadonlyArray<string>): ReadonlyArray<FanOutItem> =>
  prompts.map((prompt) => ({ prompt }))

export const membersOf = (id: GroupId) =>
  Effect.flatMap(Store, (store) => store.groups.members(id, { from: 0, limit: 100_000 }))

/** The state of each item, in order. */
export const statesOf = (id: GroupId) => Effect.map(membersOf(id), Array.map(({ task }) => task.state._tag))

export const startGroup = (items: ReadonlyArray<FanOutItem>, options?: FanOutOptions) =>
  Effect.flatMap(FanOut, (fanOut) => fanOut.start(items, options))

/** Starts a group, and waits for its end. */
export const runGroup = Effect.fnUntraced(function*(items: ReadonlyArray<FanOutItem>, options?: FanOutOptions) {
  const fanOut = yield* FanOut
  const { id } = yield* fanOut.start(items, options)
  return yield* fanOut.ended(id)
})

export const withPool = (script: ReturnType<typeof groupScript>, options: TestPoolOptions = {}) =>
  Effect.provide(testPool({ slots: 4, ...options, script: { run: script.run, ...options.script } }))
