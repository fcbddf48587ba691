/**
 * Looks at everything that the pool stands on, and says of each thing whether it is well, and how to mend it.
 */
import { Context, Effect, Layer } from "effect"
import { ChildProcess, ChildProcessSpawner } from "effect/process"
import { roughBytes } from "../domain/ByteSize.ts"
import type { Failure } from "../domain/Failure.ts"
import { hostName } from "../domain/HostNote.ts"
import type { Settings } from "../domain/Settings.ts"
import { ClaudeCli, type Login } from "./ClaudeCli.ts"
import { Configuration } from "./Configuration.ts"
import type { ContainmentLevel } from "./Containment.ts"
import { unfitGit } from "./git/Format.ts"
import { Processes } from "./Processes.ts"

export interface Check {
  readonly name: "settings" | "claude" | "login" | "store" | "disk" | "containment" | "supervision" | "memory" | "git"
  /** `warn`: the pool works, though not as well as it could. */
  readonly status: "ok" | "warn" | "fail"
  readonly detail: string
  /** How to mend it; empty where nothing is wrong. */
  readonly hint: string
}

/** What can be told of a store from outside. */
export interface StoreFacts {
  readonly exists: boolean
  readonly schemaVersion: number
  readonly owner: {
    readonly pid: number | null
    /** What it says it is. */
    readonly owner?: string | null
  } | null
  /** The name of the file system, where it is one that a store is not safe on; else null. */
  readonly sharedFileSystem?: string | null
  /** Bytes of the database's journal. */
  readonly journalBytes?: number
}

/** How the doctor looks at the machine. */
export interface DoctorOptions {
  /** Looks at the store in a directory, and changes nothing. */
  readonly inspectStore: (directory: string) => Effect.Effect<StoreFacts, Failure>
  /** Free bytes of the disk that a directory is on, or would be; null where that cannot be told. */
  readonly freeDisk: (directory: string) => Effect.Effect<number | null>
  /** Fails where tasks of the project's directory can have no workspace; absent: that is not looked at. */
  readonly workspaces?: Effect.Effect<void, Failure>
}

export class Doctor extends Context.Service<Doctor, {
  /** All of the checks, in the order in which things depend on each other. None of them changes anything. */
  readonly examine: Effect.Effect<ReadonlyArray<Check>>
}>()("claude-pool/services/Doctor") {
  static readonly layer = (options: DoctorOptions) =>
    Layer.effect(
      this,
      Effect.gen(function*() {
        const claude = yield* ClaudeCli
        const processes = yield* Processes
        const spawner = yield* ChildProcessSpawner.ChildProcessSpawner
        const { files, settings } = yield* Configuration

        const checkSettings = Effect.succeed(
          ok(
            "settings",
            files.length === 0 ? "no file; defaults, variables and flags" : `read from ${files.join(", ")}`
          )
        )

        const checkClaude = claude.installation.pipe(
          Effect.map(({ command, version }) => ok("claude", `${command} (${version})`)),
          Effect.catchTag("Failure", (failure) => Effect.succeed(broken("claude", failure)))
        )

        const checkLogin = settings.simulate
          ? Effect.succeed(ok("login", "the simulator needs none"))
          : Effect.map(claude.login, loginCheck)

        const checkStore = options.inspectStore(settings.store).pipe(
          Effect.map((facts) => storeCheck(settings.store, facts)),
          Effect.catchTag("Failure", (failure) => Effect.succeed(broken("store", failure)))
        )

        const checkContainment = Effect.map(claude.containment, containmentCheck)

        const checkDisk = Effect.map(options.freeDisk(settings.store), diskCheck)
        const checkMemory = Effect.map(processes.memory, ({ availableBytes }) => memoryCheck(availableBytes, settings))

        const checkSupervision = Effect.succeed<Check>(
          settings.supervise
            ? ok("supervision", `on; a slot may use ${limit(settings.slotMemory)} of memory`)
            : {
              name: "supervision",
              status: "warn",
              detail: "off: hung workers are found by --stall-after only, and memory is not bounded",
              hint: "leave the setting supervise as it is by default"
            }
        )

        const gitVersion = spawner.string(ChildProcess.make("git", ["--version"], { extendEnv: true })).pipe(
          Effect.map((version) => version.trim()),
          Effect.orElseSucceed(() => null)
        )
        const checkGit = Effect.flatMap(gitVersion, (version) =>
          version === null ? Effect.succeed(noGit) : Effect.match(options.workspaces ?? Effect.void, {
            onSuccess: () =>
              ok("git", options.workspaces === undefined ? version : `${version}; tasks here can have workspaces`),
            onFailure: (failure): Check => {
              const detail = `${version}; ${failure.message}`
              const isWanted = unfitGit(version) !== null || settings.isolation !== "shared"
              return isWanted ? { name: "git", status: "warn", detail, hint: failure.hint } : ok("git", detail)
            }
          }))

        return {
          examine: Effect.all([
            checkSettings,
            checkClaude,
            checkLogin,
            checkStore,
            checkDisk,
            checkContainment,
            checkSupervision,
            checkMemory,
            checkGit
          ])
        }
      })
    )
}

