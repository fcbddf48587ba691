/**
 * Slots as a supervisor sees them: a test says which there are and what is at work in them.
 */
import { DateTime, Deferred, Effect, type Exit, Layer, Stream } from "effect"
import type { Failure } from "../../src/domain/Failure.ts"
import type { Launch } from "../../src/domain/Launch.ts"
import { fromUsd } from "../../src/domain/MicroUsd.ts"
import type { SlotView } from "../../src/domain/PoolView.ts"
import { SessionId } from "../../src/domain/SessionId.ts"
import { formatSlotId, SlotId } from "../../src/domain/SlotId.ts"
import { Spend } from "../../src/domain/Spend.ts"
import type { Vitals } from "../../src/domain/Vitals.ts"
import type { Answer, Worker } from "../../src/services/ClaudeCli.ts"
import { Slots, type WatchedSlot } from "../../src/services/Slots.ts"

export interface ScriptedWorker {
  readonly worker: Worker
  /** Shows something else from now on: what is not said stays as it is. */
  readonly show: (vitals: Partial<Vitals>) => void
  /** Speaks now. */
  readonly speak: Effect.Effect<void>
  /** What it was concluded with; null: it was not. */
  readonly conclusion: () => Exit.Exit<Answer, Failure> | null
}

const launch: Launch = { cwd: "/w", permissions: "edit", inherit: "none", budget: fromUsd(1) }

/** At work since now, and waiting for its model. */
export const scriptedWorker = (more: Partial<Launch> = {}) =>
  Effect.gen(function*() {
    const now = yield* DateTime.now
    const state: { vitals: Vitals; conclusion: Exit.Exit<Answer, Failure> | null } = {
      vitals: {
        phase: "waiting-model",
        phaseSince: now,
        lastEventAt: now,
        tool: null,
        retryAt: null,
        session: SessionId.make("session")
      },
      conclusion: null
    }
    const ended = yield* Deferred.make<string>()
    const worker: Worker = {
      pid: 1,
      launch: { ...launch, ...more },
      run: () => Effect.die("not scripted"),
      tell: () => Effect.die("not scripted"),
      spent: Effect.succeed(Spend.zero),
      said: Effect.succeed(""),
      session: Effect.sync(() => state.vitals.session),
      vitals: Effect.sync(() => state.vitals),
      conclude: (outcome) =>
        Effect.sync(() => {
          state.conclusion ??= outcome
        }),
      ended: Deferred.await(ended),
      name: SessionId.make("session"),
      costs: Effect.succeed([]),
      toolCalls: Effect.succeed(0),
      denials: Effect.succeed([])
    }
    const show = (vitals: Partial<Vitals>) => {
      state.vitals = { ...state.vitals, ...vitals }
    }
    return {
      worker,
      show,
      speak: Effect.map(DateTime.now, (lastEventAt) => show({ lastEventAt })),
      conclusion: () => state.conclusion
    } satisfies ScriptedWorker as ScriptedWorker
  })

export interface ScriptedSlot {
  worker: Worker | null
  state: SlotView["state"]
  renewed: number
}

export const slot = (
  worker: Worker | null,
  state: SlotView["state"] = worker === null ? "idle" : "busy"
): ScriptedSlot => ({
  worker,
  state,
  renewed: 0
})

/** Their markers are `m1`, `m2`, … */
export const scriptedSlots = (slots: ReadonlyArray<ScriptedSlot>): Layer.Layer<Slots> =>
  Layer.mock(Slots)({
    roles: Stream.make([null]),
    watched: Effect.sync(() =>
      slots.map((one, index): WatchedSlot => ({
        id: SlotId.make(index + 1),
        home: { config: "/c", temporary: "/t", marker: `m${index + 1}` },
        renew: Effect.sync(() => {
          one.renewed++
        }),
        isLent: one.state === "busy",
        worker: one.worker,
        spare: null
      }))
    ),
    view: Effect.sync(() =>
      slots.map((one, index): SlotView => ({ slot: formatSlotId(SlotId.make(index + 1)), state: one.state }))
    )
  })
