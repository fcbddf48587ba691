/**
 * A supervisor over slots, workers and a machine that do what the test says, on a clock that the test moves.
 */
import { Cause, Duration, Effect, Exit, Layer, Option } from "effect"
import { TestClock } from "effect/testing"
import { Events } from "../../src/services/Events.ts"
import { Supervisor, type SupervisorOptions } from "../../src/services/Supervisor.ts"
import { type Script, scriptedClaude } from "./ScriptedClaude.ts"
import { ScriptedMachine } from "./ScriptedMachine.ts"
import { type ScriptedSlot, scriptedSlots, type ScriptedWorker } from "./ScriptedSlots.ts"
import { settle } from "./Time.ts"

const options: SupervisorOptions = {
  stallAfter: Duration.minutes(15),
  slotMemory: 4e9,
  minFreeMemory: 500e6,
  steps: []
}

interface Play {
  readonly slots: ReadonlyArray<ScriptedSlot>
  readonly options?: Partial<SupervisorOptions>
  readonly script?: Script
}

export const playing = <A, E>(
  { options: more, script = {}, slots }: Play,
  act: (
    it: { readonly machine: ScriptedMachine; readonly supervisor: Supervisor["Service"] }
  ) => Effect.Effect<A, E, Events>
) =>
  Effect.gen(function*() {
    const machine = yield* ScriptedMachine.make
    const layer = Supervisor.layer({ ...options, ...more }).pipe(
      Layer.provideMerge(Layer.mergeAll(scriptedSlots(slots), scriptedClaude(script), machine.layer, Events.layer))
    )
    return yield* Effect.flatMap(Supervisor, (supervisor) => act({ machine, supervisor })).pipe(Effect.provide(layer))
  })

/** Lets so much time pass, as the supervisor itself does it. */
export const seconds = (count: number) =>
  Effect.forEach(Array.from({ length: count }), () => Effect.andThen(TestClock.adjust("1 second"), settle), {
    discard: true
  })

/** What a worker was concluded with: a failure, or the text of an answer. */
export const reasonOf = ({ conclusion }: ScriptedWorker) => {
  const exit = conclusion()
  if (exit === null) return null
  return Exit.match(exit, {
    onSuccess: ({ output }) => output,
    onFailure: (cause) => Option.getOrNull(Cause.findErrorOption(cause))?.reason
  })
}

/** What is suspicious, slot by slot. */
export const details = (supervisor: Supervisor["Service"]) =>
  Effect.map(supervisor.health, (all) => all.map(({ suspicion }) => suspicion?.detail ?? null))