const noGit: Check = {
  name: "git",
  status: "warn",
  detail: "git was not found",
  hint: "install git: workspaces are made with it, and workers that change files are used to having it"
}

const ok = (name: Check["name"], detail: string): Check => ({ name, status: "ok", detail, hint: "" })

const limit = (bytes: number | null): string => bytes === null ? "any amount" : roughBytes(bytes)

/** Below this the store may soon take no more writes. */
const littleDisk = 2 ** 30

const diskCheck = (free: number | null): Check => {
  if (free === null) return ok("disk", "how much is free cannot be told here")
  return free >= littleDisk ? ok("disk", `${roughBytes(free)} free for the store`) : {
    name: "disk",
    status: "warn",
    detail: `only ${roughBytes(free)} free for the store`,
    hint: "make room: on a full disk nothing is started; `claude-pool prune` throws away what is old"
  }
}

const memoryCheck = (free: number, { minFreeMemory, slots }: Pick<Settings, "minFreeMemory" | "slots">): Check =>
  free >= minFreeMemory ? ok("memory", `${roughBytes(free)} free, for ${slots} slots`) : {
    name: "memory",
    status: "warn",
    detail: `only ${roughBytes(free)} free: no task is started below ${roughBytes(minFreeMemory)}`,
    hint: "end other programs, or lower --slots; --min-free-memory is the bound"
  }

const broken = (name: Check["name"], failure: Failure): Check => ({
  name,
  status: "fail",
  detail: failure.message,
  hint: failure.hint
})

/** What each level guarantees, and the way to a stronger one. */
const containmentCheck = (level: ContainmentLevel): Check => {
  switch (level) {
    case "pid-namespace":
      return ok(
        "containment",
        "pid-namespace: the kernel ends everything that a worker has started, also when the pool is killed"
      )
    case "reaper":
      return {
        name: "containment",
        status: "warn",
        detail:
          "reaper: a helper ends whatever carries a worker's mark as soon as the pool has ended, also when it is " +
          "killed; a process that drops the mark stays behind",
        hint: toNamespaces
      }
    case "marker-sweep":
      return {
        name: "containment",
        status: "warn",
        detail: "marker-sweep: what carries a worker's mark is ended while the pool lives; what a killed pool leaves " +
          "behind runs on until the next one opens the store",
        hint: `see that nothing keeps \`node\` from starting the helper beside this program; better, ${toNamespaces}`
      }
  }
}

const toNamespaces = "on Linux run as root or allow unprivileged user namespaces, which on Ubuntu is " +
  "`sysctl kernel.apparmor_restrict_unprivileged_userns=0`; elsewhere run in a Linux container: then it is certain"

const loginCheck = ({ method, source }: Login): Check =>
  method === "none"
    ? {
      name: "login",
      status: "fail",
      detail: "no login was found for the workers",
      hint: "start `claude` once and log in, or set ANTHROPIC_API_KEY; --simulate needs none"
    }
    : ok("login", `${method}, from ${source}`)

/** Beyond this, somebody reads in it and does not stop. */
const largestJournal = 64 * 2 ** 20

const storeCheck = (directory: string, facts: StoreFacts): Check => {
  const detail = `${directory}: ${storeDetail(facts)}`
  const { journalBytes = 0, sharedFileSystem = null } = facts
  if (sharedFileSystem !== null) {
    return {
      name: "store",
      status: "warn",
      detail: `${detail}; it lies on ${sharedFileSystem}, where locks do not always hold`,
      hint: "keep it on a disk of this machine, with --store or CLAUDE_POOL_STORE, and use it from one machine only"
    }
  }
  if (journalBytes > largestJournal) {
    return {
      name: "store",
      status: "warn",
      detail: `${detail}; its journal has ${roughBytes(journalBytes)}, because somebody reads in it without an end`,
      hint: "end what has had store.db open for long: `lsof` says who, and the pool then empties the journal"
    }
  }
  return ok("store", detail)
}

const storeDetail = ({ exists, owner, schemaVersion }: StoreFacts): string => {
  if (!exists) return "does not exist yet; the first task makes it"
  return `schema ${schemaVersion}, ${owner === null ? "nobody runs it" : `run by ${ownerText(owner)}`}`
}

const ownerText = ({ owner = null, pid }: NonNullable<StoreFacts["owner"]>): string => {
  const who = pid === null ? "another process" : `process ${pid}`
  if (owner === null) return who
  return owner === hostName ? `its host, ${who}; all commands share it` : `${who} (${owner})`
}
