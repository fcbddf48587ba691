/**
 * What a new worktree gets before anybody works in it: copies of files that git ignores, ports, and what the user's
 * command makes. That command runs contained, and sees no login.
 */
import { Effect, Path } from "effect"
import { Failure } from "../../domain/Failure.ts"
import type { SetUp, Workspace } from "../../domain/Workspace.ts"
import { SetUpFailed } from "../../domain/WorkspaceFailure.ts"
import { Checks } from "../Checks.ts"
import { makeCopying } from "./Copying.ts"
import type { WorkspacesOptions } from "./Options.ts"
import { type Ports, portVariables } from "./Ports.ts"
import { makeSetUpCache } from "./SetUpCache.ts"
import type { Turns } from "./Turns.ts"

/** How much of what the command said is kept with a workspace, in characters. */
const kept = 4000

const failed = (command: string, code: number | null, output: string) =>
  new Failure({ reason: new SetUpFailed({ command, code, output: output.slice(-kept) }) })

/** What a worktree has got. */
export type SetUpDone = Pick<Workspace, "setUp" | "ports">

export const makeSettingUp = Effect.fnUntraced(function*(
  { machine, setUp: options }: WorkspacesOptions,
  { ports, turns }: { readonly ports: Ports; readonly turns: Turns }
) {
  const path = yield* Path.Path
  const checks = yield* Checks
  const copying = yield* makeCopying(machine.copyTree)
  const cache = yield* makeSetUpCache({ setUp: options, platform: machine.platform, copying })

  const execute = Effect.fnUntraced(
    function*(command: string, { path: cwd }: Workspace, leased: ReadonlyArray<number>) {
      const end = yield* checks.run({ command, cwd, env: portVariables(leased), timeout: options.timeout }).pipe(
        Effect.catchReason("Failure", "TimedOut", ({ message }) => failed(command, null, message))
      )
      if (end.exitCode !== 0) return yield* failed(command, end.exitCode, end.output)
      return { command, exitCode: end.exitCode, output: end.output.slice(-kept), cached: false }
    }
  )

  /** The command's result, made once for all that come with the same key at the same time. */
  const run = Effect.fnUntraced(function*(workspace: Workspace, leased: ReadonlyArray<number>, key: string | null) {
    const { command } = options
    if (command === null) return null
    if (key === null || options.outputs.length === 0) return yield* execute(command, workspace, leased)
    const stored = path.join(path.dirname(workspace.path), "cache")
    const again = Effect.map(
      cache.take(stored, key, workspace.path),
      (isThere): SetUp | null => isThere ? { command, exitCode: 0, output: "", cached: true } : null
    )
    const first = yield* again
    if (first !== null) return first
    return yield* turns(`set-up ${stored} ${key}`)(Effect.gen(function*() {
      const other = yield* again
      if (other !== null) return other
      const made = yield* execute(command, workspace, leased)
      yield* cache.keep(stored, key, workspace.path, workspace.id)
      return made
    }))
  })

  const copyFiles = Effect.fnUntraced(function*({ path: to, repository: { checkout } }: Workspace) {
    if (checkout === null) return
    for (const name of options.copy) {
      yield* Effect.mapError(
        copying.copy(name, { from: checkout, to }),
        (detail) => failed(`copy ${name}`, null, detail)
      )
    }
  })

  /** Of a worktree that is there: all of it. Fails with `SetUpFailed`. */
  const all = Effect.fnUntraced(function*(workspace: Workspace): Effect.fn.Return<SetUpDone, Failure> {
    yield* copyFiles(workspace)
    const leased = yield* ports.lease(workspace.path, options.ports)
    if (leased === null) return yield* failed("lease ports", null, "there are no free ports")
    const key = yield* cache.keyOf(workspace.path)
    return yield* run(workspace, leased, key).pipe(
      Effect.map((setUp) => ({ setUp, ports: leased })),
      Effect.onError(() => ports.release(leased, workspace.path))
    )
  })

  /** Of one that was brought to another commit: again, where what it depends on is not what it was `before`. */
  const renew = Effect.fnUntraced(function*(workspace: Workspace, before: string | null) {
    const key = yield* cache.keyOf(workspace.path)
    if (key === before || options.command === null) return workspace.setUp
    // What is there was made for something else, and would be in the way of the cache's own.
    return yield* execute(options.command, workspace, workspace.ports)
  })

  return { all, keyOf: cache.keyOf, renew }
})

export type SettingUp = Effect.Success<ReturnType<typeof makeSettingUp>>
