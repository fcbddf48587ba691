/**
 * Slots over scripted workers, without the rest of a pool.
 */
import { Layer, Path } from "effect"
import type { Launch } from "../../src/domain/Launch.ts"
import { fromUsd } from "../../src/domain/MicroUsd.ts"
import { seatsOf } from "../../src/domain/SlotProfile.ts"
import { Events } from "../../src/services/Events.ts"
import { Holds } from "../../src/services/Holds.ts"
import { Roster } from "../../src/services/Roster.ts"
import { Slots, type SlotsOptions } from "../../src/services/Slots.ts"
import { memoryFiles } from "./MemoryFiles.ts"
import { type Script, scriptedClaude } from "./ScriptedClaude.ts"

export const launch: Launch = { cwd: "/w", permissions: "edit", inherit: "none", budget: fromUsd(1) }

export interface TestSlotsOptions extends Partial<SlotsOptions> {
  readonly size?: number
  readonly holds?: Layer.Layer<Holds>
}

export const testSlots = (options: TestSlotsOptions = {}, script: Script = {}) => {
  const { holds = Holds.layer.pipe(Layer.provide(Events.layer)), profiles = [], size = 2, ...rest } = options
  return Slots.layer({
    profiles,
    min: 1,
    max: 64,
    maxPermissions: "edit",
    spare: launch,
    startConcurrency: 2,
    ...rest
  }).pipe(
    Layer.provideMerge(scriptedClaude(script)),
    Layer.provideMerge(Roster.layer(seatsOf(profiles, size))),
    Layer.provide([memoryFiles().layer, Path.layer, holds])
  )
}
