/**
 * One slot with real processes, of the real CLI or the simulator, and a supervisor that looks at it all the time and has
 * little patience: its bounds are as short as the test says. What it is started for is gone afterwards.
 */
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Duration, Effect, Layer } from "effect"
import { SecureRandom } from "effect/crypto"
import { mkdirSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { HealthBounds, type HealthBounds as Bounds, healthBounds } from "../../src/domain/HealthBounds.ts"
import type { Launch } from "../../src/domain/Launch.ts"
import { fromUsd } from "../../src/domain/MicroUsd.ts"
import { seatsOf } from "../../src/domain/SlotProfile.ts"
import * as MachineContainment from "../../src/layers/MachineContainment.ts"
import * as MachineProcesses from "../../src/layers/MachineProcesses.ts"
import { ClaudeCli, type ClaudeCliOptions } from "../../src/services/ClaudeCli.ts"
import { Events } from "../../src/services/Events.ts"
import { Holds } from "../../src/services/Holds.ts"
import { Roster } from "../../src/services/Roster.ts"
import { Slots } from "../../src/services/Slots.ts"
import { Supervisor, type SupervisorOptions } from "../../src/services/Supervisor.ts"
import { Pace } from "../../src/services/supervisor/Pace.ts"
import { Census } from "./Census.ts"
import type { Contestant } from "./Contestants.ts"
import { RealClaude } from "./RealClaude.ts"
import { type ApiScript, ScriptedApi } from "./ScriptedApi.ts"

const simulator = fileURLToPath(new URL("../../dist/simulator.js", import.meta.url))

export interface SupervisedSlotOptions {
  readonly contestant?: Contestant
  readonly api?: ApiScript
  readonly bounds?: Partial<Bounds>
  readonly supervisor?: Partial<SupervisorOptions>
  /** Directives that the simulator plays in every process. */
  readonly scenario?: string
  /** Further variables of the user's, which workers see. */
  readonly env?: Readonly<Record<string, string>>
}

/** Bounds that are over at once: who lives through them has a reason. */
export const impatient: Bounds = {
  ...healthBounds,
  waitingModel: { suspicious: Duration.millis(200), hung: Duration.millis(800) },
  backingOff: { suspicious: Duration.millis(100), hungTimes: 2 },
  runningTool: { suspicious: Duration.millis(100), hung: Duration.millis(400) },
  settled: Duration.millis(400),
  writing: Duration.millis(50)
}

const make = Effect.fnUntraced(function*(options: SupervisedSlotOptions = {}) {
  const { bounds, contestant = "simulated", scenario } = options
  const isReal = contestant === "real"
  // CPU time is counted in steps of ten milliseconds, and the real CLI takes a little of it all the time.
  const pace = Duration.millis(isReal ? 500 : 100)
  const directory = yield* Census.directory(`supervised-${contestant}-`)
  const cwd = join(directory, "project")
  mkdirSync(cwd)
  const api = yield* ScriptedApi.make(options.api ?? [])
  const sessions = join(directory, "sessions")
  const settings: ClaudeCliOptions = {
    named: isReal ? RealClaude.binary : null,
    standIn: isReal ? null : [process.execPath, simulator],
    env: {
      ...RealClaude.cleanEnvironment({ home: directory, url: api.url }),
      ...(scenario === undefined ? {} : { CLAUDE_POOL_SIMULATOR: scenario }),
      ...options.env
    },
    home: directory,
    platform: process.platform,
    passEnv: ["CLAUDE_POOL_SIMULATOR", ...Object.keys(options.env ?? {})],
    directories: { slots: join(directory, "slots"), sessions, temporary: join(directory, "tmp") },
    stallAfter: null,
    figuresWithin: Duration.seconds(10)
  }
  const cli = ClaudeCli.layer(settings).pipe(Layer.provide(MachineContainment.layer))
  const supervised = Supervisor.layer({
    stallAfter: Duration.minutes(15),
    slotMemory: null,
    minFreeMemory: 0,
    steps: [],
    ...options.supervisor
  }).pipe(
    Layer.provideMerge(
      Slots.layer({ profiles: [], min: 1, max: 1, maxPermissions: "full", spare: null, startConcurrency: 1 })
    ),
    Layer.provideMerge(cli),
    Layer.provide([MachineProcesses.layer, Holds.layer, Roster.layer(seatsOf([], 1))]),
    Layer.provide([Events.layer, NodeServices.layer, SecureRandom.layerWebCrypto]),
    Layer.provide(Layer.succeed(HealthBounds, { ...impatient, ...bounds })),
    Layer.provide(Layer.succeed(Pace, { busy: pace, idle: pace }))
  )
  const context = yield* Layer.build(supervised)
  const launch: Launch = { cwd, permissions: "full", inherit: "none", budget: fromUsd(5) }
  const worker = (more: Partial<Launch> = {}) =>
    Effect.gen(function*() {
      const slot = yield* (yield* Slots).borrow(null)
      return yield* slot.worker({ ...launch, ...more })
    }).pipe(
      Effect.provideContext(context),
      // A start is bounded, too.
      Effect.provideService(HealthBounds, { ...impatient, ...bounds })
    )
  return { api, cwd, directory, worker }
})

export const SupervisedSlot = { make }
