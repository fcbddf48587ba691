/**
 * Whether what was expected of a task holds: looked up, or found out by commands, one after the other.
 */
import { Duration, Effect, FileSystem, Path } from "effect"
import type { CommitId } from "../../domain/Commit.ts"
import type { ExpectationResult } from "../../domain/Evidence.ts"
import type { Expect } from "../../domain/Expect.ts"
import type { Failure } from "../../domain/Failure.ts"
import { cleanLine } from "../../domain/UntrustedText.ts"
import { Checks } from "../Checks.ts"
import type { Answer } from "../ClaudeCli.ts"
import { type Checkout, Git } from "../Git.ts"
import { changesBetween } from "../git/Diff.ts"
import { namesOf } from "./Naming.ts"

const patience = Duration.minutes(10)
const keptOutput = 4000

/** What there is to look at. */
export interface Work {
  /** Where the task works, and what it must not lead out of. */
  readonly cwd: string
  readonly top: string
  readonly env: Readonly<Record<string, string>>
  /** Null: it works where everybody works. */
  readonly commits: { readonly checkout: Checkout; readonly base: CommitId; readonly head: CommitId } | null
  readonly answer: Answer
  readonly toolCalls: number
  /** A text: it could not be told, and why. */
  readonly outside: ReadonlyArray<string> | string
}

type Verdict = Pick<ExpectationResult, "held" | "found" | "output">

const untold = (why: string): Verdict => ({ held: null, found: `it could not be told: ${why}` })
const noWorkspace = untold("the task works in no workspace")

