/**
 * How a moment is seen from outside: in the store, in what the simulators write down, in files.
 */
import { Effect } from "effect"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { Census } from "../../support/Census.ts"
import type { World } from "../World.ts"

/** Looks again and again until it is so: to look at a store is an event of its files too, so they cannot be watched. */
export const until = Effect.fnUntraced(function*(isSo: () => boolean) {
  while (!isSo()) yield* Census.pass
})

/** Whether the store has such an event; it is looked at beside its owner. */
const hasEvent = (world: World, tag: string) => (): boolean => {
  try {
    const database = new DatabaseSync(join(world.store, "store.db"), { readOnly: true })
    try {
      return database.prepare("SELECT 1 FROM events WHERE body LIKE ?").get(`%"_tag":"${tag}"%`) !== undefined
    } finally {
      database.close()
    }
  } catch {
    // It is being made.
    return false
  }
}

export const event = (tag: string) => (world: World) => until(hasEvent(world, tag))

export const logHas = (name: string, times = 1) => (world: World) =>
  world.logged((log) => log.filter((entry) => entry.event === name).length >= times)
