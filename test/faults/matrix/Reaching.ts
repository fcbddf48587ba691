/**
 * How a moment is seen from outside: in the store, in what the simulators write down, in files.
 */
import { Effect } from "effect"
import { readFileSync } from "node:fs"
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

/** What the store says of who owns it, and of who did, where that one was killed; nothing, where nobody ever did. */
export const ownerOf = (world: World): string => {
  try {
    return readFileSync(join(world.store, "owner.json"), "utf8")
  } catch {
    return ""
  }
}

/** Waits until the store belongs to another one than before. */
export const takenOver = (world: World, before: string) => until(() => !["", before].includes(ownerOf(world)))
