/**
 * A pool that owns its store, as layers: loaded only where there is to be one, for it is a third of the program.
 */
import { Duration, Effect, Layer, Path } from "effect"
import { hostName } from "../domain/HostNote.ts"
import type { OwnPoolMode } from "../domain/PoolMode.ts"
import type { Settings } from "../domain/Settings.ts"
import { oneOfEach, rolesOf, type Seat, seatsOf } from "../domain/SlotProfile.ts"
import { Budget } from "../services/Budget.ts"
import { Chains } from "../services/Chains.ts"
import { tracesItself } from "../services/claude/Environment.ts"
import { sweepLeftovers } from "../services/containment/Leftovers.ts"
import { Dispatcher } from "../services/Dispatcher.ts"
import { Events } from "../services/Events.ts"
import { FanOut } from "../services/FanOut.ts"
import { Holds } from "../services/Holds.ts"
import { Inspector } from "../services/Inspector.ts"
import type { Machine } from "../services/Machine.ts"
import { MergeDesk } from "../services/MergeDesk.ts"
import { Messages } from "../services/Messages.ts"
import { Pool } from "../services/Pool.ts"
import { Radar } from "../services/Radar.ts"
import { Restarts } from "../services/Restarts.ts"
import { Roster } from "../services/Roster.ts"
import { Router } from "../services/Router.ts"
import { SharedContext } from "../services/SharedContext.ts"
import { Slots, type SlotsOptions } from "../services/Slots.ts"
import { Store } from "../services/Store.ts"
import * as StoreHold from "../services/store/StoreHold.ts"
import { Tasks } from "../services/Tasks.ts"
import { reachable } from "./Elsewhere.ts"
import * as MachineProcesses from "./MachineProcesses.ts"
import * as RepositoryWorkspaces from "./RepositoryWorkspaces.ts"
import * as StoreDirectory from "./StoreDirectory.ts"
import { supervisor } from "./Supervision.ts"
import { defaultsOf, spareOf } from "./TaskDefaults.ts"
import { temporaryDirectory } from "./TemporaryDirectory.ts"
import { checks, claudeCli, slotsIn, transcripts } from "./Workers.ts"

/** How many slots, and who they are: who runs one task needs one slot that may take it, whichever role it asks for. */
const crew = (
  mode: OwnPoolMode,
  { maxSlots, minSlots, slotProfiles, slots }: Settings
): Pick<SlotsOptions, "profiles" | "min" | "max"> & { readonly seats: ReadonlyArray<Seat> } => {
  if (mode !== "run") {
    return { seats: seatsOf(slotProfiles, slots), profiles: slotProfiles, min: minSlots, max: maxSlots }
  }
  const profiles = oneOfEach(slotProfiles)
  return { seats: seatsOf(profiles, profiles.length), profiles, min: 1, max: profiles.length }
}

/** The store, once what a killed pool has left behind is gone. */
const ownStore = (directory: string, owner: string) =>
  Layer.effectDiscard(Effect.flatMap(Path.Path, (path) => sweepLeftovers(slotsIn(path, directory)))).pipe(
    Layer.provide(MachineProcesses.layer),
    Layer.provideMerge(StoreDirectory.layer({ directory, owner }))
  )

/** Where the pool has what git is to go by in its place of a repository's configuration. */
const seatsIn = (path: Path.Path, store: string): string => path.join(store, "git")

/** Worktrees, and what workers have done in them. */
const workspaces = (mode: OwnPoolMode, settings: Settings, machine: Machine["Service"]) =>
  Layer.unwrap(Effect.gen(function*() {
    const path = yield* Path.Path
    const { directory } = yield* Store
    const hasMany = mode === "host" || mode === "wait" || mode === "batch"
    return Inspector.layer({ own: [directory] }).pipe(
      Layer.provideMerge(RepositoryWorkspaces.workspaces(settings, machine, { hasMany, isIntake: mode === "intake" })),
      Layer.provideMerge(RepositoryWorkspaces.git(seatsIn(path, directory), machine))
    )
  }))

/** Loaded only where it is on: the exporter takes time to load. */
const telemetry = (url: string, env: Machine["Service"]["env"], workersTrace: boolean) =>
  Layer.unwrap(Effect.map(
    Effect.promise(() => import("./OtlpTelemetry.ts")),
    (exporter) => exporter.layer({ url, env, workersTrace })
  ))

