/**
 * The commands that push a branch and ask for its review: printed, or run as the user would run them, with all that is the
 * user's own. Nowhere else is a git started that believes the configuration of a repository.
 */
import { Effect } from "effect"
import type { Failure } from "../domain/Failure.ts"
import type { MergeId } from "../domain/Merge.ts"
import { shellWords } from "../domain/ShellWords.ts"
import { Foreground } from "../services/Foreground.ts"
import { Machine } from "../services/Machine.ts"
import { Pool } from "../services/Pool.ts"
import { note, show } from "./Format.ts"
import { complain, Reported } from "./Reported.ts"

const runOne = Effect.fnUntraced(function*(words: ReadonlyArray<string>) {
  const { cwd } = yield* Machine
  const { run } = yield* Foreground
  const line = shellWords(words)
  yield* note(`$ ${line}`)
  const problem = yield* run(words, cwd)
  if (problem === null) return
  yield* complain({
    message: `\`${line}\` ${problem}`,
    hint: "what comes after it was not run; without --run, all of it is printed"
  })
  return yield* new Reported({ exitCode: 1 })
})

/** The exact commands of a landing, as words. */
export const publicationOf = (id: MergeId): Effect.Effect<ReadonlyArray<ReadonlyArray<string>>, Failure, Pool> =>
  Effect.flatMap(Pool, (pool) => pool.publication(id))

/** Runs them, one after the other. */
export const runPublication = (commands: ReadonlyArray<ReadonlyArray<string>>) =>
  Effect.forEach(commands, runOne, { discard: true })

/** Prints the commands of what has landed before, or runs them. */
export const publish = Effect.fnUntraced(function*(id: MergeId, { run }: { readonly run: boolean }) {
  const commands = yield* publicationOf(id)
  if (run) return yield* runPublication(commands)
  yield* show({ json: { id, commands }, text: commands.map(shellWords).join("\n") })
  return yield* note("nothing was run; --run runs it, with your own git and gh")
})
