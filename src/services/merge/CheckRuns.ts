/**
 * The checks of a landing, run in a scratch worktree that is moved from result to result. What was seen of one tree is not
 * looked at again.
 */
import { type Duration, Effect, Ref } from "effect"
import type { CommitId } from "../../domain/Commit.ts"
import { formatDuration } from "../../domain/DurationText.ts"
import type { Failure } from "../../domain/Failure.ts"
import type { Checks } from "../Checks.ts"
import type { Git } from "../Git.ts"
import { treesOf } from "../git/Commits.ts"
import { resetFiles } from "../git/Placing.ts"
import type { Stay } from "../Workspaces.ts"

/** A check that does not hold. */
export interface Red {
  readonly command: string
  /** As in "it exits with 1". */
  readonly how: string
  readonly output: string
}

/** Null: all of them hold. */
export type RunChecks = (commit: CommitId) => Effect.Effect<Red | null, Failure>

const mostOutput = 4000

export const makeCheckRuns = Effect.fnUntraced(function*(
  { checks, commands, git, stay, timeout }: {
    readonly git: Git["Service"]
    readonly checks: Checks["Service"]
    readonly stay: Stay
    readonly commands: ReadonlyArray<string>
    readonly timeout: Duration.Duration
  }
) {
  const seen = yield* Ref.make<ReadonlyMap<string, Red | null>>(new Map())
  const cwd = stay.checkout.workTree ?? stay.cwd

  const runOne = Effect.fnUntraced(function*(command: string): Effect.fn.Return<Red | null, Failure> {
    const end = yield* checks.run({ command, cwd, env: stay.env, timeout }).pipe(
      Effect.catchIf(
        ({ reason }) => reason._tag === "TimedOut",
        () => Effect.succeed(null)
      )
    )
    if (end === null) return { command, how: `it was ended after ${formatDuration(timeout)}`, output: "" }
    if (end.exitCode === 0) return null
    const how = end.exitCode === null ? "it was ended by a signal" : `it exits with ${end.exitCode}`
    return { command, how, output: end.output.slice(-mostOutput) }
  })

  const firstRed = Effect.gen(function*() {
    for (const command of commands) {
      const red = yield* runOne(command)
      if (red !== null) return red
    }
    return null
  })

  const run: RunChecks = Effect.fnUntraced(function*(commit) {
    const [tree = ""] = yield* treesOf(git, stay.checkout, [commit])
    const known = (yield* Ref.get(seen)).get(tree)
    if (known !== undefined) return known
    yield* resetFiles(git, stay.checkout, commit)
    const red = yield* firstRed
    yield* Ref.update(seen, (all) => new Map(all).set(tree, red))
    return red
  })
  return run
})