/** The longest that a check of a landing may take. */
const landingCheck = Duration.minutes(30)

const mergeDesk = Layer.unwrap(Effect.map(Tasks, (tasks) =>
  MergeDesk.layer({
    checkTimeout: landingCheck,
    submit: (request) => Effect.map(tasks.submit(request), ({ id }) => id)
  })))

/** A pool that owns its store. */
export const owner = (mode: OwnPoolMode, settings: Settings, machine: Machine["Service"], name: string) => {
  const defaults = defaultsOf(settings, machine.cwd)
  const commands = checks(settings, machine)
  const isIntake = mode === "intake"
  // Who runs work of his own does not want to wait, or to pay, for what others have left in the queue.
  const resume = mode === "host" || mode === "wait"
  const workersTrace = settings.otlp !== null && tracesItself(machine.env)
  const { seats, ...sizes } = crew(mode, settings)

  const store = ownStore(settings.store, name)
  const budget = Layer.unwrap(Effect.gen(function*() {
    const { cost } = yield* (yield* Store).spent
    return Budget.layer({ cap: settings.poolBudgetUsd, settled: cost })
  }))
  const record = Layer.mergeAll(budget, Events.layer).pipe(Layer.provideMerge(store))
  // A person who waits for a command does not wait for a login.
  const whenHeld = mode === "run" || mode === "batch" ? "fail" : "wait"
  const holding = Restarts.layer({ whenHeld }).pipe(Layer.provideMerge(Holds.layer), Layer.provideMerge(record))
  const traced = settings.otlp === null || isIntake
    ? holding
    : telemetry(settings.otlp, machine.env, workersTrace).pipe(Layer.provideMerge(holding))
  const told = Layer.mergeAll(SharedContext.layer, Messages.layer, StoreHold.layer).pipe(
    Layer.provideMerge(Layer.mergeAll(traced, Roster.layer(seats)))
  )
  const placed = workspaces(mode, settings, machine).pipe(Layer.provide(commands), Layer.provideMerge(told))
  const tasks = Layer.unwrap(Effect.map(Roster, (roster) =>
    Tasks.layer({
      defaults,
      maxPermissions: settings.maxPermissions,
      maxAttempts: settings.maxAttempts,
      queueLimit: settings.queueLimit,
      roles: isIntake ? null : () => rolesOf(roster.now().map((seat) => seat.settings)),
      resume: resume || isIntake,
      drainGrace: settings.drainGrace,
      shutdownGrace: settings.shutdownGrace
    }))).pipe(Layer.provideMerge(placed), Layer.provide(transcripts(settings)))
  const wholes = Chains.layer({ run: !isIntake, resume, maxPermissions: settings.maxPermissions, defaults }).pipe(
    Layer.provideMerge(FanOut.layer({ resume: resume || isIntake })),
    Layer.provide(commands),
    Layer.provideMerge(tasks)
  )
  const desk = mergeDesk.pipe(Layer.provide(commands), Layer.provideMerge(wholes))
  const router = Router.layer({ model: settings.routerModel, budget: settings.routerBudgetUsd })
  const accepting = router.pipe(Layer.provideMerge(desk))
  if (isIntake) return Pool.layer.pipe(Layer.provide(accepting))

  const slots = Slots.layer({
    ...sizes,
    maxPermissions: settings.maxPermissions,
    spare: mode === "host" ? spareOf(settings, defaults, workersTrace) : null,
    startConcurrency: settings.startConcurrency ?? machine.cores
  })
  const claude = Layer.unwrap(Effect.gen(function*() {
    const { directory } = yield* Store
    return claudeCli(settings, yield* temporaryDirectory(directory, machine.temporary))
  }))
  return Layer.mergeAll(Pool.layer, Dispatcher.layer).pipe(
    Layer.provide(Radar.layer()),
    Layer.provide(supervisor(settings, resume)),
    Layer.provide(slots),
    Layer.provide(claude),
    Layer.provide(accepting)
  )
}

/** The same, and other processes reach it. */
export const shared = (mode: OwnPoolMode, settings: Settings, machine: Machine["Service"], name: string) =>
  Layer.provideMerge(reachable(settings, machine, name === hostName), owner(mode, settings, machine, name))
