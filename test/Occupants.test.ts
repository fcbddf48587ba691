/**
 * Who is in a directory, and stays there.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { Processes } from "../src/services/Processes.ts"
import { occupantsOf } from "../src/services/workspaces/Occupants.ts"
import { ScriptedMachine } from "./support/ScriptedMachine.ts"
import { pass, settle } from "./support/Time.ts"

/** Looks at a directory in which there are these, look by look, and then nobody. */
const looking = (...looks: ReadonlyArray<ReadonlyArray<number>>) =>
  Effect.gen(function*() {
    const machine = yield* ScriptedMachine.make
    const scripted = yield* Effect.provide(Processes, machine.layer)
    let count = 0
    const processes = { ...scripted, inside: () => Effect.sync(() => looks[count++] ?? []) }
    const fiber = yield* Effect.forkChild(occupantsOf(processes, "/w"))
    yield* settle
    const atOnce = count
    yield* pass("2 seconds")
    return { atOnce, count, why: yield* Fiber.join(fiber) }
  })

describe("a directory that is to be put away", () => {
  it.effect("is empty after one look that finds nobody", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* looking([]), { atOnce: 1, count: 1, why: null })
    }))

  it.effect("has nobody in it who only looked into it", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* looking([7], [8], [7]), { atOnce: 1, count: 4, why: null })
    }))

  it.effect("has somebody in it who stays", () =>
    Effect.gen(function*() {
      const stays = Array.from({ length: 20 }, () => [7, 8, 9, 10])
      assert.deepStrictEqual(yield* looking(...stays), { atOnce: 1, count: 10, why: "process 7, 8, 9 is in /w" })
    }))
})
