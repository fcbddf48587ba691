/**
 * The fault matrix: every fault, at every moment at which it can be, with what has to come of it. What happens to whole
 * pools is in a file of its own, so that both can be played side by side.
 */
import { assert, describe, it } from "@effect/vitest"
import { moments, nameOf } from "./matrix/Cell.ts"
import { cells, excluded, faults, isOfPool } from "./matrix/Matrix.ts"
import { playCells } from "./matrix/PlayCells.ts"

describe(`the fault matrix (${cells.length} cells, ${faults.length} faults)`, () => {
  it("has a cell for every fault and for every moment, and a reason for every one that it leaves out", () => {
    const played = new Set(cells.map(({ fault }) => fault))
    assert.deepStrictEqual(faults.filter((fault) => !played.has(fault)), [])
    assert.sameMembers([...new Set(cells.map(({ moment }) => moment))], Object.keys(moments))
    assert.deepStrictEqual(excluded.filter(({ reason }) => reason.length < 20), [])
    const names = cells.map(nameOf)
    assert.deepStrictEqual(names.filter((name, at) => names.indexOf(name) !== at), [])
  })

  playCells((cell) => !isOfPool(cell))
})
