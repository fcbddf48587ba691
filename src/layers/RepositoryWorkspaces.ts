/**
 * Git, and the workspaces of a pool, as its settings want them on this machine.
 */
import { Effect, FileSystem, Layer, Path } from "effect"
import { ChildProcess, ChildProcessSpawner } from "effect/process"
import type { Settings } from "../domain/Settings.ts"
import { Git } from "../services/Git.ts"
import type { Machine } from "../services/Machine.ts"
import { Processes } from "../services/Processes.ts"
import { Store } from "../services/Store.ts"
import { Workspaces } from "../services/Workspaces.ts"
import { reach } from "../services/workspaces/Ground.ts"
import { lockReason } from "../services/workspaces/LockReason.ts"
import type { WorkspacesOptions } from "../services/workspaces/Options.ts"
import { copyTree, diskUse } from "./DirectoryTrees.ts"
import { freeDisk } from "./FreeDisk.ts"
import { freePort } from "./FreePort.ts"
import * as MachineProcesses from "./MachineProcesses.ts"
import { lockFile } from "./RepositoryLock.ts"

/** Where the worktrees of a user are, where the settings do not say: outside of every project. */
export const worktreesOf = (path: Path.Path, { env, home, platform }: Machine["Service"]): string => {
  if (platform === "darwin") return path.join(home, "Library", "Application Support", "claude-pool", "worktrees")
  const state = env["XDG_STATE_HOME"] ?? ""
  return path.join(path.isAbsolute(state) ? state : path.join(home, ".local", "state"), "claude-pool", "worktrees")
}

const workspacesOptions = (
  settings: Settings,
  machine: Machine["Service"],
  made: Pick<WorkspacesOptions, "directory" | "lockReason" | "spares" | "isPatient">
): WorkspacesOptions => ({
  ...made,
  mostBytes: settings.workspaceBytes,
  minFreeDisk: settings.minFreeDisk,
  setUp: {
    command: settings.workspaceSetup,
    keys: settings.workspaceSetupKeys,
    outputs: settings.workspaceSetupOutputs,
    timeout: settings.workspaceSetupTimeout,
    copy: settings.workspaceCopy,
    ports: settings.workspacePorts
  },
  machine: { platform: machine.platform, freeDisk, diskUse, freePort, copyTree }
})

/** What of the user's own files git ignores everywhere: a list of patterns, and nothing that is run. Null: there is none. */
const excludesOf = ({ env, home }: Machine["Service"]) =>
  Effect.gen(function*() {
    const path = yield* Path.Path
    const fs = yield* FileSystem.FileSystem
    const spawner = yield* ChildProcessSpawner.ChildProcessSpawner
    const asked = ChildProcess.make("git", ["config", "--global", "--type=path", "--get", "core.excludesFile"], {
      cwd: path.sep,
      env: { ...variables(env), HOME: home },
      stdin: "ignore"
    })
    const answer = Effect.timeout(spawner.string(asked), "10 seconds")
    const said = (yield* Effect.orElseSucceed(answer, () => "")).trim()
    const configHome = env["XDG_CONFIG_HOME"] ?? ""
    const usual = path.join(path.isAbsolute(configHome) ? configHome : path.join(home, ".config"), "git", "ignore")
    const file = path.isAbsolute(said) ? said : usual
    return (yield* Effect.orElseSucceed(fs.exists(file), () => false)) ? file : null
  })

const variables = (env: Machine["Service"]["env"]): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(env).flatMap(([name, value]) => value === undefined ? [] : [[name, value]]))

/** The pool's git, which knows nothing of the repositories' configuration. `seats` is its own directory. */
export const git = (seats: string, machine: Machine["Service"]) =>
  Layer.unwrap(Effect.gen(function*() {
    const platform = yield* Effect.context<Effect.Services<ReturnType<typeof excludesOf>>>()
    const excludes = Effect.provideContext(excludesOf(machine), platform)
    return Git.layer({ seats, env: variables(machine.env), lock: lockFile, excludes })
  }))

export interface PoolKind {
  /** It runs more than one task, so that it is worth making worktrees ahead. */
  readonly hasMany: boolean
  /** It runs none itself: what earlier pools have left waits for the first call that needs a workspace. */
  readonly isIntake: boolean
}

export const workspaces = (settings: Settings, machine: Machine["Service"], { hasMany, isIntake }: PoolKind) =>
  Layer.unwrap(Effect.gen(function*() {
    const path = yield* Path.Path
    const processes = yield* Processes
    const { directory: store } = yield* Store
    const { missing, real } = yield* reach(path.resolve(settings.workspaces ?? worktreesOf(path, machine)))
    const startedAt = (yield* processes.startOf(machine.pid)) ?? "unknown"
    return Workspaces.layer(
      workspacesOptions(settings, machine, {
        directory: path.join(real, missing),
        lockReason: lockReason({ pid: machine.pid, startedAt, store }),
        spares: hasMany ? settings.spareWorkspaces : 0,
        isPatient: isIntake
      })
    )
  })).pipe(Layer.provide(MachineProcesses.layer))
