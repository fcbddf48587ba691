/**
 * The process that has started this one, where there is a channel to it: it is told once, and then left alone.
 */
import { Effect, Schema } from "effect"
import process from "node:process"
import type { Failure } from "../domain/Failure.ts"
import { Told } from "./HostProcess.ts"

const tell = (failure: Failure | null): Effect.Effect<void> =>
  Effect.flatMap(Effect.orDie(Schema.encodeEffect(Told)(failure)), (text) =>
    Effect.callback<void>((resume) => {
      const done = () => resume(Effect.void)
      if (process.send === undefined || !process.connected) return done()
      // Whoever does not listen any more has no use for it.
      process.send(text, undefined, undefined, () => {
        if (process.connected) process.disconnect()
        done()
      })
    }))

export const startedBy = { ready: tell(null), failed: tell }
