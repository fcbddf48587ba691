/**
 * Pools that are killed while they bring an old store up to date: the next one finds it old or new, and nothing between.
 */
import { Effect } from "effect"
import { chmodSync, mkdirSync } from "node:fs"
import { join } from "node:path"
import * as NodeSqlite from "../../../src/layers/NodeSqlite.ts"
import { Census } from "../../support/Census.ts"
import { makeFirstStore } from "../../support/FirstStore.ts"
import type { Draw } from "../Seed.ts"
import { makeWorld } from "../World.ts"
import type { Cell } from "./Cell.ts"
import { ownerOf, takenOver } from "./Reaching.ts"

const kills = 4

/** It is not to run what is in the old store: that has no directory here. */
const options = { slots: 1, flags: ["--hot-spares=false"] }

const killedMigrating = Effect.fnUntraced(function*(draw: Draw) {
  const world = yield* makeWorld
  mkdirSync(world.store, { mode: 0o700 })
  const file = join(world.store, "store.db")
  yield* Effect.orDie(Effect.provide(makeFirstStore, NodeSqlite.layer({ file })))
  // As a pool makes it: what others may read is not opened.
  chmodSync(file, 0o600)
  for (let time = 0; time < kills; time++) {
    yield* Effect.scoped(Effect.gen(function*() {
      const before = ownerOf(world)
      const next = yield* Effect.forkScoped(world.open(options), { startImmediately: true })
      yield* takenOver(world, before)
      for (let turn = draw(200); turn > 0; turn--) yield* Census.pass
      for (const one of Census.processesOf(world.directory)) Census.end(Number.parseInt(one, 10))
      void next
    }))
    yield* Census.survivorsOf(world.directory)
  }
  const found = yield* Effect.scoped(Effect.gen(function*() {
    const pool = yield* world.open(options)
    const { state } = yield* pool.ask("pool_result", { id: "t_1000000000000000" })
    yield* pool.close
    return state === "done" ? [] : [`what was done is ${String(state)}`]
  }))
  const { store } = yield* world.history("closed")
  return [
    ...found,
    ...(store.integrity === "ok" ? [] : [store.integrity]),
    ...(store.tasks.length === 4 ? [] : ["lost"])
  ]
})

export const migrationCells: ReadonlyArray<Cell> = [{
  fault: "SIGKILL of the pool",
  moment: "m15",
  means: "O",
  expects: "the store is old or new, and all that was in it is there",
  play: killedMigrating
}]
