/**
 * Numbers from a seed (mulberry32): the same in every run. `SEED` in the environment replays a run that failed.
 */
import process from "node:process"

/** A whole number below the one that is given. */
export type Draw = (below: number) => number

export const drawFrom = (seed: number): Draw => {
  let state = seed | 0
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

export const pick = <A>(draw: Draw, all: readonly [A, ...ReadonlyArray<A>]): A => all[draw(all.length)] ?? all[0]

/** The seed of this run: what the environment says, and else always the same. */
export const seedOr = (otherwise: number): number => Number(process.env["SEED"] ?? otherwise)
