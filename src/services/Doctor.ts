/**
 * Looks at everything that the pool stands on, and says of each thing whether it is well, and how to mend it.
 */
import { Context, Effect, Layer } from "effect"
import { ChildProcess, ChildProcessSpawner } from "effect/process"
import type { Failure } from "../domain/Failure.ts"
import { ClaudeCli, type Login } from "./ClaudeCli.ts"
import { Configuration } from "./Configuration.ts"

export interface Check {
  readonly name: "settings" | "claude" | "login" | "store" | "containment" | "git"
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
  readonly owner: { readonly pid: number | null } | null
}

export interface DoctorOptions {
  /** Looks at the store in a directory, and changes nothing. */
  readonly inspectStore: (directory: string) => Effect.Effect<StoreFacts, Failure>
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
          Effect.map((facts) => ok("store", `${settings.store}: ${storeDetail(facts)}`)),
          Effect.catchTag("Failure", (failure) => Effect.succeed(broken("store", failure)))
        )

        const checkContainment = Effect.map(claude.containment, (level): Check =>
          level === "pid-namespace"
            ? ok("containment", "workers run in a process namespace: nothing of them can stay behind")
            : {
              name: "containment",
              status: "warn",
              detail: "workers' processes are found by a mark that they inherit; one that drops it stays behind",
              hint: "on Linux, allow unprivileged user namespaces (or run in a container): then it is certain"
            })

        const checkGit = spawner.string(ChildProcess.make("git", ["--version"], { extendEnv: true })).pipe(
          Effect.map((version) => ok("git", version.trim())),
          Effect.orElseSucceed((): Check => ({
            name: "git",
            status: "warn",
            detail: "git was not found",
            hint: "install git: workers that change files are used to having it"
          }))
        )

        return {
          examine: Effect.all([checkSettings, checkClaude, checkLogin, checkStore, checkContainment, checkGit])
        }
      })
    )
}

const ok = (name: Check["name"], detail: string): Check => ({ name, status: "ok", detail, hint: "" })

const broken = (name: Check["name"], failure: Failure): Check => ({
  name,
  status: "fail",
  detail: failure.message,
  hint: failure.hint
})

const loginCheck = ({ method, source }: Login): Check =>
  method === "none"
    ? {
      name: "login",
      status: "fail",
      detail: "no login was found for the workers",
      hint: "start `claude` once and log in, or set ANTHROPIC_API_KEY; --simulate needs none"
    }
    : ok("login", `${method}, from ${source}`)

const storeDetail = ({ exists, owner, schemaVersion }: StoreFacts): string => {
  const who = owner?.pid ?? null
  if (!exists) return "does not exist yet; the first task makes it"
  return `schema ${schemaVersion}, ${
    owner === null ? "nobody runs it" : `run by ${who === null ? "another process" : `process ${who}`}`
  }`
}
