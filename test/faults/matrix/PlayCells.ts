/**
 * Cells as tests: each is played with the seed that is its own, whichever file it stands in. `SEED` replays a run.
 */
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { drawFrom, seedOr } from "../Seed.ts"
import { type Cell, nameOf } from "./Cell.ts"
import { cells } from "./Matrix.ts"

const seed = seedOr(7)

/** Longer than the longest wait in a cell, which ends with what it was waiting for: else nobody would be told of that. */
const longest = 90_000

export const playCells = (isHere: (cell: Cell) => boolean): void => {
  for (const [index, cell] of cells.entries()) {
    if (!isHere(cell)) continue
    it.live(nameOf(cell), () =>
      Effect.gen(function*() {
        const problems = yield* cell.play(drawFrom(seed + index))
        assert.deepStrictEqual(problems, [], `SEED=${seed}`)
      }), longest)
  }
}
