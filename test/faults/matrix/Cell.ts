/**
 * A cell of the matrix: a fault, at a moment, by some means, and what has to come of it.
 */
import type { Effect, Scope } from "effect"
import type { Draw } from "../Seed.ts"

/** What each moment of a task's life is called. */
export const moments = {
  m1: "accepted, not committed",
  m2: "committed, not claimed",
  m3: "claimed, worker not started",
  m4: "worker starting",
  m5: "waiting for the model",
  m6: "in a tool",
  m7: "result read, not committed",
  m8: "committed, not delivered",
  m9: "between the steps of a chain",
  m10: "review pending",
  m11: "worktree being made",
  m12: "worktree being put away, or merged",
  m13: "draining",
  m14: "recovering",
  m15: "migrating"
} as const
export type Moment = keyof typeof moments

/** F: the simulator plays it. O: the operating system does. X: it is injected into the store or the clock. */
export type Means = "F" | "O" | "X"

/** What becomes of the task that the fault hits. */
export interface Expected {
  readonly state: "done" | "failed" | "queued" | "cancelled"
  /** Of a failed one: any of these. */
  readonly code?: string | ReadonlyArray<string>
  readonly attempts?: number
}

export interface Cell {
  readonly fault: string
  readonly moment: Moment
  readonly means: Means
  /** What distinguishes it from the others of the same fault and moment. */
  readonly variant?: string
  /** What is expected, in words. */
  readonly expects: string
  /** Whatever is not as expected; nothing where all is well. */
  readonly play: (draw: Draw) => Effect.Effect<ReadonlyArray<string>, never, Scope.Scope>
}

/** A cell that makes no sense, and why. */
export interface Excluded {
  readonly fault: string
  readonly moments: string
  readonly reason: string
}

export const nameOf = ({ expects, fault, means, moment, variant }: Cell): string =>
  `${fault}${variant === undefined ? "" : ` (${variant})`} at ${moment}, ${moments[moment]} [${means}]: ${expects}`
