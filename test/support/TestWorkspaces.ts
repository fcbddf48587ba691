/**
 * Workspaces over real repositories: with a store in memory, commands that are scripted, and a machine whose disk and
 * ports are a test's to say.
 */
import { Duration, Effect, type FileSystem, Layer, Option, Path, type Scope } from "effect"
import { SecureRandom } from "effect/crypto"
import { type Failure } from "../../src/domain/Failure.ts"
import { SlotId } from "../../src/domain/SlotId.ts"
import { Task } from "../../src/domain/Task.ts"
import type { AcceptedOptions } from "../../src/domain/TaskRequest.ts"
import { type Workspace } from "../../src/domain/Workspace.ts"
import { copyTree, diskUse } from "../../src/layers/DirectoryTrees.ts"
import { freePort } from "../../src/layers/FreePort.ts"
import * as MachineProcesses from "../../src/layers/MachineProcesses.ts"
import * as StoreDirectory from "../../src/layers/StoreDirectory.ts"
import { type CheckCommand, type CheckEnd, Checks } from "../../src/services/Checks.ts"
import { Git } from "../../src/services/Git.ts"
import { Store } from "../../src/services/Store.ts"
import { Workspaces } from "../../src/services/Workspaces.ts"
import type { SetUpOptions, WorkspacesMachine, WorkspacesOptions } from "../../src/services/workspaces/Options.ts"
import { type Files, gitLayer, makeRepository, workDirectory } from "./Repositories.ts"
import { sampleTask } from "./SampleTask.ts"

export interface Bench {
  readonly directory: string
  readonly repository: string
  readonly worktrees: string
  /** The commands that were run. */
  readonly commands: Array<CheckCommand>
}

export interface BenchOptions {
  readonly files?: Files
  readonly spares?: number
  readonly mostBytes?: number
  readonly minFreeDisk?: number
  readonly worktrees?: (directory: string) => string
  readonly setUp?: Partial<SetUpOptions>
  readonly machine?: Partial<WorkspacesMachine>
  readonly check?: (command: CheckCommand) => Effect.Effect<Partial<CheckEnd>, Failure>
}

const noSetUp: SetUpOptions = {
  command: null,
  keys: [],
  outputs: [],
  timeout: Duration.minutes(1),
  copy: [],
  ports: 0
}

type Needs = Workspaces | Store | Git | FileSystem.FileSystem | Path.Path
type Opened = Layer.Layer<Exclude<Needs, Store>, Failure, Store>

/** A git that is gone from its n-th command on, as in a pool that is killed there. */
const mortal = (commands: number) =>
  Layer.effect(
    Git,
    Effect.map(Git, (git) => {
      let left = commands
      return Git.of({ ...git, run: (...args) => left-- > 0 ? git.run(...args) : Effect.die("killed") })
    })
  )

/** A repository, and pools that make workspaces of it, one after another over the same store. */
export const withPools = <A, E>(
  options: BenchOptions,
  use: (
    bench: Bench,
    open: (commands?: number, isPatient?: boolean) => Opened
  ) => Effect.Effect<A, E, Store | FileSystem.FileSystem | Path.Path | Scope.Scope>
) =>
  Effect.gen(function*() {
    const path = yield* Path.Path
    const directory = yield* workDirectory
    const repository = yield* makeRepository(path.join(directory, "repository"), options.files)
    const worktrees = options.worktrees?.(directory) ?? path.join(directory, "worktrees")
    const bench: Bench = { directory, repository, worktrees, commands: [] }
    const checks = Layer.mock(Checks)({
      run: (command) => {
        bench.commands.push(command)
        const end = { exitCode: 0, output: "", chars: 0 }
        return Effect.map(options.check?.(command) ?? Effect.succeed({}), (said) => ({ ...end, ...said }))
      }
    })
    const asked: WorkspacesOptions = {
      directory: worktrees,
      spares: options.spares ?? 0,
      mostBytes: options.mostBytes ?? null,
      minFreeDisk: options.minFreeDisk ?? 0,
      setUp: { ...noSetUp, ...options.setUp },
      lockReason: "claude-pool test",
      machine: {
        platform: "here",
        freeDisk: () => Effect.succeed(null),
        diskUse,
        freePort,
        copyTree,
        ...options.machine
      }
    }
    const machine = Layer.mergeAll(checks, MachineProcesses.layer, SecureRandom.layerWebCrypto)
    const git = gitLayer(path.join(directory, "seats"))
    const open = (commands?: number, isPatient = false): Opened =>
      Layer.fresh(Workspaces.layer({ ...asked, isPatient })).pipe(
        Layer.provide(machine),
        Layer.provideMerge(commands === undefined ? git : mortal(commands).pipe(Layer.provideMerge(git)))
      )
    return yield* Effect.provide(use(bench, open), StoreDirectory.layerMemory)
  }).pipe(Effect.scoped, Effect.provide(gitLayer("/dev/null/none")))

/** One pool; when its layer has ended, `after` looks at what is left. */
export const withWorkspaces = <A, E>(
  options: BenchOptions,
  use: (bench: Bench) => Effect.Effect<A, E, Needs | Scope.Scope>,
  after: (bench: Bench) => Effect.Effect<void, E, Store | FileSystem.FileSystem | Path.Path> = () => Effect.void
) =>
  withPools(
    options,
    (bench, open) => Effect.tap(Effect.scoped(use(bench)).pipe(Effect.provide(open())), () => after(bench))
  )

export const slot = (number: number): SlotId => SlotId.make(number)

/** A task of the repository, at its first attempt. */
export const taskIn = (
  cwd: string,
  number: number,
  options: Partial<AcceptedOptions> = {},
  more: Partial<Task> = {}
): Task =>
  new Task({
    ...sampleTask(number, { options: { cwd, isolation: "task", ...options } }),
    attempts: 1,
    ...more
  })

/** How a call is refused: the tag of its reason, its cause where it has one. */
export const refusal = <A, R>(call: Effect.Effect<A, Failure, R>) =>
  Effect.map(Effect.flip(call), ({ reason }) => reason._tag === "IsolationImpossible" ? reason.cause : reason._tag)

export const recordOf = (id: Workspace["id"]) =>
  Effect.flatMap(Store, (store) => Effect.map(store.workspaces.find(id), Option.getOrNull))