/** Special characters of a directory's name are none of a pattern's. */
const literally = (name: string): string => name.replaceAll(/[*?[\\]/g, String.raw`\$&`)

const isPattern = (name: string): boolean => /[*?[\\]/.test(name)

const one = (expected: string, verdict: Effect.Effect<Verdict, Failure>): Effect.Effect<ExpectationResult> =>
  verdict.pipe(
    Effect.catch(({ message }) => Effect.succeed(untold(cleanLine(message, 500)))),
    Effect.map((found) => ({ expected, ...found }))
  )

const whenChanged = (
  names: Effect.Effect<ReadonlyArray<string> | null, Failure>,
  judge: (names: ReadonlyArray<string>) => boolean
) =>
  Effect.map(names, (found): Verdict =>
    found === null
      ? noWorkspace
      : { held: judge(found), found: found.length === 0 ? "nothing changed" : `changed: ${namesOf(found)}` })

const isSome = (names: ReadonlyArray<string>) => names.length > 0
const isNone = (names: ReadonlyArray<string>) => names.length === 0

const outsideOf = ({ commits, outside }: Work): Verdict => {
  if (commits === null) return noWorkspace
  if (typeof outside === "string") return untold(outside)
  return { held: isNone(outside), found: isNone(outside) ? "nothing changed there" : outside.slice(0, 10).join("; ") }
}

export const makeExpectations = Effect.gen(function*() {
  const git = yield* Git
  const checks = yield* Checks
  const fs = yield* FileSystem.FileSystem
  const path = yield* Path.Path

  /** What of these has changed; the patterns are of the task's own directory. */
  const changed = Effect.fnUntraced(function*(
    { commits, cwd, top }: Work,
    patterns: ReadonlyArray<string>,
    magic: "glob" | "exclude,glob"
  ) {
    if (commits === null) return null
    const prefix = literally(path.relative(top, cwd).split(path.sep).join("/"))
    const specs = patterns.map((pattern) => `:(${magic})${prefix === "" ? "" : `${prefix}/`}${pattern}`)
    const found = yield* changesBetween(git, commits.checkout, commits.base, commits.head, specs)
    // What went elsewhere has changed in both places.
    return found.flatMap(({ from, path: name }) => from === undefined ? [name] : [from, name])
  })

  /** Where it really is, if that is not elsewhere. */
  const inside = Effect.fnUntraced(function*({ cwd, top }: Work, name: string) {
    const place = path.join(cwd, name)
    // A link that leads nowhere is none of these files.
    const real = yield* Effect.orElseSucceed(Effect.andThen(fs.lstat(place), fs.realPath(place)), () => null)
    if (real === null) return "missing"
    const home = yield* Effect.orElseSucceed(fs.realPath(top), () => top)
    return real === home || real.startsWith(`${home}${path.sep}`) ? "there" : "elsewhere"
  })

  const isThere = Effect.fnUntraced(function*(work: Work, name: string): Effect.fn.Return<Verdict, Failure> {
    const matched = isPattern(name)
      ? yield* Effect.orElseSucceed(fs.glob(name, { root: work.cwd, dot: true }), () => [])
      : []
    for (const candidate of [name, ...matched]) {
      const found = yield* inside(work, candidate)
      if (found === "there") return { held: true, found: `${cleanLine(candidate, 200)} is there` }
      if (found === "elsewhere" && candidate === name) return { held: false, found: "it leads out of the workspace" }
    }
    return { held: false, found: "it is not there" }
  })

  const exits = Effect.fnUntraced(function*(work: Work, command: string): Effect.fn.Return<Verdict, Failure> {
    if ((yield* inside(work, ".")) !== "there") {
      return untold("the directory that the task works in is gone, or leads elsewhere")
    }
    const end = yield* checks.run({ command, cwd: work.cwd, env: work.env, timeout: patience })
    const how = end.exitCode === null ? "it was ended by a signal" : `it exited with ${end.exitCode}`
    return { held: end.exitCode === 0, found: how, output: end.output.slice(-keptOutput) }
  }, (verdict) =>
    Effect.catch(verdict, (failure) =>
      failure.reason._tag === "TimedOut"
        ? Effect.succeed<Verdict>({ held: false, found: `it did not end within ${Duration.format(patience)}` })
        : failure))

  /** In the order in which they are declared in `Expect`. */
  const check = Effect.fnUntraced(function*(expect: Expect, work: Work) {
    const { answer, toolCalls } = work
    const all: ReadonlyArray<Effect.Effect<ExpectationResult>> = [
      ...(expect.changed ?? []).map((pattern) =>
        one(`${pattern} has changed`, whenChanged(changed(work, [pattern], "glob"), isSome))
      ),
      ...(expect.unchanged ?? []).map((pattern) =>
        one(`${pattern} has not changed`, whenChanged(changed(work, [pattern], "glob"), isNone))
      ),
      ...(expect.only === undefined ? [] : [
        one(
          expect.only.length === 0 ? "nothing has changed" : `nothing but ${expect.only.join(", ")} has changed`,
          whenChanged(changed(work, expect.only, "exclude,glob"), isNone)
        )
      ]),
      ...(expect.files ?? []).map((name) => one(`${name} is there`, isThere(work, name))),
      ...(expect.commands ?? []).map((command) => one(`\`${command}\` exits with 0`, exits(work, command))),
      ...(expect.toolCalls === undefined ? [] : [
        one(
          `at least ${expect.toolCalls} tool call${expect.toolCalls === 1 ? "" : "s"}`,
          Effect.succeed({
            held: toolCalls >= expect.toolCalls,
            found: toolCalls === 1 ? "there was 1" : `there were ${toolCalls}`
          })
        )
      ]),
      ...(expect.schema === undefined ? [] : [
        one(
          "a structured answer that fits the schema",
          // The CLI gives none that does not fit.
          Effect.succeed(
            answer.structured === undefined
              ? { held: false, found: "there is no structured answer" }
              : { held: true, found: "there is one" }
          )
        )
      ]),
      ...(expect.nothingOutside === undefined
        ? []
        : [one("nothing was written outside of the workspace", Effect.succeed(outsideOf(work)))])
    ]
    return yield* Effect.all(all)
  })

  return { check }
})
