/**
 * What a supervisor asks of the machine and of the pool, as a test sets it: what processes use, what memory is free, and
 * what is held.
 */
import { DateTime, Effect, Layer, Stream, SubscriptionRef } from "effect"
import type { Usage } from "../../src/domain/Health.ts"
import type { Hold } from "../../src/domain/Hold.ts"
import { Holds } from "../../src/services/Holds.ts"
import { Processes } from "../../src/services/Processes.ts"

export interface ScriptedMachine {
  /** By marker; where nothing is set, one process that does nothing. */
  readonly usage: Map<string, Usage>
  available: number
  /** How often the machine was looked at. */
  looks: number
  /** The markers whose processes were killed. */
  readonly killed: Array<string>
  readonly holds: SubscriptionRef.SubscriptionRef<ReadonlyArray<Hold>>
  readonly layer: Layer.Layer<Processes | Holds>
}

export const resting: Usage = { processes: 1, rssBytes: 200e6, cpuMs: 500 }

const make = Effect.map(SubscriptionRef.make<ReadonlyArray<Hold>>([]), (holds) => {
  const machine = { usage: new Map<string, Usage>(), available: 8e9, looks: 0, killed: [] as Array<string>, holds }

  const processes = Layer.mock(Processes)({
    usage: (markers) =>
      Effect.sync(() => {
        machine.looks++
        return markers.map((marker) => machine.usage.get(marker) ?? resting)
      }),
    memory: Effect.sync(() => ({ totalBytes: 16e9, availableBytes: machine.available })),
    marked: () => Effect.succeed([{ pid: 7, startedAt: "then" }]),
    signal: (_, marker) => Effect.sync(() => machine.killed.push(marker) > 0)
  })

  const held = Layer.mock(Holds)({
    place: ({ cause, detail, hint }) =>
      Effect.flatMap(DateTime.now, (since) =>
        SubscriptionRef.update(holds, (all) => [
          ...all.filter((one) => one.cause !== cause),
          { cause, detail, hint, since, until: null, probing: false }
        ])),
    lift: (cause) => SubscriptionRef.update(holds, (all) => all.filter((one) => one.cause !== cause)),
    current: SubscriptionRef.get(holds),
    heldBy: () => null,
    changes: Stream.suspend(() => SubscriptionRef.changes(holds))
  })
  return Object.assign(machine, { layer: Layer.merge(processes, held) }) satisfies ScriptedMachine as ScriptedMachine
})

export const ScriptedMachine = { make }
