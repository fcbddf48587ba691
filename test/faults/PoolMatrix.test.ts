/**
 * The part of the fault matrix in which whole pools are killed, frozen and told to end.
 */
import { describe } from "@effect/vitest"
import { isOfPool } from "./matrix/Matrix.ts"
import { playCells } from "./matrix/PlayCells.ts"

describe("the fault matrix, of whole pools", () => {
  playCells(isOfPool)
})
