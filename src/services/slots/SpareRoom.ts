/**
 * Spares are a convenience: while the machine has too little memory for work, none is started.
 */
import { Effect, Stream } from "effect"
import type { Hold } from "../../domain/Hold.ts"
import type { Holds } from "../Holds.ts"

const hasRoom = (holds: ReadonlyArray<Hold>): boolean => !holds.some(({ cause }) => cause === "memory")

/** Waits until there is room. */
export const roomForSpares = (holds: Holds["Service"]): Effect.Effect<void> =>
  Effect.flatMap(
    holds.current,
    (now) => hasRoom(now) ? Effect.void : holds.changes.pipe(Stream.takeUntil(hasRoom), Stream.runDrain)
  )
