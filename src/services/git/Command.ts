/**
 * One command of git's, from its start to its end.
 */
import { Duration, Effect, Option, Stream } from "effect"
import { ChildProcess, ChildProcessSpawner } from "effect/process"
import type { GitOptions } from "../Git.ts"
import { namesOf } from "./Names.ts"

export interface GitCommand {
  readonly args: ReadonlyArray<string>
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  readonly git: GitOptions
}

/** An end, good or bad. */
export interface GitEnd {
  /** Null: it was ended by a signal, or never ran. */
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
  readonly bytes: number
}

/** More than this is not kept of what it writes, and no answer where the whole of it was wanted. */
export const usualBytes = 64 * 2 ** 20

/** A pipe where git looks for a file would else be read for ever. */
const patience = Duration.minutes(10)

/** Who the pool's own commits are by. */
export const committer = { name: "claude-pool", email: "claude-pool@localhost" }

/**
 * Where programs of the machine are. A directory that is relative, or one of a package's programs, is within reach of
 * whoever writes in a repository: no `git` of theirs is found there.
 */
const searched = (path: string): string =>
  path.split(":").filter((place) => place.startsWith("/") && !/\/node_modules\/\.bin\/*$/.test(place)).join(":")

/**
 * What every command of ours sees, and nothing else: no configuration of the machine or of the user, nobody to ask, no
 * network, no objects in place of others.
 */
export const ownEnvironment = (user: Readonly<Record<string, string>>): Readonly<Record<string, string>> => ({
  PATH: searched(user["PATH"] ?? ""),
  ...(user["TMPDIR"] === undefined ? {} : { TMPDIR: user["TMPDIR"] }),
  LC_ALL: "C",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_SYSTEM: "/dev/null",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_ATTR_NOSYSTEM: "1",
  GIT_TERMINAL_PROMPT: "0",
  GIT_OPTIONAL_LOCKS: "0",
  GIT_NO_LAZY_FETCH: "1",
  GIT_NO_REPLACE_OBJECTS: "1",
  GIT_ALLOW_PROTOCOL: "none",
  GIT_PAGER: "cat",
  GIT_EDITOR: "false",
  GIT_SEQUENCE_EDITOR: "false",
  GIT_ASKPASS: "false",
  GIT_SSH_COMMAND: "false",
  GIT_AUTHOR_NAME: committer.name,
  GIT_AUTHOR_EMAIL: committer.email,
  GIT_COMMITTER_NAME: committer.name,
  GIT_COMMITTER_EMAIL: committer.email
})

const withTwo = new Set(["worktree", "submodule", "stash", "remote"])

/** What the command is called: `worktree add`. A setting or a place before it is no part of that. */
export const verbOf = (args: ReadonlyArray<string>): string => {
  const words = args.filter((arg, at) => !arg.startsWith("-") && !["-c", "-C"].includes(args[at - 1] ?? ""))
  return words.slice(0, withTwo.has(words[0] ?? "") ? 2 : 1).join(" ")
}

interface Kept {
  readonly parts: ReadonlyArray<Uint8Array>
  readonly kept: number
  readonly bytes: number
}

const keep = (most: number) => ({ bytes, kept, parts }: Kept, part: Uint8Array): Kept => {
  const room = most - kept
  const some = part.length <= room ? part : part.subarray(0, room)
  return { parts: some.length === 0 ? parts : [...parts, some], kept: kept + some.length, bytes: bytes + part.length }
}

const wholeOf = ({ kept, parts }: Kept): Uint8Array => {
  const whole = new Uint8Array(kept)
  parts.reduce((at, part) => {
    whole.set(part, at)
    return at + part.length
  }, 0)
  return whole
}

const textOf = (kept: Kept): string => new TextDecoder().decode(wholeOf(kept))

const nothing: Kept = { parts: [], kept: 0, bytes: 0 }

/** It takes its locks away when it is asked to end, so it is asked before it is killed. */
export const runGit = Effect.fnUntraced(
  function*({ args, cwd, env, git }: GitCommand): Effect.fn.Return<
    GitEnd,
    never,
    ChildProcessSpawner.ChildProcessSpawner
  > {
    const { input, mostBytes = usualBytes } = git
    const bytes = typeof input === "string" ? new TextEncoder().encode(input) : input
    return yield* Effect.scoped(Effect.gen(function*() {
      const spawner = yield* ChildProcessSpawner.ChildProcessSpawner
      const child = yield* spawner.spawn(
        ChildProcess.make("git", args, {
          cwd,
          env,
          stdin: bytes === undefined ? "ignore" : { stream: Stream.make(bytes), endOnDone: true },
          forceKillAfter: "5 seconds"
        })
      )
      const [out, err] = yield* Effect.all([
        Stream.runFold(child.stdout, () => nothing, keep(mostBytes)),
        Stream.runFold(child.stderr, () => nothing, keep(64 * 2 ** 10))
      ], { concurrency: 2 })
      const exit = yield* Effect.exit(child.exitCode)
      return {
        exitCode: exit._tag === "Success" ? exit.value : null,
        stdout: git.names === "bytes" ? namesOf(wholeOf(out)) : textOf(out),
        stderr: textOf(err),
        bytes: out.bytes
      }
    })).pipe(
      Effect.timeoutOption(git.patience ?? patience),
      Effect.map(Option.getOrElse((): GitEnd => ({
        exitCode: null,
        stdout: "",
        stderr: `it had not ended after ${Duration.format(git.patience ?? patience)}`,
        bytes: 0
      }))),
      Effect.catch(({ message }) => Effect.succeed({ exitCode: null, stdout: "", stderr: message, bytes: 0 }))
    )
  }
)
